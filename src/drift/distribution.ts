// A numeric column's distribution function as Kolmogorov-Smirnov and Wasserstein need it: exact at every edge of the
// bins, and as good as the summary allows in between.
import type { Binning } from '../sketch/binning.ts';
import type { Rank } from '../sketch/digest.ts';
import { standardDeviation } from '../sketch/moments.ts';
import type { NumericReading } from '../sketch/numeric-summary.ts';

export interface Distribution {
  readonly binning: Binning;
  /** Finite values, at least one. */
  readonly n: number;
  /** Population standard deviation; 0 for a constant. */
  readonly deviation: number;
  readonly min: number;
  readonly max: number;
  /** How many values lie below each edge; one more at the end: n. */
  readonly below: Float64Array;
  /** Sum of the values in each bin. */
  readonly sums: Float64Array;
  /** All values ascending, where the summary still has them. */
  readonly exact: Float64Array | undefined;
  /** Rank of any value, exact or by the digest. */
  rank(x: number): Rank;
  quantile(q: number): number;
}

/** Running totals of the counts per bin. */
function cumulative(counts: Float64Array): Float64Array {
  const below = new Float64Array(counts.length);
  let sum = 0;
  for (let i = 0; i < counts.length; i++) {
    sum += counts[i]!;
    below[i] = sum;
  }
  return below;
}

/** How many values lie below bin `bin`. */
export function belowBin(distribution: Distribution, bin: number): number {
  return bin === 0 ? 0 : distribution.below[bin - 1]!;
}

/**
 * The rank of x, which lies in the bin, clipped into what the bin's count proves. The digest is asked first: it knows
 * heavy values exactly. Elsewhere the bins are finer than the digest.
 */
export function rankInBin(distribution: Distribution, bin: number, x: number): Rank {
  const { below, atOrBelow } = distribution.rank(x);
  if (distribution.exact === undefined && below === atOrBelow && !isOpen(distribution, bin)) {
    const spread = spreadOf(distribution, bin);
    const rank = rankInSpread(spread, x);
    return { below: spread.power === 0 && x === spread.from ? spread.least : rank, atOrBelow: rank };
  }
  const least = belowBin(distribution, bin);
  const most = distribution.below[bin]!;
  return {
    below: Math.min(most, Math.max(least, below)),
    atOrBelow: Math.min(most, Math.max(least, atOrBelow)),
  };
}

/** Whether a bin has only one edge, or none. */
export function isOpen(distribution: Distribution, bin: number): boolean {
  return bin === 0 || bin === distribution.binning.edges.length;
}

/**
 * How the values of a closed bin are taken to be spread: like a power of the distance from the lower edge, the one
 * power that meets the bin's count and its sum. Evenly for a mean in the middle, all at the lower edge for a mean
 * there.
 */
export interface Spread {
  readonly from: number;
  readonly width: number;
  readonly least: number;
  readonly count: number;
  /** 0 where all values are at the lower edge. */
  readonly power: number;
}

/** The spread of one closed bin. */
export function spreadOf(distribution: Distribution, bin: number): Spread {
  const { edges } = distribution.binning;
  const least = belowBin(distribution, bin);
  const count = distribution.below[bin]! - least;
  const from = edges[bin - 1]!;
  const width = edges[bin]! - from;
  const mean = count > 0 ? (distribution.sums[bin]! / count - from) / width : 0.5;
  // Rounding of the sum must not spread what is a single value.
  const power = mean > 1e-9 ? mean / Math.max(1e-9, 1 - mean) : 0;
  return { from, width, least, count, power };
}

/** How many values of the distribution lie at or below x, which is in the bin or at one of its edges. */
export function rankInSpread({ from, width, least, count, power }: Spread, x: number): number {
  return power === 1 ? least + (count * (x - from)) / width : least + count * ((x - from) / width) ** power;
}

/**
 * The distribution function of a summary on the bins of `binned`; ranks and quantiles by `reading`, the summary
 * before it was re-binned.
 */
export function distributionOf(binned: NumericReading, reading: NumericReading): Distribution | undefined {
  const { bins } = binned;
  if (bins === undefined || reading.n === 0) return undefined;
  const { min, max } = reading.moments;
  return {
    binning: bins.binning,
    n: reading.n,
    deviation: min === max ? 0 : standardDeviation(reading.moments),
    min,
    max,
    below: cumulative(bins.counts),
    sums: bins.sums,
    exact: reading.exact,
    rank: reading.rank,
    quantile: reading.quantile,
  };
}
