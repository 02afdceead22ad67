// What is remembered of one (model, version, segment, window): a count of rows and a summary of every column.
import {
  copyCategorySummary,
  emptyCategorySummary,
  mergeCategorySummaries,
  observeCategory,
} from '../sketch/category-summary.ts';
import {
  copyNumericSummary,
  emptyNumericSummary,
  mergeNumericSummaries,
  observeNumber,
  withoutBins,
} from '../sketch/numeric-summary.ts';
import {
  copyScoreCounts,
  countScore,
  emptyScoreCounts,
  mergeScoreCounts,
  type ScoreCounts,
} from '../sketch/score-counts.ts';
import type { CategoricalColumn, Column, NumericColumn } from './column.ts';
import type { PredictionEvent } from './event.ts';
import {
  type ColumnSpec,
  classOf,
  countedScore,
  isScore,
  type ModelSchema,
  predictionColumn,
  scoreColumn,
} from './schema.ts';

export interface Profile {
  /** Content hash of the baseline whose bins the columns carry; empty when they carry none. */
  readonly baselineHash: string;
  rows: number;
  /** Feature values in events whose names the schema does not know. */
  unknownFeatures: number;
  readonly columns: Column[];
  /** Scores by predicted class: what quality is estimated from. Undefined where the classes are not known. */
  scores: ScoreCounts | undefined;
}

/** A profile of the schema's columns that has seen nothing. */
export function emptyProfile(schema: ModelSchema): Profile {
  return {
    baselineHash: schema.baselineHash,
    rows: 0,
    unknownFeatures: 0,
    columns: schema.columns.map(emptyColumn),
    scores: schema.classes && emptyScoreCounts(schema.classes.names.length),
  };
}

/** A column that has seen nothing. */
export function emptyColumn(spec: ColumnSpec): Column {
  if (spec.kind === 'categorical')
    return { kind: 'categorical', missing: 0, invalid: 0, summary: emptyCategorySummary(spec.dictionary) };
  const summary = emptyNumericSummary(spec.binning, spec.countsDistinct);
  return { kind: 'numeric', missing: 0, invalid: 0, nonfinite: 0, summary };
}

/** Folds one prediction into its window's profile. A value that does not fit its column is counted there; it never costs the event. */
export function observePrediction(profile: Profile, schema: ModelSchema, event: PredictionEvent): void {
  profile.rows += 1;
  const { columns } = profile;
  let next = observeInOrder(profile, schema, event.features);
  let known = next;
  for (; next < columns.length; next++) {
    const { name } = schema.columns[next]!;
    const column = columns[next]!;
    if (name === predictionColumn) observeValue(column, event.prediction);
    else if (name === scoreColumn) observeValue(column, event.score);
    else {
      const value = event.features[name];
      if (value !== undefined && !isInherited(value)) {
        known += 1;
        observeValue(column, value);
      } else {
        column.missing += 1;
        // A reader of files may bring a name without a value: that is no unknown feature.
        if (Object.hasOwn(event.features, name)) known += 1;
      }
    }
  }
  let names = 0;
  for (const _ in event.features) names += 1;
  profile.unknownFeatures += names - known;
  if (profile.scores !== undefined && isScore(event.score)) {
    const predicted = classOf(schema, event.prediction);
    if (predicted >= 0) countScore(profile.scores, countedScore(schema, event.score), predicted);
  }
}

/**
 * Observes features for as long as they come in the order of the columns, as they do from a producer that the baseline was
 * built of: walking an object's own names is several times faster than looking each of them up. Returns how many columns
 * are done.
 */
function observeInOrder(
  profile: Profile,
  schema: ModelSchema,
  features: PredictionEvent['features'],
): number {
  let next = 0;
  for (const name in features) {
    if (schema.columns[next]?.name !== name || name === predictionColumn || name === scoreColumn) break;
    observeValue(profile.columns[next]!, features[name]);
    next += 1;
  }
  return next;
}

/** A feature may be called `toString` or `__proto__`; what an object inherits under such a name is not a value of the event. */
function isInherited(value: unknown): boolean {
  return typeof value === 'function' || value === Object.prototype;
}

/** Observes one value of a column: a number, a category, or one of the counters of what is neither. */
export function observeValue(column: Column, value: unknown): void {
  if (value === null || value === undefined) column.missing += 1;
  else if (column.kind === 'numeric') observeNumeric(column, value);
  else observeCategorical(column, value);
}

function observeNumeric(column: NumericColumn, value: unknown): void {
  if (typeof value === 'number') {
    if (Number.isFinite(value)) observeNumber(column.summary, value);
    else column.nonfinite += 1;
  } else if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') {
    // JSON has no literal for these; producers write them as text.
    column.nonfinite += 1;
  } else column.invalid += 1;
}

function observeCategorical(column: CategoricalColumn, value: unknown): void {
  if (typeof value === 'string' || typeof value === 'boolean') observeCategory(column.summary, value);
  else if (typeof value === 'number' && Number.isFinite(value)) observeCategory(column.summary, value);
  else column.invalid += 1;
}

/**
 * One profile of all parts, in their order; the parts stay as they are. Bins that different baselines froze are never
 * mixed: then the merged profile carries none, and its digests are binned anew when it is compared.
 */
export function mergedProfile(parts: readonly [Profile, ...Profile[]]): Profile {
  const [first, ...others] = parts;
  const sameBins = others.every((part) => part.baselineHash === first.baselineHash);
  const merged = sameBins ? copyProfile(first) : unbinned(first);
  for (const part of others) mergeProfiles(merged, sameBins ? part : unbinned(part));
  return merged;
}

function copyProfile(profile: Profile): Profile {
  return {
    ...profile,
    columns: profile.columns.map(copyColumn),
    scores: profile.scores && copyScoreCounts(profile.scores),
  };
}

function copyColumn(column: Column): Column {
  return column.kind === 'numeric'
    ? { ...column, summary: copyNumericSummary(column.summary) }
    : { ...column, summary: copyCategorySummary(column.summary) };
}

function unbinned(profile: Profile): Profile {
  const columns = profile.columns.map(
    (column): Column =>
      column.kind === 'numeric' ? { ...column, summary: withoutBins(column.summary) } : copyColumn(column),
  );
  return { ...profile, baselineHash: '', columns, scores: profile.scores && copyScoreCounts(profile.scores) };
}

/** Adds `from` to `into`, which it changes; both carry bins of the same baseline. Counts add exactly, digests within their bound. */
export function mergeProfiles(into: Profile, from: Profile): void {
  into.rows += from.rows;
  into.unknownFeatures += from.unknownFeatures;
  for (let i = 0; i < into.columns.length; i++) mergeColumns(into.columns[i]!, from.columns[i]!);
  if (into.scores !== undefined && from.scores !== undefined) mergeScoreCounts(into.scores, from.scores);
  else into.scores = undefined;
}

function mergeColumns(into: Column, from: Column): void {
  into.missing += from.missing;
  into.invalid += from.invalid;
  if (into.kind === 'numeric' && from.kind === 'numeric') {
    into.nonfinite += from.nonfinite;
    mergeNumericSummaries(into.summary, from.summary);
  } else if (into.kind === 'categorical' && from.kind === 'categorical') {
    mergeCategorySummaries(into.summary, from.summary);
  }
}
