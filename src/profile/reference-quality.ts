// How well the model did on the reference data, where those are labelled: what quality in the windows is measured against.
import type { LogBuckets } from '../sketch/log-buckets.ts';
import type { ScoreCounts } from '../sketch/score-counts.ts';
import type { IsotonicMap } from '../stats/isotonic.ts';

export interface ReferenceQuality {
  /** Rows with a label. */
  readonly labelled: number;
  /** Leading score by predicted class and truth. Undefined where there are no scores. */
  readonly scores: ScoreCounts | undefined;
  /** What turns scores into probabilities; undefined where there are no scores. */
  readonly calibration: CalibrationMaps | undefined;
  /** Rows per true and predicted class, row by row; empty for a regression. */
  readonly confusion: readonly number[];
  /** Of a regression: what constant would have had the least absolute error, and where its labels are cut into groups. */
  readonly numbers: ReferenceNumbers | undefined;
  /** Labelled rows per tracked column, group and label group, in the layout of the accumulators of windows. */
  readonly table: Float64Array;
  /** By the name of the metric. */
  readonly metrics: ReadonlyMap<string, MetricSpread>;
  /** How much larger the chi-squared statistics of the reference's chunks are than those of independent rows: 1 or more. */
  readonly inflation: Inflation;
}

/**
 * An isotonic map for every predicted class, fitted to the labelled rows. A binary model has one for all rows, of the truth;
 * a multiclass model one for each class, of whether that was right (top-label calibration: C. Gupta, A. Ramdas, ICLR 2022),
 * and none for a class that was never predicted.
 */
export type CalibrationMaps = readonly (IsotonicMap | undefined)[];

export interface ReferenceNumbers {
  readonly median: number;
  /** Ascending; group i holds labels from edge i - 1 up to but not including edge i. */
  readonly edges: Float64Array;
  /** Prediction less label. */
  readonly residuals: LogBuckets;
}

/** A metric over the whole of the reference data, and over chunks of neighbouring rows. */
export interface MetricSpread {
  readonly value: number;
  readonly mean: number;
  /** With the divisor of an unbiased estimate; 0 for fewer than two chunks. */
  readonly deviation: number;
  /** Standard error that a chunk of independent rows would have, on average. */
  readonly standardError: number;
  readonly chunks: number;
}

export interface Inflation {
  /** Shares of the labels. */
  readonly labels: number;
  /** Labels given the output of the model, and its output given the labels. */
  readonly calibration: number;
  readonly output: number;
  /** Labels given each tracked column, the output last. */
  readonly columns: readonly number[];
}
