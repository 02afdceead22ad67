// The metrics of a classification into several classes, from its confusion matrix, losses and scores.
import { sumValue } from '../sketch/exact-sum.ts';
import { readScores, rowsIn, type ScoreCounts } from '../sketch/score-counts.ts';
import { type Interval, normalInterval, shareInterval } from '../stats/interval.ts';
import { rocArea } from '../stats/ranking.ts';
import { expectedCalibrationError, reliability, scoredRows } from './calibration.ts';
import { type Metrics, meanMetric, metric } from './metric.ts';
import type { ClassTally } from './tally.ts';

/** Rows by true class, then by predicted class; expected numbers where truth is estimated. */
export interface ClassConfusion {
  readonly classes: number;
  readonly confusion: Float64Array;
}

export interface ClassRates {
  readonly support: number;
  readonly predicted: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** Precision, recall and F1 of every class, 0 where nothing is to be divided; undefined for a class that does not occur. */
export function classRates({ classes, confusion }: ClassConfusion): (ClassRates | undefined)[] {
  return Array.from({ length: classes }, (_, i) => {
    const right = confusion[i * classes + i]!;
    let [support, predicted] = [0, 0];
    for (let j = 0; j < classes; j++) {
      support += confusion[i * classes + j]!;
      predicted += confusion[j * classes + i]!;
    }
    if (support + predicted === 0) return undefined;
    return {
      support,
      predicted,
      precision: predicted === 0 ? 0 : right / predicted,
      recall: support === 0 ? 0 : right / support,
      f1: (2 * right) / (support + predicted),
    };
  });
}

/** The averages of a confusion matrix; undefined without rows. */
export function averagedRates(matrix: ClassConfusion) {
  const rates = classRates(matrix).filter((rate) => rate !== undefined);
  const n = rates.reduce((sum, { support }) => sum + support, 0);
  if (n === 0) return undefined;
  const macro = (name: 'precision' | 'recall' | 'f1') =>
    rates.reduce((sum, rate) => sum + rate[name], 0) / rates.length;
  const weighted = (name: 'precision' | 'recall' | 'f1') =>
    rates.reduce((sum, rate) => sum + rate.support * rate[name], 0) / n;
  let right = 0;
  for (let i = 0; i < matrix.classes; i++) right += matrix.confusion[i * matrix.classes + i]!;
  return {
    accuracy: right / n,
    micro_f1: right / n,
    macro_precision: macro('precision'),
    macro_recall: macro('recall'),
    macro_f1: macro('f1'),
    weighted_precision: weighted('precision'),
    weighted_recall: weighted('recall'),
    weighted_f1: weighted('f1'),
  };
}

export type AveragedRates = NonNullable<ReturnType<typeof averagedRates>>;
export const averagedNames = [
  'accuracy',
  'micro_f1',
  'macro_precision',
  'macro_recall',
  'macro_f1',
  'weighted_precision',
  'weighted_recall',
  'weighted_f1',
] as const satisfies readonly (keyof AveragedRates)[];

/**
 * All metrics of labelled rows. Intervals of the averages are those of the delta method for a multinomial confusion matrix
 * (K. Takahashi, K. Yamamoto, A. Kuchiba, T. Koyama, Applied Intelligence 52, 2022), Wilson's for the accuracy. The
 * constant answer is the most frequent class, for the losses the shares of the classes.
 */
export function multiclassMetrics(
  tally: ClassTally,
  scores: ScoreCounts,
  oneVsRest: readonly ScoreCounts[],
  z: number,
): Metrics {
  const rates = averagedRates(tally);
  const supports = supportsOf(tally);
  const constants = averagedRates(constantConfusion(supports));
  const n = supports.reduce((sum, rows) => sum + rows, 0);
  const averages = Object.fromEntries(
    averagedNames.map((name) => [
      name,
      metric(rates?.[name], rates && averageInterval(tally, name, rates[name], n, z), constants?.[name]),
    ]),
  );
  const shares = supports.map((rows) => rows / n).filter((share) => share > 0);
  const entropy = n === 0 ? undefined : -shares.reduce((sum, share) => sum + share * Math.log(share), 0);
  const impurity = n === 0 ? undefined : 1 - shares.reduce((sum, share) => sum + share * share, 0);
  const { scored, sums } = tally;
  const bins = reliability(scoredRows(readScores(scores)));
  return {
    ...averages,
    roc_auc_ovr: metric(meanArea(oneVsRest), undefined, 0.5),
    log_loss: meanMetric(scored, sumValue(sums.logLoss), sumValue(sums.logLossSquares), z, entropy),
    brier: meanMetric(scored, sumValue(sums.brier), sumValue(sums.brierSquares), z, impurity),
    ece: metric(expectedCalibrationError(bins), undefined, n === 0 ? undefined : 0),
  };
}

function supportsOf({ classes, confusion }: ClassConfusion): number[] {
  return Array.from({ length: classes }, (_, i) =>
    confusion.subarray(i * classes, (i + 1) * classes).reduce((sum, rows) => sum + rows, 0),
  );
}

/** The confusion matrix of a model that always answers with the most frequent class. */
function constantConfusion(supports: readonly number[]): ClassConfusion {
  const classes = supports.length;
  const confusion = new Float64Array(classes * classes);
  const most = supports.indexOf(Math.max(...supports));
  supports.forEach((rows, i) => {
    confusion[i * classes + most] = rows;
  });
  return { classes, confusion };
}

/** How far a cell is moved to see how an average follows it, as a share of the rows. */
const nudge = 1e-6;

function averageInterval(
  matrix: ClassConfusion,
  name: keyof AveragedRates,
  value: number,
  n: number,
  z: number,
): Interval {
  if (name === 'accuracy' || name === 'micro_f1') return shareInterval(Math.round(value * n), n, z);
  const { classes, confusion } = matrix;
  let [mean, square] = [0, 0];
  confusion.forEach((rows, cell) => {
    if (rows === 0) return;
    const moved = confusion.slice();
    moved[cell]! += nudge * n;
    // The average is a function of shares: adding to one cell takes from all others in proportion, which the variance of a
    // multinomial does not notice.
    const slope = (averagedRates({ classes, confusion: moved })![name] - value) / nudge;
    mean += (rows / n) * slope;
    square += (rows / n) * slope * slope;
  });
  const { lower, upper } = normalInterval(value, Math.sqrt(Math.max(0, square - mean * mean) / n), z);
  return { lower: Math.max(0, lower), upper: Math.min(1, upper) };
}

/** Undefined unless every class occurs, and others beside it. */
function meanArea(oneVsRest: readonly ScoreCounts[]): number | undefined {
  let sum = 0;
  for (const counts of oneVsRest) {
    const steps = readScores(counts);
    const area = rocArea({ positives: rowsIn(steps, [1]), negatives: rowsIn(steps, [0]) });
    if (area === undefined) return undefined;
    sum += area;
  }
  return oneVsRest.length === 0 ? undefined : sum / oneVsRest.length;
}
