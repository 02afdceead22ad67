// Jensen-Shannon distance: the root of the Jensen-Shannon divergence in bits, from 0 (equal) to 1 (disjoint).
import { total } from '../sketch/total.ts';

/**
 * Formula: √(½ Σ p log₂(p/r) + ½ Σ q log₂(q/r)), r = (p + q)/2, for the shares p and q of a bin in the baseline and in the
 * window. A metric. Range: 0 to 1. Unit: root of bits. Rows that are missing: a bin of their own. Values that are unseen: a bin of
 * their own. Empty bins: as they are, 0 log 0 = 0. `baseline` and `window` are counts per bin, both with at least one row.
 * Source: Lin 1991, IEEE Transactions on Information Theory 37; Endres and Schindelin 2003, ibid. 49.
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
