// What is remembered of the labelled predictions of one (model, version, segment, window).
//
// Whole numbers and exact sums alone, so that labels in any order, repeated and corrected, end in the same bytes. The window
// is that of the prediction's event time.

import { cellOf } from '../profile/cell.ts';
import type { ModelSchema } from '../profile/schema.ts';
import { addExactly, copySum, type ExactSum, emptySum, mergeSums } from '../sketch/exact-sum.ts';
import {
  copyBuckets,
  countBucketed,
  emptyBuckets,
  type LogBuckets,
  mergeBuckets,
} from '../sketch/log-buckets.ts';
import {
  copyScoreCounts,
  countScore,
  emptyScoreCounts,
  mergeScoreCounts,
  type ScoreCounts,
} from '../sketch/score-counts.ts';
import { type Grouping, labelGroupOf, tableLength, tableRow } from './grouping.ts';
import { type AwaitedPrediction, leadingScore, type Outcome, type TimedLabel } from './outcome.ts';
import { copyTally, countInTally, emptyTally, mergeTallies, type Tally } from './tally.ts';

/** How long after a prediction its label may have come to be in the tally of an age: an hour, a day, a week. */
export const labelAgesMs = [3_600_000, 86_400_000, 604_800_000] as const;

/** With more classes there are no curves of one class against the rest. */
const curvesMax = 20;

export interface LabelledProfile {
  /** Content hash of the baseline that `bound` belongs to; empty where there is none. */
  baselineHash: string;
  /** Predictions that labels are joined with: all of them, or a sample. */
  awaited: number;
  labelled: number;
  /** Of those: the latest label differs from the first; the label, or the prediction, names a class that nobody knows. */
  corrected: number;
  unknown: number;
  /** Milliseconds from the prediction to its first label. */
  readonly delays: LogBuckets;
  /**
   * What became known up to each of `labelAgesMs`, less what was known at the one before, and what became known later: a
   * correction takes away there what was counted before. Together they are the whole.
   */
  readonly tallies: readonly Tally[];
  /** Leading score by predicted class, and by truth: the true class of a binary model, else whether it was right. */
  readonly scores: ScoreCounts | undefined;
  /** For every class of a multiclass model: its score, by whether it was the true one. */
  readonly oneVsRest: readonly ScoreCounts[];
  /** Prediction less label. */
  readonly residuals: LogBuckets | undefined;
  /** Undefined without a grouping, and where parts of different baselines were merged. */
  bound: BoundCounts | undefined;
}

/** Counts that belong to a baseline. */
export interface BoundCounts {
  /** Labelled rows by column, group and label group: `tableRow`. */
  readonly table: Float64Array;
  /** Sum of the distances of the labels from the median of the baseline's. */
  readonly constantError: ExactSum;
}

/** What accumulators need to know of the model. */
export interface LabelledSpec {
  readonly schema: ModelSchema;
  readonly grouping: Grouping | undefined;
  /** Median of the baseline's labels; 0 where there is none. */
  readonly median: number;
}

/** A profile that has seen nothing. */
export function emptyLabelled({ schema, grouping }: LabelledSpec): LabelledProfile {
  const { task } = schema;
  const classes = task === 'regression' ? undefined : (schema.classes?.names.length ?? 0);
  const curves = task === 'multiclass' && classes !== undefined && classes <= curvesMax ? classes : 0;
  return {
    baselineHash: grouping === undefined ? '' : schema.baselineHash,
    ...{ awaited: 0, labelled: 0, corrected: 0, unknown: 0 },
    delays: emptyBuckets(),
    tallies: [...labelAgesMs, Infinity].map(() => emptyTally(classes)),
    scores: classes === undefined ? undefined : emptyScoreCounts(2 * classes),
    oneVsRest: Array.from({ length: curves }, () => emptyScoreCounts(2)),
    residuals: classes === undefined ? emptyBuckets() : undefined,
    bound: grouping && { table: new Float64Array(tableLength(grouping)), constantError: emptySum() },
  };
}

/** Counts a prediction that labels may come for. */
export function countAwaited(profile: LabelledProfile): void {
  profile.awaited += 1;
}

/** Counts an outcome, or takes it away where `times` is -1: exactly what it added. */
export function countOutcome(
  profile: LabelledProfile,
  spec: LabelledSpec,
  outcome: Outcome,
  times: 1 | -1 = 1,
): void {
  const { prediction, first, latest } = outcome;
  profile.labelled += times;
  if (first.value !== latest.value) profile.corrected += times;
  countBucketed(profile.delays, ageOf(first, prediction), times);
  countByAge(profile.tallies, spec, outcome, times);
  if (!isKnown(spec, prediction, latest)) {
    profile.unknown += times;
    return;
  }
  countCurves(profile, spec, prediction, latest.value, times);
  if (profile.bound !== undefined) countBound(profile.bound, spec, prediction, latest.value, times);
}

function countByAge(tallies: readonly Tally[], spec: LabelledSpec, outcome: Outcome, times: 1 | -1): void {
  const { prediction, latest } = outcome;
  let before: number | undefined;
  tallies.forEach((tally, i) => {
    const age = labelAgesMs[i];
    const label = age === undefined ? latest : knownAt(outcome, age);
    const value = label !== undefined && isKnown(spec, prediction, label) ? label.value : undefined;
    if (value === before) return;
    if (before !== undefined) countInTally(tally, prediction, before, times === 1 ? -1 : 1);
    if (value !== undefined) countInTally(tally, prediction, value, times);
    before = value;
  });
}

/** What was known at each of `labelAgesMs`, and what is known now. */
export function knownTallies({ tallies }: LabelledProfile): { readonly byAge: Tally[]; readonly now: Tally } {
  const known = copyTally(tallies[0]!);
  const byAge = [copyTally(known)];
  for (const later of tallies.slice(1)) {
    mergeTallies(known, later);
    byAge.push(copyTally(known));
  }
  return { byAge: byAge.slice(0, -1), now: known };
}

function ageOf(label: TimedLabel, prediction: AwaitedPrediction): number {
  return Math.max(0, label.timestamp - prediction.timestamp);
}

/** The label as it was known `age` milliseconds after the prediction. */
function knownAt({ prediction, first, latest }: Outcome, age: number): TimedLabel | undefined {
  if (ageOf(latest, prediction) <= age) return latest;
  return ageOf(first, prediction) <= age ? first : undefined;
}

/** A number always is; a class has to be one that the schema knows. */
function isKnown({ schema }: LabelledSpec, prediction: AwaitedPrediction, label: TimedLabel): boolean {
  return schema.task === 'regression' || (prediction.value >= 0 && label.value >= 0);
}

function countCurves(
  profile: LabelledProfile,
  { schema }: LabelledSpec,
  prediction: AwaitedPrediction,
  label: number,
  times: 1 | -1,
): void {
  if (profile.residuals !== undefined) countBucketed(profile.residuals, prediction.value - label, times);
  const score = leadingScore(prediction);
  if (score === undefined || profile.scores === undefined) return;
  countScore(profile.scores, score, scoreCell(schema, prediction, label), times);
  if (prediction.scores.length !== profile.oneVsRest.length) return;
  profile.oneVsRest.forEach((counts, i) => {
    countScore(counts, prediction.scores[i]!, Number(label === i), times);
  });
}

/** The cell of a labelled prediction among those of `scores`; both classes are known ones. */
export function scoreCell({ task }: ModelSchema, { value }: AwaitedPrediction, label: number): number {
  return 2 * value + (task === 'binary' ? label : Number(label === value));
}

function countBound(
  { table, constantError }: BoundCounts,
  { grouping, median, schema }: LabelledSpec,
  prediction: AwaitedPrediction,
  label: number,
  times: 1 | -1,
): void {
  if (schema.task === 'regression') addExactly(constantError, times * Math.abs(label - median));
  const { features, output, labels } = grouping!;
  const group = labelGroupOf(labels, prediction.value, label);
  // Groups of another baseline mean other values.
  if (prediction.tag === grouping!.tag) {
    prediction.groups.forEach((code, column) => {
      table[tableRow(grouping!, column, code) + group]! += times;
    });
  }
  if (output === undefined) return;
  const code = cellOf(output.spec, output.coarsening, prediction.value);
  table[tableRow(grouping!, features.length, code) + group]! += times;
}

/** Adds `from` to `into`; `from` stays as it is. Exact, in any order; counts of different baselines are dropped. */
export function mergeLabelled(into: LabelledProfile, from: LabelledProfile): void {
  into.awaited += from.awaited;
  into.labelled += from.labelled;
  into.corrected += from.corrected;
  into.unknown += from.unknown;
  mergeBuckets(into.delays, from.delays);
  into.tallies.forEach((tally, i) => {
    mergeTallies(tally, from.tallies[i]!);
  });
  if (into.scores !== undefined && from.scores !== undefined) mergeScoreCounts(into.scores, from.scores);
  into.oneVsRest.forEach((counts, i) => {
    mergeScoreCounts(counts, from.oneVsRest[i]!);
  });
  if (into.residuals !== undefined && from.residuals !== undefined)
    mergeBuckets(into.residuals, from.residuals);
  if (into.bound === undefined || from.bound === undefined || into.baselineHash !== from.baselineHash) {
    into.bound = undefined;
    into.baselineHash = '';
    return;
  }
  const { table, constantError } = into.bound;
  for (let i = 0; i < table.length; i++) table[i]! += from.bound.table[i]!;
  mergeSums(constantError, from.bound.constantError);
}

/** A profile of its own with the same content. */
export function copyLabelled(profile: LabelledProfile): LabelledProfile {
  const { delays, tallies, scores, oneVsRest, residuals, bound } = profile;
  return {
    ...profile,
    delays: copyBuckets(delays),
    tallies: tallies.map(copyTally),
    scores: scores && copyScoreCounts(scores),
    oneVsRest: oneVsRest.map(copyScoreCounts),
    residuals: residuals && copyBuckets(residuals),
    bound: bound && { table: bound.table.slice(), constantError: copySum(bound.constantError) },
  };
}
