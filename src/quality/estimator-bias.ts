// How wrong the estimate of quality is, on the rows whose labels are there: estimated less realised.
import { normalTail } from '../stats/normal.ts';
import type { MetricName, Metrics } from './metric.ts';

export interface EstimatorBias {
  readonly metric: MetricName;
  readonly estimated: number;
  readonly realised: number;
  /** Estimated less realised: above 0 the estimate flatters a metric of which more is better. */
  readonly bias: number;
  /** What sampling leaves open: an interval that holds 0 may be chance. */
  readonly lower: number;
  readonly upper: number;
}

/**
 * The bias of every metric that both sides have. `estimated` is made of the labelled rows alone, whatever their labels, so
 * that which rows are labelled yet does not count as bias. Its intervals are what labels would spread over if it held.
 */
export function estimatorBias(estimated: Metrics, realised: Metrics): EstimatorBias[] {
  return Object.entries(estimated).flatMap(([name, { value, lower, upper }]) => {
    const truth = realised[name as MetricName]?.value ?? null;
    if (value === null || lower === null || upper === null || truth === null) return [];
    return [
      {
        metric: name as MetricName,
        estimated: value,
        realised: truth,
        bias: value - truth,
        lower: lower - truth,
        upper: upper - truth,
      },
    ];
  });
}

/** The two-sided probability of a bias at least as large, where the estimate is right; `z` is the width of the interval. */
export function biasTail({ bias, lower, upper }: EstimatorBias, z: number): number {
  const half = bias > 0 ? bias - lower : upper - bias;
  return half > 0 ? 2 * normalTail((z * Math.abs(bias)) / half) : 1;
}
