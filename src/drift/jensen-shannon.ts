// Jensen-Shannon distance: the root of the Jensen-Shannon divergence in bits, from 0 (equal) to 1 (disjoint).
import { total } from './total.ts';

/**
 * √(½ Σ p log₂(p/m) + ½ Σ q log₂(q/m)) with m = (p + q)/2. Counts per bin, both sides with at least one row; empty
 * bins need no smoothing. A metric. Source: Lin, IEEE Transactions on Information Theory 37 (1991); Endres and
 * Schindelin (2003).
 */
export function jensenShannonDistance(baseline: Float64Array, window: Float64Array): number {
  const m = total(baseline);
  const n = total(window);
  let sum = 0;
  for (let i = 0; i < baseline.length; i++) {
    const p = baseline[i]! / m;
    const q = window[i]! / n;
    const middle = (p + q) / 2;
    if (p > 0) sum += p * Math.log2(p / middle);
    if (q > 0) sum += q * Math.log2(q / middle);
  }
  return Math.sqrt(Math.min(1, Math.max(0, sum / 2)));
}
