// What the quality part of a window's result says.
import type { TableTest } from '../stats/contingency.ts';
import type { ReliabilityBin } from './calibration.ts';
import type { QualityEstimate } from './estimate.ts';
import type { EstimatorBias } from './estimator-bias.ts';
import type { Metrics } from './metric.ts';
import type { Shifts } from './shift.ts';
import type { MetricVerdict, VerdictPolicy } from './verdict.ts';

export interface QualityResult {
  /** `insufficient_labels`: fewer than the policy asks for. */
  readonly status: 'ok' | 'insufficient_labels' | 'no_labels';
  /** Predictions that labels are joined with, and those that are labelled. */
  readonly awaited: number;
  readonly labelled: number;
  /** Labelled predictions as a share; null without predictions. */
  readonly coverage: number | null;
  readonly corrected: number;
  /** Labelled, but of a class that nobody knows: in no metric. */
  readonly unknown: number;
  /** Level and milliseconds from prediction to first label; empty without labels. */
  readonly delays: readonly (readonly [number, number])[];
  readonly realised: Metrics;
  /** Names of the classes, and rows by true class, then by predicted class; empty for a regression. */
  readonly classes: readonly string[];
  readonly confusion: readonly number[];
  /** Level and value of prediction less label; empty for a classification. */
  readonly residuals: readonly (readonly [number, number])[];
  readonly reliability: readonly ReliabilityBin[];
  readonly verdicts: readonly MetricVerdict[];
  /** Of all predictions, labelled or not; undefined for a regression, and without a calibrated baseline. */
  readonly estimated: QualityEstimate | undefined;
  readonly bias: readonly EstimatorBias[];
  /** What was known of the window so long after its predictions. */
  readonly byAge: readonly QualityAtAge[];
  readonly shifts: Shifts | undefined;
  /** Output of labelled predictions against that of the others. */
  readonly subset: TableTest | undefined;
}

export interface QualityAtAge {
  readonly ageMs: number;
  readonly labelled: number;
  readonly metrics: Metrics;
}

export interface QualityPolicy extends VerdictPolicy {
  /** Beyond this probability under no change, a shift is chance. */
  readonly alpha: number;
  /** Shifts with a lesser Cramér's V do not matter. */
  readonly leastEffect: number;
}
