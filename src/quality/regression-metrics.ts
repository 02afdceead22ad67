// The metrics of a regression, from the exact sums of its errors and the buckets of its residuals.
import type { ReferenceNumbers } from '../profile/reference-quality.ts';
import { type ExactSum, squaredDeviations, sumValue } from '../sketch/exact-sum.ts';
import { bucketQuantile, countBetween, type LogBuckets } from '../sketch/log-buckets.ts';
import { shareInterval } from '../stats/interval.ts';
import { type Metric, type Metrics, meanMetric, metric } from './metric.ts';
import type { NumberTally } from './tally.ts';

/** The central share of the baseline's errors that `interval_coverage` is about. */
const intervalEnds = [0.05, 0.95] as const;

/** Levels of the published quantiles of the residuals, each within 1 % of its value. */
export const residualLevels = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99] as const;

/**
 * All metrics of labelled rows. Intervals are normal ones for means, for the root mean squared error by way of its square.
 * The constant answer is the mean of the same labels, for the absolute error the median of the baseline's
 * (`constantError` is the sum of the distances from it).
 */
export function regressionMetrics(
  tally: NumberTally,
  residuals: LogBuckets,
  constantError: ExactSum | undefined,
  reference: ReferenceNumbers | undefined,
  z: number,
): Metrics {
  const { n, ratios, sums } = tally;
  const sum = (name: keyof NumberTally['sums']) => sumValue(sums[name]);
  const deviations = squaredDeviations(n, sums.label, sums.labelSquare);
  const constant = constantError === undefined || n === 0 ? undefined : sumValue(constantError) / n;
  return {
    mae: meanMetric(n, sum('absolute'), sum('square'), z, constant),
    rmse: rootMetric(meanMetric(n, sum('square'), sum('fourth'), z), n === 0 ? undefined : deviations / n),
    bias: meanMetric(n, sum('error'), sum('square'), z, n === 0 ? undefined : 0),
    mape: meanMetric(ratios, sum('ratio'), sum('ratioSquare'), z),
    r2: metric(deviations > 0 ? 1 - sum('square') / deviations : undefined, undefined, 0),
    interval_coverage: coverage(residuals, reference?.residuals, z),
  };
}

function rootMetric({ value, lower, upper }: Metric, constant: number | undefined): Metric {
  const root = (x: number | null) => (x === null ? undefined : Math.sqrt(Math.max(0, x)));
  const ends = lower === null ? undefined : { lower: root(lower)!, upper: root(upper)! };
  return metric(root(value), ends, constant === undefined ? undefined : Math.sqrt(constant));
}

function coverage(residuals: LogBuckets, reference: LogBuckets | undefined, z: number): Metric {
  if (reference === undefined || reference.n === 0 || residuals.n === 0) return metric(undefined);
  const [low, high] = intervalEnds.map((level) => bucketQuantile(reference, level)) as [number, number];
  const inside = countBetween(residuals, low, high);
  return metric(inside / residuals.n, shareInterval(inside, residuals.n, z));
}

/** Level and value of the residuals' quantiles; empty without residuals. */
export function residualQuantiles(residuals: LogBuckets): readonly (readonly [number, number])[] {
  if (residuals.n === 0) return [];
  return residualLevels.map((level) => [level, bucketQuantile(residuals, level)]);
}
