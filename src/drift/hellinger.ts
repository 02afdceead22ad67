// Hellinger distance: the Euclidean distance of the roots of two sets of bin shares, from 0 (equal) to 1 (disjoint).
import { total } from '../sketch/total.ts';

/**
 * Formula: √(½ Σ (√p − √q)²), for the shares p and q of a bin in the baseline and in the window. A metric. Range: 0 to 1.
 * Unit: none. Rows that are missing: a bin of their own. Values that are unseen: a bin of their own. Empty bins: as they are.
 * `baseline` and `window` are counts per bin, both with at least one row.
 * Source: Hellinger 1909, Journal für die reine und angewandte Mathematik 136.
 */
export function hellingerDistance(baseline: Float64Array, window: Float64Array): number {
  const m = total(baseline);
  const n = total(window);
  let sum = 0;
  for (let i = 0; i < baseline.length; i++)
    sum += (Math.sqrt(baseline[i]! / m) - Math.sqrt(window[i]! / n)) ** 2;
  return Math.min(1, Math.sqrt(sum / 2));
}
