// How coarse the bins of a window are: 10, 16 or 32, each made of the bins of the finest level.
import { coarseBins, coarsenedBins } from '../sketch/coarsen.ts';

/** The greatest numbers of bins that hold values, fewest first; missing and unseen come on top. */
export const coarseLevels = [10, 16, coarseBins] as const;

/** A bin of equal mass should expect this many effective rows: with fewer, more bins add more noise than they show. */
const rowsPerBin = 20;

/** Which of `coarseLevels` a window of so many effective rows is compared on. */
export function levelFor(nEffective: number): number {
  let level = 0;
  while (level + 1 < coarseLevels.length && nEffective >= rowsPerBin * coarseLevels[level + 1]!) level += 1;
  return level;
}

/** The bin of a coarser vector that each bin of the finest one goes to, missing and unseen included. */
export interface Grouping {
  readonly groups: Int32Array;
  /** How many bins there are then, missing and unseen included. */
  readonly size: number;
}

/** Adjacent bins merged to about equal mass, heavy ones left alone. `counts` is a count vector of the finest level. */
export function numericGrouping(counts: Float64Array, limit: number): Grouping {
  const values = counts.length - 2;
  const { groups, size } = coarsenedBins(counts.subarray(0, values), limit);
  return withSpecialBins(groups, size);
}

/** The most frequent categories one by one, which are the first of the finest level, and the rest in one bin. */
export function categoricalGrouping(counts: Float64Array, limit: number): Grouping {
  const values = counts.length - 2;
  const groups = Int32Array.from({ length: values }, (_, rank) => Math.min(rank, limit - 1));
  return withSpecialBins(groups, Math.min(values, limit));
}

function withSpecialBins(values: Int32Array, size: number): Grouping {
  const groups = new Int32Array(values.length + 2);
  for (let i = 0; i < values.length; i++) groups[i] = values[i]! < 0 ? size + 1 : values[i]!;
  groups[values.length] = size;
  groups[values.length + 1] = size + 1;
  return { groups, size: size + 2 };
}

/** A count vector of the finest level on coarser bins. */
export function regrouped(vector: Float64Array, { groups, size }: Grouping): Float64Array {
  const coarser = new Float64Array(size);
  for (let i = 0; i < vector.length; i++) coarser[groups[i]!]! += vector[i]!;
  return coarser;
}
