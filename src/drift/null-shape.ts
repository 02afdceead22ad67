// Null distributions without a closed form, fitted once per baseline: what is left for a window is scaling by its rows.
import { chiSquaredQuantile } from '../stats/chi-squared.ts';
import { logGamma } from '../stats/gamma.ts';
import { normalTail } from '../stats/normal.ts';

/** A positive variable taken as `scale` times a chi variable. */
export interface ChiFit {
  readonly scale: number;
  readonly degreesOfFreedom: number;
  /** What the variable exceeds with the given tail. */
  readonly floor: number;
}

export interface LInfinityShape {
  /** √(p(1 − p)) of every bin. */
  readonly deviations: Float64Array;
  readonly floor: number;
}

/** A share of exactly 0 would have no variance at all: half a row per bin stands for what the baseline has not seen. */
function smoothedShares(counts: Float64Array): Float64Array {
  let rows = counts.length / 2;
  for (const count of counts) rows += count;
  return counts.map((count) => (count + 0.5) / rows);
}

/** E|XY| of two normal variables with zero mean (Nabeya 1951). */
function absoluteProductMoment(deviationX: number, deviationY: number, covariance: number): number {
  const product = deviationX * deviationY;
  if (product === 0) return 0;
  const correlation = Math.max(-1, Math.min(1, covariance / product));
  return (
    product *
    (2 / Math.PI) *
    (Math.sqrt(1 - correlation * correlation) + correlation * Math.asin(correlation))
  );
}

/** E χ for ν degrees of freedom. */
function chiMean(degreesOfFreedom: number): number {
  return Math.SQRT2 * Math.exp(logGamma((degreesOfFreedom + 1) / 2) - logGamma(degreesOfFreedom / 2));
}

/** Beyond this many degrees of freedom a chi variable is normal for all purposes. */
const mostDegrees = 1e4;

/**
 * The multiple of a chi variable with these first two moments: the ratio (E χ)²/ν grows with ν, from 2/π at 1, where
 * the variable is half-normal, to 1. An L1 norm of a normal vector is met exactly where a single direction matters.
 */
function fitChi(mean: number, secondMoment: number, tail: number): ChiFit {
  if (!(secondMoment > 0)) return { scale: 0, degreesOfFreedom: 1, floor: 0 };
  const target = (mean * mean) / secondMoment;
  let low = 0;
  let high = Math.log(mostDegrees);
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2;
    const degrees = Math.exp(middle);
    if (chiMean(degrees) ** 2 / degrees < target) low = middle;
    else high = middle;
  }
  const degreesOfFreedom = Math.exp((low + high) / 2);
  const scale = Math.sqrt(secondMoment / degreesOfFreedom);
  return { scale, degreesOfFreedom, floor: scale * Math.sqrt(chiSquaredQuantile(tail, degreesOfFreedom)) };
}

/** ½ Σ |Xᵢ| for the normal limit X of √(nm/(n + m)) (q − p): variances p(1 − p), covariances −pᵢpⱼ. */
export function totalVariationFit(counts: Float64Array, tail: number): ChiFit {
  const shares = smoothedShares(counts);
  const deviations = shares.map((p) => Math.sqrt(p * (1 - p)));
  let mean = 0;
  let secondMoment = 0;
  for (let i = 0; i < shares.length; i++) {
    mean += deviations[i]! * Math.sqrt(2 / Math.PI);
    secondMoment += deviations[i]! ** 2;
    for (let j = 0; j < i; j++) {
      secondMoment += 2 * absoluteProductMoment(deviations[i]!, deviations[j]!, -shares[i]! * shares[j]!);
    }
  }
  return fitChi(mean / 2, secondMoment / 4, tail);
}

/** P(max |Xᵢ| > x) for independent normal Xᵢ with these standard deviations. */
export function lInfinityTail(deviations: Float64Array, x: number): number {
  let logNone = 0;
  for (const deviation of deviations) {
    if (deviation > 0) logNone += Math.log1p(-Math.min(1, 2 * normalTail(x / deviation)));
  }
  return -Math.expm1(logNone);
}

/** max |Xᵢ| for the same X, the Xᵢ taken as independent. */
export function lInfinityShape(counts: Float64Array, tail: number): LInfinityShape {
  const deviations = smoothedShares(counts).map((p) => Math.sqrt(p * (1 - p)));
  return { deviations, floor: lInfinityQuantile(deviations, tail) };
}

/** The x with P(max |Xᵢ| > x) = `tail`, by bisection. */
export function lInfinityQuantile(deviations: Float64Array, tail: number): number {
  let low = 0;
  let high = 10;
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2;
    if (lInfinityTail(deviations, middle) > tail) low = middle;
    else high = middle;
  }
  return high;
}

/** How many steps a baseline's quantile function is cut into, closer in the tails. */
const quantileSteps = 48;

/**
 * E ∫ |B(F(x))| dx = √(2/π) ∫ √(F(1 − F)) dx for a Brownian bridge B and the baseline's distribution function F: the
 * mean of the limit of √(nm/(n + m)) W₁ (del Barrio, Giné and Matrán 1999). The levels reach down to one of the
 * baseline's n values.
 */
export function wassersteinMean(n: number, quantile: (level: number) => number): number {
  const reach = Math.log(2 * n);
  let sum = 0;
  let level = 0;
  let value = 0;
  for (let step = 0; step <= quantileSteps; step++) {
    const nextLevel = 1 / (1 + Math.exp(reach * (1 - (2 * step) / quantileSteps)));
    const nextValue = quantile(nextLevel);
    const p = (level + nextLevel) / 2;
    if (step > 0) sum += Math.sqrt(p * (1 - p)) * (nextValue - value);
    level = nextLevel;
    value = nextValue;
  }
  return Math.sqrt(2 / Math.PI) * sum;
}
