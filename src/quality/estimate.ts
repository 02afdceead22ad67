// How well a classification does, before any label: what its own scores, calibrated by the baseline, let expect.
//
// Confidence-based performance estimation (CBPE), as NannyML describes it: each prediction counts as true with its calibrated
// probability. It holds as long as the scores mean what they meant in the baseline; where labels follow other rules now, it
// is wrong, and `estimator-bias.ts` says by how much once labels are there.
import type { CalibrationMaps } from '../profile/reference-quality.ts';
import { rowsIn, type ScoreSteps } from '../sketch/score-counts.ts';
import { type Interval, logitInterval, normalInterval } from '../stats/interval.ts';
import { averagePrecision, hanleyVariance, rocArea } from '../stats/ranking.ts';
import { averagePrecisionInterval, type BinaryConfusion, confusionRates } from './binary-metrics.ts';
import { type Calibrated, calibrated, expectationVariance } from './calibration.ts';
import { type Metric, type MetricName, type Metrics, metric } from './metric.ts';
import { type AveragedRates, averagedNames, averagedRates } from './multiclass-metrics.ts';

/** Expected metrics; their intervals are the spread of what labels would show, and of the calibration itself. */
export interface QualityEstimate {
  readonly metrics: Metrics;
  /** Expected rows by true class, then by predicted class. */
  readonly confusion: Float64Array;
}

/** Rows by score and predicted class. */
export interface PredictedRows {
  readonly scores: Float64Array;
  /** Per predicted class: rows per score. */
  readonly byClass: readonly Float64Array[];
}

/** Of all predictions (`Profile.scores`). */
export function predictedRows(steps: ScoreSteps): PredictedRows {
  const byClass = Array.from({ length: steps.cells }, (_, i) => rowsIn(steps, [i]));
  return { scores: steps.scores, byClass };
}

/** Of the labelled ones (`LabelledProfile.scores`), whatever their labels. */
export function predictedRowsOfLabelled(steps: ScoreSteps): PredictedRows {
  const byClass = Array.from({ length: steps.cells / 2 }, (_, i) => rowsIn(steps, [2 * i, 2 * i + 1]));
  return { scores: steps.scores, byClass };
}

/** The estimate for a binary model; undefined without rows, or without a map. `z` is the width of the intervals. */
export function estimateBinary(
  { scores, byClass }: PredictedRows,
  maps: CalibrationMaps,
  z: number,
): QualityEstimate | undefined {
  const [map] = maps;
  const [negative, positive] = byClass as [Float64Array, Float64Array];
  const all = negative.map((rows, i) => rows + positive[i]!);
  const n = sumOf(all);
  if (map === undefined || n === 0) return undefined;
  const scale = calibrated(map, scores);
  const { probabilities: p } = scale;
  const tp = weighted(positive, p);
  const fn = weighted(negative, p);
  const confusion = { tp, fp: sumOf(positive) - tp, fn, tn: sumOf(negative) - fn };
  return {
    metrics: {
      ...expectedRates(confusion, scale, negative, positive, z),
      ...expectedRanking(all, p, z),
      ...expectedLosses(scores, all, scale, z),
    },
    confusion: Float64Array.of(confusion.tn, confusion.fp, confusion.fn, confusion.tp),
  };
}

function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function weighted(rows: Float64Array, values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < rows.length; i++) sum += rows[i]! * values[i]!;
  return sum;
}

/** The delta method: how each rate follows the expected true positives and false negatives. */
function expectedRates(
  confusion: BinaryConfusion,
  scale: Calibrated,
  negative: Float64Array,
  positive: Float64Array,
  z: number,
): Metrics {
  const { tp, fp, fn, tn } = confusion;
  const [positives, negatives] = [tp + fn, tn + fp];
  const n = positives + negatives;
  const f1Parts = 2 * tp + fp + fn;
  const slopes: Readonly<Record<keyof ReturnType<typeof confusionRates>, readonly [number, number]>> = {
    accuracy: [1 / n, -1 / n],
    precision: [1 / (tp + fp), 0],
    recall: [fn / positives ** 2, -tp / positives ** 2],
    f1: [(2 * (f1Parts - tp)) / f1Parts ** 2, (-2 * tp) / f1Parts ** 2],
    specificity: [tn / negatives ** 2, -fp / negatives ** 2],
  };
  const rates = Object.entries(confusionRates(confusion)).map(([name, value]): [string, Metric] => {
    if (value === undefined) return [name, metric(undefined)];
    const [byTp, byFn] = slopes[name as keyof typeof slopes];
    const variance = expectationVariance(scale, [
      { rows: positive, weight: () => byTp },
      { rows: negative, weight: () => byFn },
    ]);
    return [name, metric(value, within01(normalInterval(value, Math.sqrt(variance), z)))];
  });
  return Object.fromEntries(rates);
}

function within01({ lower, upper }: Interval): Interval {
  return { lower: Math.max(0, lower), upper: Math.min(1, upper) };
}

/** The spread of the area is that of Hanley and McNeil for the expected numbers of positives and negatives. */
function expectedRanking(rows: Float64Array, p: Float64Array, z: number): Metrics {
  const positives = rows.map((count, i) => count * p[i]!);
  const negatives = rows.map((count, i) => count * (1 - p[i]!));
  const area = rocArea({ positives, negatives });
  const precision = averagePrecision({ positives, negatives });
  const [m, n] = [sumOf(positives), sumOf(negatives)];
  const interval =
    area !== undefined && area > 0 && area < 1
      ? logitInterval(area, Math.sqrt(hanleyVariance(area, m, n)), z)
      : undefined;
  return {
    roc_auc: metric(area, interval),
    average_precision: metric(precision, averagePrecisionInterval(precision, m, z)),
  };
}

/** Losses are linear in what comes true: p times the loss of a positive and 1 - p times that of a negative. */
function expectedLosses(scores: Float64Array, rows: Float64Array, scale: Calibrated, z: number): Metrics {
  const n = sumOf(rows);
  const mean = (ofPositive: (score: number) => number, ofNegative: (score: number) => number): Metric => {
    let sum = 0;
    rows.forEach((count, i) => {
      const p = scale.probabilities[i]!;
      sum += count * (p * ofPositive(scores[i]!) + (1 - p) * ofNegative(scores[i]!));
    });
    const weight = (i: number) => (ofPositive(scores[i]!) - ofNegative(scores[i]!)) / n;
    const variance = expectationVariance(scale, [{ rows, weight }]);
    return metric(sum / n, normalInterval(sum / n, Math.sqrt(variance), z));
  };
  const clipped = (score: number) => Math.min(1 - 1e-15, Math.max(1e-15, score));
  return {
    log_loss: mean(
      (score) => -Math.log(clipped(score)),
      (score) => -Math.log(1 - clipped(score)),
    ),
    brier: mean(
      (score) => (1 - score) ** 2,
      (score) => score ** 2,
    ),
  };
}

/**
 * The estimate for a multiclass model: a prediction is right with its top-label calibrated probability; a wrong one is
 * spread over the other classes as the baseline's wrong predictions of that class were (`confusion`, true class by predicted
 * class). So accuracy and precision rest on the scores alone, recall and F1 also on that. Undefined without rows, or where a
 * class is predicted that the baseline has no labelled prediction of.
 */
export function estimateMulticlass(
  { scores, byClass }: PredictedRows,
  maps: CalibrationMaps,
  confusion: readonly number[],
  z: number,
): QualityEstimate | undefined {
  const classes = byClass.length;
  const right: number[] = [];
  const variances: number[] = [];
  for (let i = 0; i < classes; i++) {
    const rows = byClass[i]!;
    const map = maps[i];
    if (map === undefined && sumOf(rows) > 0) return undefined;
    const scale = map && calibrated(map, scores);
    right.push(scale === undefined ? 0 : weighted(rows, scale.probabilities));
    variances.push(scale === undefined ? 0 : expectationVariance(scale, [{ rows, weight: () => 1 }]));
  }
  const totals = byClass.map(sumOf);
  const expected = expectedConfusion(right, totals, confusion);
  const rates = averagedRates({ classes, confusion: expected });
  if (rates === undefined) return undefined;
  const spread = (name: keyof AveragedRates) =>
    Math.sqrt(
      variances.reduce((sum, variance, i) => {
        // One more expected right answer, all else equal.
        const moved = right.map((count, j) => (i === j ? count - 1e-4 : count));
        const other = averagedRates({ classes, confusion: expectedConfusion(moved, totals, confusion) })!;
        return sum + variance * ((other[name] - rates[name]) / 1e-4) ** 2;
      }, 0),
    );
  const metrics = averagedNames.map((name): [MetricName, Metric] => [
    name,
    metric(rates[name], within01(normalInterval(rates[name], spread(name), z))),
  ]);
  return { metrics: Object.fromEntries(metrics), confusion: expected };
}

function expectedConfusion(
  right: readonly number[],
  totals: readonly number[],
  reference: readonly number[],
): Float64Array {
  const classes = right.length;
  const expected = new Float64Array(classes * classes);
  for (let predicted = 0; predicted < classes; predicted++) {
    const others = Array.from({ length: classes }, (_, i) => i).filter((i) => i !== predicted);
    // Where the baseline has no wrong prediction of a class, every other one is as likely.
    const weights = others.map((i) => reference[i * classes + predicted]!);
    const sum = weights.reduce((total, weight) => total + weight, 0);
    others.forEach((i, k) => {
      const share = sum === 0 ? 1 / others.length : weights[k]! / sum;
      expected[i * classes + predicted] = (totals[predicted]! - right[predicted]!) * share;
    });
    expected[predicted * classes + predicted] = right[predicted]!;
  }
  return expected;
}
