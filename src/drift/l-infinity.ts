// L-infinity distance: the greatest change of the share of any single bin.
import { total } from './total.ts';

/** max |p − q|, from 0 (equal) to 1. Counts per bin, both sides with at least one row. */
export function lInfinityDistance(baseline: Float64Array, window: Float64Array): number {
  const m = total(baseline);
  const n = total(window);
  let greatest = 0;
  for (let i = 0; i < baseline.length; i++)
    greatest = Math.max(greatest, Math.abs(baseline[i]! / m - window[i]! / n));
  return greatest;
}
