// The standard normal distribution: its upper tail, and the value that a given tail lies above.
import { upperGamma } from './gamma.ts';

/** P(Z > z). */
export function normalTail(z: number): number {
  const outer = 0.5 * upperGamma(0.5, (z * z) / 2);
  return z >= 0 ? outer : 1 - outer;
}

/**
 * The z with P(Z > z) = `tail`, for 0 < tail < 1: Newton's method on ln P(Z > z) from the approximation below.
 */
export function normalQuantile(tail: number): number {
  if (tail > 0.5) return -normalQuantile(1 - tail);
  let z = Math.max(roughNormalQuantile(tail), 0);
  for (let step = 0; step < 4; step++) {
    const p = normalTail(z);
    const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
    z += (Math.log(p / tail) * p) / density;
  }
  return z;
}

/**
 * The same to 4.5e-4, where it is but the start of something: Hastings' rational approximation (Abramowitz and Stegun
 * 26.2.23).
 */
export function roughNormalQuantile(tail: number): number {
  if (tail > 0.5) return -roughNormalQuantile(1 - tail);
  const t = Math.sqrt(-2 * Math.log(tail));
  return (
    t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
  );
}
