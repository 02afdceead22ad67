// Hellinger distance: the Euclidean distance of the roots of two sets of bin shares, from 0 (equal) to 1 (disjoint).
import { total } from './total.ts';

/**
 * √(½ Σ (√p − √q)²). Counts per bin, both sides with at least one row. A metric.
 * Source: Hellinger, Journal für die reine und angewandte Mathematik 136 (1909).
 */
export function hellingerDistance(baseline: Float64Array, window: Float64Array): number {
  const m = total(baseline);
  const n = total(window);
  let sum = 0;
  for (let i = 0; i < baseline.length; i++)
    sum += (Math.sqrt(baseline[i]! / m) - Math.sqrt(window[i]! / n)) ** 2;
  return Math.min(1, Math.sqrt(sum / 2));
}
