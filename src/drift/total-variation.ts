// Total variation distance: the share of rows that would have to move for two sets of bin shares to be equal.
import { total } from '../sketch/total.ts';

/**
 * Formula: ½ Σ |p − q|, for the shares p and q of a bin in the baseline and in the window. A metric. Range: 0 to 1. Unit: share of
 * rows. Rows that are missing: a bin of their own. Values that are unseen: a bin of their own. Empty bins: as they are. `baseline`
 * and `window` are counts per bin, both with at least one row.
 * Source: Levin, Peres and Wilmer 2009, Markov Chains and Mixing Times, section 4.1.
 */
export function totalVariation(baseline: Float64Array, window: Float64Array): number {
  const m = total(baseline);
  const n = total(window);
  let sum = 0;
  for (let i = 0; i < baseline.length; i++) sum += Math.abs(baseline[i]! / m - window[i]! / n);
  return sum / 2;
}
