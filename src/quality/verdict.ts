// Whether a metric of a window is worse than the baseline lets expect.
import type { MetricSpread } from '../profile/reference-quality.ts';
import { metrics as definitions, type Metric, type MetricName, type Metrics } from './metric.ts';

export interface MetricVerdict {
  readonly metric: MetricName;
  readonly value: number;
  /** The mean over the baseline's chunks; of a baseline of one chunk, its value. */
  readonly expected: number;
  /** Beyond this it is worse than expected; for `bias`, on the side that the value lies on. */
  readonly limit: number;
  /** How many standard deviations worse than expected; negative where it is better. */
  readonly strength: number;
  readonly state: 'ok' | 'degraded' | 'insufficient_data';
}

/** A metric is worse than expected beyond so many standard deviations. */
export const degradedBeyond = 3;

export interface VerdictPolicy {
  /** Fewer labelled rows are no verdict. */
  readonly minLabelled: number;
  /** Width of the intervals in standard errors. */
  readonly z: number;
}

/** The verdict on every metric that both the window and the baseline have. */
export function metricVerdicts(
  realised: Metrics,
  labelled: number,
  spreads: ReadonlyMap<string, MetricSpread>,
  policy: VerdictPolicy,
): MetricVerdict[] {
  return Object.entries(realised).flatMap(([name, found]) => {
    const spread = spreads.get(name);
    if (spread === undefined || found.value === null) return [];
    return [verdictOf(name as MetricName, found, found.value, spread, labelled, policy)];
  });
}

function verdictOf(
  name: MetricName,
  found: Metric,
  value: number,
  spread: MetricSpread,
  labelled: number,
  { minLabelled, z }: VerdictPolicy,
): MetricVerdict {
  const expected = spread.chunks > 1 ? spread.mean : spread.value;
  const deviation = expectedDeviation(found, spread, z);
  const { better } = definitions[name];
  // The nearer to 0 the better: then what lies farther out than expected, on either side, is worse.
  const sign = better === 'lower' || (better === 'zero' && value >= expected) ? 1 : -1;
  const strength = deviation > 0 ? (sign * (value - expected)) / deviation : 0;
  const isDegraded = strength > degradedBeyond;
  return {
    metric: name,
    value,
    expected,
    limit: expected + sign * degradedBeyond * deviation,
    strength,
    state: labelled < minLabelled ? 'insufficient_data' : isDegraded ? 'degraded' : 'ok',
  };
}

/**
 * The standard deviation of the metric in an undisturbed window: what chunks of the baseline differ by beyond sampling, and
 * the sampling error of this window. Where a metric has no interval, all that chunks differ by.
 */
function expectedDeviation(
  { lower, upper }: Metric,
  { deviation, standardError }: MetricSpread,
  z: number,
): number {
  if (lower === null || upper === null) return deviation;
  const between = Math.max(0, deviation * deviation - standardError * standardError);
  return Math.sqrt(between + ((upper - lower) / (2 * z)) ** 2);
}
