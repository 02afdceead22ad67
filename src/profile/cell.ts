// Where a value of a column falls among groups of its frozen bins or categories.
import { binOf } from '../sketch/binning.ts';
import { nameLengthMax } from '../sketch/category-summary.ts';
import type { Coarsening } from '../sketch/coarsen.ts';
import { categoryText } from '../sketch/dictionary.ts';
import type { PredictionEvent } from './event.ts';
import { type ColumnSpec, predictionColumn, scoreColumn } from './schema.ts';

/** The raw value of a column in an event. */
export function columnValue(event: PredictionEvent, name: string): unknown {
  if (name === predictionColumn) return event.prediction;
  return name === scoreColumn ? event.score : event.features[name];
}

/**
 * The group of a value, as profiles count it: group `size` is for what has no value of the column's kind, the next one for
 * what the baseline has no row of.
 */
export function cellOf(spec: ColumnSpec, { groups, size }: Coarsening, value: unknown): number {
  const missing = size;
  const unseen = size + 1;
  let fine: number | undefined;
  if (spec.kind === 'numeric') {
    if (typeof value !== 'number' || !Number.isFinite(value)) return missing;
    fine = spec.binning && binOf(spec.binning, value);
  } else {
    const isNumber = typeof value === 'number' && Number.isFinite(value);
    if (!isNumber && typeof value !== 'string' && typeof value !== 'boolean') return missing;
    const index = spec.dictionary?.index;
    fine = index?.get(value) ?? index?.get(categoryText(value).slice(0, nameLengthMax));
  }
  const group = fine === undefined ? -1 : groups[fine]!;
  return group < 0 ? unseen : group;
}
