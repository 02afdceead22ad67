// Driftline's own rule with the defaults of its configuration, on the code that decides in production.
import { alertPolicyOf } from '../../../src/app/alert-policy.ts';
import { parseSettings } from '../../../src/config/settings.ts';
import { planChunks } from '../../../src/drift/chunk-plan.ts';
import { type PreparedBaseline, prepareBaseline } from '../../../src/drift/prepared-baseline.ts';
import {
  chunkSizes,
  emptyReferenceChunks,
  observeReferenceRow,
} from '../../../src/drift/reference-chunks.ts';
import type { DriftPolicy, WindowResult } from '../../../src/drift/result.ts';
import type { Column } from '../../../src/profile/column.ts';
import { emptyProfile, type Profile } from '../../../src/profile/profile.ts';
import { observeCategory } from '../../../src/sketch/category-summary.ts';
import { observeNumber, readNumeric } from '../../../src/sketch/numeric-summary.ts';
import { baselineOf, evaluate, type Values } from '../../drift/build.ts';
import { randomFor, shuffled } from '../study-draws.ts';
import type { CategoryRule, Rule } from './rule.ts';

/** What is decided where nothing is configured: verdicts of windows, and incidents. */
export const defaults = readDefaults();

function readDefaults() {
  const text = 'models:\n  - {name: study, task: binary, features: {x: numeric}}\n';
  const parsed = parseSettings({ files: [{ path: 'study.yaml', text }], env: {}, flags: [] });
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('; '));
  const { settings } = parsed;
  const [model] = settings.models;
  return { drift: model!.drift, alerts: alertPolicyOf(model!, settings) };
}

/** One column of values: numbers, names of categories, or null. */
export type ColumnValues = Float64Array | readonly (number | string | null)[];

/** Rows come one by one, 1,000 an hour, from the beginning of a day. */
const rowMs = 3_600;

/** A baseline of these columns, which have equally many rows, with its chunks: as `driftline baseline build` makes it. */
export function driftlineBaseline(columns: ReadonlyMap<string, ColumnValues>): PreparedBaseline {
  const named = [...columns];
  const count = named[0]![1].length;
  const rows = Array.from(
    { length: count },
    (_, i): Values => Object.fromEntries(named.map(([name, values]) => [name, values[i]])),
  );
  const kinds = named.map(([name, values]) => [name, isNumeric(values) ? 'numeric' : 'categorical'] as const);
  const baseline = baselineOf(rows, kinds);
  const { schema, profile } = baseline;
  const chunks = emptyReferenceChunks(
    planChunks(count, schema.columns.length, {
      sorted: Float64Array.from({ length: count }, (_, row) => row * rowMs),
      inOrder: true,
    }),
    schema,
    profile.columns.map(fineCounts),
  );
  rows.forEach((features, row) => {
    observeReferenceRow(chunks, { ...unnamedEvent, timestamp: row * rowMs, features }, row);
  });
  return prepareBaseline({ ...baseline, chunks: chunkSizes(chunks, profile) });
}

const unnamedEvent = {
  kind: 'prediction',
  predictionId: '',
  model: 'model',
  modelVersion: '1',
  timestamp: 0,
  prediction: undefined,
  score: undefined,
} as const;

/** Rows per fine bin or category. */
function fineCounts(column: Column): Float64Array {
  if (column.kind === 'categorical') return column.summary.counts;
  return readNumeric(column.summary).bins!.counts;
}

function isNumeric(values: ColumnValues): boolean {
  return values instanceof Float64Array || !values.some((value) => typeof value === 'string');
}

/** The profile of a window of these columns, in the order of the baseline's. */
export function driftlineProfile({ baseline }: PreparedBaseline, columns: readonly ColumnValues[]): Profile {
  const profile = emptyProfile(baseline.schema);
  profile.rows = columns[0]!.length;
  columns.forEach((values, i) => {
    const column = profile.columns[i]!;
    for (const value of values) {
      if (value === null) column.missing += 1;
      else if (column.kind === 'numeric') observeNumber(column.summary, value as number);
      else observeCategory(column.summary, value as string);
    }
  });
  return profile;
}

/** The verdict on a window of these columns. */
export function driftlineResult(
  baseline: PreparedBaseline,
  columns: readonly ColumnValues[],
  policy: DriftPolicy = defaults.drift,
): WindowResult {
  return evaluate(baseline, driftlineProfile(baseline, columns), policy);
}

const source = 'src/drift/evaluate.ts';

function numericRule(
  id: string,
  label: string,
  policy: DriftPolicy,
  orderOf: (values: Float64Array) => Float64Array = (values) => values,
): Rule {
  return {
    id,
    vendor: 'Driftline',
    label,
    source,
    prepare: ({ values }, windowRows) => {
      if (windowRows < policy.minCount) return undefined;
      const baseline = driftlineBaseline(new Map([['x', orderOf(values)]]));
      return (window) => driftlineResult(baseline, [window.values], policy).driftedColumns > 0;
    },
  };
}

/** The default: windows of fewer than `drift.min_count` rows are not judged. */
export const driftlineDefault = numericRule(
  'driftline',
  'PSI above 0.1 and above its noise floor (default)',
  defaults.drift,
);

/** The same without the least number of rows: what the noise floor does by itself. */
export const driftlineAnySize = numericRule('driftline_any_size', 'the same, `min_count: 1`', {
  ...defaults.drift,
  minCount: 1,
});

/** The default on a baseline whose rows come in random order, so that its chunks are as independent rows would be. */
export const driftlineShuffled = numericRule(
  'driftline_shuffled',
  'the same, rows of the baseline in random order',
  defaults.drift,
  (values) => shuffled(values, randomFor('order of the baseline')),
);

/** The name of a category by its number. */
export function categoryName(index: number): string {
  return `category ${index}`;
}

function rowsOf(counts: Float64Array): string[] {
  return Array.from(counts).flatMap((count, i) => new Array<string>(count).fill(categoryName(i)));
}

function categoryRule(id: string, label: string, policy: DriftPolicy): CategoryRule {
  return {
    id,
    vendor: 'Driftline',
    label,
    source,
    prepare: (counts, windowRows) => {
      if (windowRows < policy.minCount) return undefined;
      const baseline = driftlineBaseline(new Map([['x', rowsOf(counts)]]));
      return (window) => driftlineResult(baseline, [rowsOf(window)], policy).driftedColumns > 0;
    },
  };
}

/** The default for categories, which is the default for numbers. */
export const driftlineCategories = categoryRule(
  'driftline_categories',
  driftlineDefault.label,
  defaults.drift,
);

/** The same without the least number of rows. */
export const driftlineCategoriesAnySize = categoryRule(
  'driftline_categories_any_size',
  driftlineAnySize.label,
  {
    ...defaults.drift,
    minCount: 1,
  },
);
