// Total variation distance: the share of rows that would have to move for two sets of bin shares to be equal.
import { total } from './total.ts';

/** ½ Σ |p − q|, from 0 (equal) to 1 (disjoint). Counts per bin, both sides with at least one row. */
export function totalVariation(baseline: Float64Array, window: Float64Array): number {
  const m = total(baseline);
  const n = total(window);
  let sum = 0;
  for (let i = 0; i < baseline.length; i++) sum += Math.abs(baseline[i]! / m - window[i]! / n);
  return sum / 2;
}
