// L-infinity distance: the greatest change of the share of any single bin.
import { total } from '../sketch/total.ts';

/**
 * Formula: max |p − q|, for the shares p and q of a bin in the baseline and in the window. A metric. Range: 0 to 1. Unit: share of
 * rows. Rows that are missing: a bin of their own. Values that are unseen: a bin of their own. Empty bins: as they are. `baseline`
 * and `window` are counts per bin, both with at least one row.
 * Source: Breck et al. 2019, Data validation for machine learning, SysML.
 */
export function lInfinityDistance(baseline: Float64Array, window: Float64Array): number {
  const m = total(baseline);
  const n = total(window);
  let greatest = 0;
  for (let i = 0; i < baseline.length; i++)
    greatest = Math.max(greatest, Math.abs(baseline[i]! / m - window[i]! / n));
  return greatest;
}
