// How much wider scores scatter under no drift than those of independent rows would: from the chunks of the reference.
//
// Rows of one user, hour or batch repeat each other, and then n rows say as much as n/d independent ones (Kish 1965, the
// design effect d). Binned statistics become sums of chi-squared variables with unequal weights; they are taken as a scaled
// chi-squared variable with the mean and the variance that chunks of the reference showed (Rao and Scott, JASA 1981 and
// Annals of Statistics 1984, second order; Satterthwaite, Biometrics 1946).
import type { ChunkSize } from '../profile/baseline.ts';

export interface Dependence {
  /** How many times greater the mean of a binned statistic is than for independent rows, at least 1. */
  readonly inflation: number;
  /** By what its degrees of freedom are multiplied, at most 1. */
  readonly concentration: number;
  /** How many times greater the variance of a difference of distribution functions is, at least 1. */
  readonly ordered: number;
}

export const independent: Dependence = { inflation: 1, concentration: 1, ordered: 1 };

/** What a window of so many rows is to be allowed for. */
export interface WindowDependence {
  /** How many independent rows the window is worth, at most as many as it has. */
  readonly nEffective: number;
  /** How many chunks that rests on; 0 where there are none, and rows are taken as independent. */
  readonly chunks: number;
}

/**
 * A mean and a variance of few chunks are themselves uncertain: both are raised by one standard error. So a null widens as
 * chunks become fewer: its 99.9 % quantile on ten bins by 8 % at 256 chunks, by 16 % at 64 and by 48 % at 8.
 */
const standardErrors = 1;

/** Statistics of fewer degrees of freedom say that single chunks stand out, not how chunks scatter. */
const leastDegrees = 0.5;

/** Effective rows of a window of n rows, by the least number of bins: the estimate itself, not widened. */
export function windowDependence(sizes: readonly ChunkSize[], n: number): WindowDependence {
  if (sizes.length === 0) return { nEffective: n, chunks: 0 };
  const effect = between(sizes, n, (size) => Math.max(1, meanRatio(size, 0)));
  const next = sizes.find(({ rows }) => rows >= n) ?? sizes.at(-1)!;
  return { nEffective: n / effect, chunks: next.chunks };
}

/**
 * By what the null distributions of a window of n rows differ from those of independent rows, on the bins of a level.
 * `orderedVariance` is the variance of the ordered statistic for independent rows. Never less than independence: chunks
 * that scatter less are taken as independent.
 */
export function dependenceAt(
  sizes: readonly ChunkSize[],
  level: number,
  n: number,
  orderedVariance: number,
): Dependence {
  if (sizes.length === 0) return independent;
  const inflation = between(sizes, n, (size) => Math.max(1, raised(size, level).mean));
  const scatter = between(sizes, n, (size) => Math.max(1, raised(size, level).scatter));
  const ordered = between(sizes, n, (size) => orderedFactor(size, orderedVariance));
  return { inflation, concentration: 1 / scatter, ordered };
}

/** The mean of the chunks' statistic in multiples of what it is for independent rows: bins - 1. */
function meanRatio({ spreads }: ChunkSize, level: number): number {
  const { mean, bins } = spreads[level]!;
  return bins < 2 ? 1 : mean / (bins - 1);
}

/** Mean and squared coefficient of variation in multiples of what they are for independent rows, raised for few chunks. */
function raised(size: ChunkSize, level: number): { mean: number; scatter: number } {
  const { bins, mean, variance } = size.spreads[level]!;
  if (bins < 2 || !(mean > 0) || !(variance > 0)) return { mean: 1, scatter: 1 };
  const degrees = Math.max((2 * mean * mean) / variance, Math.min(leastDegrees, bins - 1));
  const meanError = Math.sqrt(2 / (degrees * size.chunks));
  // The kurtosis of a chi-squared variable is 12 / degrees.
  const varianceError = Math.sqrt((2 + 12 / degrees) / size.chunks);
  return {
    mean: meanRatio(size, level) * (1 + standardErrors * meanError),
    scatter: ((bins - 1) / degrees) * (1 + standardErrors * varianceError),
  };
}

/**
 * The greatest weight rules the tail of an ordered statistic. Where one dominates, it is what the standard deviation has
 * grown by; where none does, that and the mean agree.
 */
function orderedFactor({ ordered, chunks }: ChunkSize, independentVariance: number): number {
  if (ordered === undefined || !(independentVariance > 0)) return 1;
  const deviation = Math.sqrt(ordered.variance / independentVariance);
  const degrees = Math.max((2 * ordered.mean * ordered.mean) / ordered.variance, leastDegrees);
  const error = Math.sqrt(2 / (degrees * chunks));
  return Math.max(1, Math.max(ordered.mean, deviation) * (1 + standardErrors * error));
}

/**
 * A property of chunks of n rows: between two sizes by the logarithm of both, beyond the smallest and the greatest what it
 * is there. With fewer rows dependence can only be less; with more it is taken to have been seen in full.
 */
function between(sizes: readonly ChunkSize[], n: number, property: (size: ChunkSize) => number): number {
  const above = sizes.findIndex(({ rows }) => rows >= n);
  if (above === 0) return property(sizes[0]!);
  if (above < 0) return property(sizes.at(-1)!);
  const [less, more] = [sizes[above - 1]!, sizes[above]!];
  const weight = Math.log(n / less.rows) / Math.log(more.rows / less.rows);
  return Math.exp((1 - weight) * Math.log(property(less)) + weight * Math.log(property(more)));
}

/** PSI divided by 1/n + 1/m that windows like the chunks of the reference stay below: both as the policy may want it. */
export interface LearntSpread {
  readonly mean: number;
  readonly deviation: number;
  readonly quantile: number;
  readonly bins: number;
}

/** The chunks' own spread at n rows, on the bins of a level; undefined where there are no chunks. */
export function learntSpread(
  sizes: readonly ChunkSize[],
  level: number,
  n: number,
): LearntSpread | undefined {
  if (sizes.length === 0) return undefined;
  const spread = ({ spreads }: ChunkSize) => spreads[level]!;
  const positive = (of: (size: ChunkSize) => number) =>
    between(sizes, n, (size) => Math.max(Number.MIN_VALUE, of(size)));
  return {
    mean: positive((size) => spread(size).mean),
    deviation: positive((size) => Math.sqrt(spread(size).variance)),
    quantile: positive((size) => spread(size).quantile),
    bins: spread(sizes[0]!).bins,
  };
}
