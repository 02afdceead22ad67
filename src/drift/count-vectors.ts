// The count vectors that the binned measures compare: coarsened bins, then the rows without a value, then values unseen.
import type { Coarsening } from '../sketch/coarsen.ts';

/**
 * One count per coarse bin, then two more: `missing` (null, absent, invalid and non-finite rows, so that growing nulls
 * are drift like any other), and `unseen` (what the baseline has no value of). All rows of a column are in it once.
 */
export function countVector(
  coarsening: Coarsening,
  counts: Float64Array,
  missing: number,
  unseen: number,
): Float64Array {
  const { groups, size } = coarsening;
  const vector = new Float64Array(size + 2);
  vector[size] = missing;
  vector[size + 1] = unseen;
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i]!;
    vector[group < 0 ? size + 1 : group]! += counts[i]!;
  }
  return vector;
}

/**
 * Both vectors without the bins that are empty on both sides: such a bin says nothing, but smoothing would give it
 * unequal shares where the sides differ in rows.
 */
export function occupied(
  baseline: Float64Array,
  window: Float64Array,
): { baseline: Float64Array; window: Float64Array } {
  let kept = 0;
  const [left, right] = [new Float64Array(baseline.length), new Float64Array(window.length)];
  for (let i = 0; i < baseline.length; i++) {
    if (baseline[i]! + window[i]! === 0) continue;
    left[kept] = baseline[i]!;
    right[kept] = window[i]!;
    kept += 1;
  }
  return { baseline: left.subarray(0, kept), window: right.subarray(0, kept) };
}
