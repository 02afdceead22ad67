// Count, extremes and central moments up to the third, mergeable without loss of precision.
// Chan, Golub, LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances" (1979); third moment:
// Pébay, "Formulas for robust, one-pass parallel computation of covariances and arbitrary-order statistical moments" (2008).

import { countBelow, countUpTo } from './sorted-ranks.ts';

export interface Moments {
  n: number;
  zeros: number;
  /** Infinity while empty. */
  min: number;
  /** -Infinity while empty. */
  max: number;
  mean: number;
  /** Sums of the second and third powers of deviations from the mean. */
  m2: number;
  m3: number;
}

/** The moments of nothing. */
export function emptyMoments(): Moments {
  return { n: 0, zeros: 0, min: Infinity, max: -Infinity, mean: 0, m2: 0, m3: 0 };
}

/** Adds the first `length` values, which are finite and ascending. */
export function observeMoments(moments: Moments, sorted: Float64Array, length: number): void {
  if (length > 0) mergeMoments(moments, momentsOf(sorted, length));
}

/**
 * One pass over the deviations from the median, which is never further from the mean than one standard deviation (Hotelling
 * and Solomons 1932, "The limits of a measure of skewness"): at most half of the second moment is cancelled when they are
 * moved to the mean.
 */
function momentsOf(sorted: Float64Array, length: number): Moments {
  const min = sorted[0]!;
  const max = sorted[length - 1]!;
  const zeros = countUpTo(sorted, length, 0) - countBelow(sorted, length, 0);
  if (min === max) return { n: length, zeros, min, max, mean: min, m2: 0, m3: 0 };
  let center = sorted[length >> 1]!;
  let sums = sumsAbout(center, sorted, length);
  if (!Number.isFinite(sums.third)) {
    center = plainMean(sorted, length);
    sums = sumsAbout(center, sorted, length);
  }
  const { first, second, third } = sums;
  const offset = first / length;
  const mean = Number.isFinite(offset) ? Math.min(max, Math.max(min, center + offset)) : center;
  const m2 = Number.isFinite(second) ? Math.max(0, second - offset * first) : second;
  const m3 = Number.isFinite(third) ? third - offset * (3 * second - 2 * offset * first) : third;
  return { n: length, zeros, min, max, mean, m2, m3 };
}

/** Sums of the first three powers of the deviations; of two values in turn, so that no sum has to wait for the last. */
function sumsAbout(
  center: number,
  values: Float64Array,
  length: number,
): { readonly first: number; readonly second: number; readonly third: number } {
  let a1 = 0;
  let a2 = 0;
  let a3 = 0;
  let b1 = 0;
  let b2 = 0;
  let b3 = 0;
  const pairs = length - (length % 2);
  for (let i = 0; i < pairs; i += 2) {
    const a = values[i]! - center;
    const b = values[i + 1]! - center;
    a1 += a;
    a2 += a * a;
    a3 += a * a * a;
    b1 += b;
    b2 += b * b;
    b3 += b * b * b;
  }
  if (pairs < length) {
    const a = values[pairs]! - center;
    a1 += a;
    a2 += a * a;
    a3 += a * a * a;
  }
  return { first: a1 + b1, second: a2 + b2, third: a3 + b3 };
}

/** The mean of values so far apart that their differences overflow. */
function plainMean(values: Float64Array, length: number): number {
  let mean = 0;
  for (let i = 0; i < length; i++) mean += values[i]! / length;
  return mean;
}

/**
 * Adds `from` to `into`; `from` stays as it is. The mean of finite values is finite always; the higher moments of values
 * beyond 1e100 or so overflow to Infinity or NaN.
 */
export function mergeMoments(into: Moments, from: Moments): void {
  if (from.n === 0) return;
  if (into.n === 0) {
    Object.assign(into, from);
    return;
  }
  const n = into.n + from.n;
  const delta = from.mean - into.mean;
  const product = (into.n * from.n) / n;
  into.m3 +=
    from.m3 +
    (delta * delta * delta * product * (into.n - from.n)) / n +
    (3 * delta * (into.n * from.m2 - from.n * into.m2)) / n;
  into.m2 += from.m2 + delta * delta * product;
  into.mean = Number.isFinite(delta)
    ? into.mean + delta * (from.n / n)
    : into.mean * (into.n / n) + from.mean * (from.n / n);
  into.n = n;
  into.zeros += from.zeros;
  into.min = Math.min(into.min, from.min);
  into.max = Math.max(into.max, from.max);
  // A constant column has no spread at all, whatever rounding says.
  if (into.min === into.max) Object.assign(into, { mean: into.min, m2: 0, m3: 0 });
}

/** Population variance (divided by n); NaN while empty. */
export function variance(moments: Moments): number {
  return moments.n === 0 ? Number.NaN : moments.m2 / moments.n;
}

/** Population standard deviation; exactly 0 for a constant column, NaN while empty. */
export function standardDeviation(moments: Moments): number {
  return Math.sqrt(variance(moments));
}
