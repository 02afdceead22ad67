// The chi-squared distribution: its upper tail, and the value that a given tail lies above.
import { logUpperGamma, upperGamma, upperGammaSlope } from './gamma.ts';
import { roughNormalQuantile } from './normal.ts';

/**
 * P(X > x) for a chi-squared variable; the degrees of freedom need not be whole (Satterthwaite's approximation fits
 * them).
 */
export function chiSquaredTail(x: number, degreesOfFreedom: number): number {
  return upperGamma(degreesOfFreedom / 2, x / 2);
}

/**
 * The x with P(X > x) = `tail`, for 0 < tail < 1. Newton's method on ln P, which is concave, so that every step after
 * the first approaches from above; the start is Wilson and Hilferty's cube-root approximation (PNAS 1931).
 */
export function chiSquaredQuantile(tail: number, degreesOfFreedom: number): number {
  const a = degreesOfFreedom / 2;
  const target = Math.log(tail);
  const spread = 2 / (9 * degreesOfFreedom);
  const cubeRoot = 1 - spread + roughNormalQuantile(tail) * Math.sqrt(spread);
  let x = Math.max(a * cubeRoot ** 3, a * 1e-6);
  for (let step = 0; step < 100; step++) {
    const excess = logUpperGamma(a, x) - target;
    const relativeStep = excess / upperGammaSlope(a, x);
    // A step below zero would leave the support: halve instead.
    const next = relativeStep > -0.9 ? x * (1 + Math.min(relativeStep, 10)) : x / 2;
    if (Math.abs(next - x) <= 1e-14 * x) break;
    x = next;
  }
  return 2 * x;
}
