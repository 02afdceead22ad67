// The metrics of a binary classification, from its confusion matrix, losses and scores by predicted and true class.
import { sumValue } from '../sketch/exact-sum.ts';
import { readScores, type ScoreCounts } from '../sketch/score-counts.ts';
import { type Interval, logitInterval, shareInterval } from '../stats/interval.ts';
import { averagePrecision, rocArea, rocAreaInterval } from '../stats/ranking.ts';
import { expectedCalibrationError, reliability, scoredRows } from './calibration.ts';
import { type Metrics, meanMetric, metric, ratio } from './metric.ts';
import type { ClassTally } from './tally.ts';

/** Rows by prediction and truth; expected numbers where truth is estimated. */
export interface BinaryConfusion {
  readonly tp: number;
  readonly fp: number;
  readonly fn: number;
  readonly tn: number;
}

/** The confusion matrix of a tally of two classes, negative and positive. */
export function binaryConfusion({ confusion }: ClassTally): BinaryConfusion {
  const [tn, fp, fn, tp] = confusion as unknown as [number, number, number, number];
  return { tp, fp, fn, tn };
}

/** The shares that a confusion matrix has; undefined where nothing is to be divided. */
export function confusionRates({ tp, fp, fn, tn }: BinaryConfusion) {
  return {
    accuracy: ratio(tp + tn, tp + fp + fn + tn),
    precision: ratio(tp, tp + fp),
    recall: ratio(tp, tp + fn),
    f1: ratio(2 * tp, 2 * tp + fp + fn),
    specificity: ratio(tn, tn + fp),
  };
}

/**
 * All metrics of labelled rows, with intervals: Wilson's for shares (for F1 by way of tp / (tp + fp + fn), which is a
 * share), DeLong's for the area, that of K. Boyd, K. H. Eng and C. D. Page for average precision (ECML 2013), normal ones
 * for the mean losses.
 */
export function binaryMetrics(tally: ClassTally, scores: ScoreCounts, z: number): Metrics {
  const { tp, fp, fn, tn } = binaryConfusion(tally);
  const rates = confusionRates({ tp, fp, fn, tn });
  const n = tp + fp + fn + tn;
  const base = ratio(tp + fn, n);
  const share = (successes: number, rows: number): Interval | undefined =>
    rows === 0 ? undefined : shareInterval(successes, rows, z);
  return {
    accuracy: metric(rates.accuracy, share(tp + tn, n), base && Math.max(base, 1 - base)),
    precision: metric(rates.precision, share(tp, tp + fp), base),
    recall: metric(rates.recall, share(tp, tp + fn), 1),
    f1: metric(rates.f1, f1Interval(share(tp, tp + fp + fn)), base && (2 * base) / (1 + base)),
    specificity: metric(rates.specificity, share(tn, tn + fp), 1),
    ...rankingMetrics(scores, base, z),
    ...lossMetrics(tally, base, z),
  };
}

/** F1 = 2 s / (1 + s) rises with the share s of true positives among all but the true negatives. */
function f1Interval(interval: Interval | undefined): Interval | undefined {
  const f1 = (share: number) => (2 * share) / (1 + share);
  return interval && { lower: f1(interval.lower), upper: f1(interval.upper) };
}

function rankingMetrics(scores: ScoreCounts, base: number | undefined, z: number): Metrics {
  const { scores: steps, hits, rows } = scoredRows(readScores(scores));
  const ranked = { positives: hits, negatives: rows.map((count, i) => count - hits[i]!) };
  const area = rocArea(ranked);
  const precision = averagePrecision(ranked);
  const positives = hits.reduce((sum, count) => sum + count, 0);
  const bins = reliability({ scores: steps, hits, rows });
  return {
    roc_auc: metric(area, area === undefined ? undefined : rocAreaInterval(ranked, area, z), 0.5),
    average_precision: metric(precision, averagePrecisionInterval(precision, positives, z), base),
    ece: metric(expectedCalibrationError(bins), undefined, base === undefined ? undefined : 0),
  };
}

/** On the scale of log-odds, with the variance of a share of the positives. */
export function averagePrecisionInterval(
  precision: number | undefined,
  positives: number,
  z: number,
): Interval | undefined {
  if (precision === undefined) return undefined;
  if (precision <= 0 || precision >= 1) return shareInterval(precision * positives, positives, z);
  return logitInterval(precision, Math.sqrt((precision * (1 - precision)) / positives), z);
}

/** The constant answer is the share of positives. */
function lossMetrics(tally: ClassTally, base: number | undefined, z: number): Metrics {
  const { scored, sums } = tally;
  const entropy = (share: number) =>
    share === 0 || share === 1 ? 0 : -share * Math.log(share) - (1 - share) * Math.log(1 - share);
  return {
    log_loss: meanMetric(
      scored,
      sumValue(sums.logLoss),
      sumValue(sums.logLossSquares),
      z,
      base === undefined ? undefined : entropy(base),
    ),
    brier: meanMetric(
      scored,
      sumValue(sums.brier),
      sumValue(sums.brierSquares),
      z,
      base === undefined ? undefined : base * (1 - base),
    ),
  };
}
