// Exact count and sum of values in bins that a baseline froze: merges in any order, and compares without sketch error.
import { Fault } from '../fault.ts';
import { type Binning, binCount, binOf } from './binning.ts';

export interface Bins {
  readonly binning: Binning;
  readonly counts: Float64Array;
  readonly sums: Float64Array;
}

/** Bins that hold nothing. */
export function emptyBins(binning: Binning): Bins {
  const bins = binCount(binning);
  return { binning, counts: new Float64Array(bins), sums: new Float64Array(bins) };
}

/** Counts the first `length` values, all finite. */
export function observeBins(bins: Bins, values: Float64Array, length: number): void {
  const { binning, counts, sums } = bins;
  for (let i = 0; i < length; i++) {
    const x = values[i]!;
    const bin = binOf(binning, x);
    counts[bin]! += 1;
    sums[bin]! += x;
  }
}

/** Adds `from` to `into`; `from` stays as it is. Throws BUG for bins with other edges: their counts do not mean the same. */
export function mergeBins(into: Bins, from: Bins): void {
  if (!sameEdges(into.binning, from.binning))
    throw new Fault('BUG', 'bins with different edges cannot be merged');
  for (let i = 0; i < into.counts.length; i++) {
    into.counts[i]! += from.counts[i]!;
    into.sums[i]! += from.sums[i]!;
  }
}

/** Whether two binnings put every value into the same bin. */
export function sameEdges(a: Binning, b: Binning): boolean {
  return a === b || (a.edges.length === b.edges.length && a.edges.every((edge, i) => edge === b.edges[i]));
}

/** Bins of their own with the same content. */
export function copyBins(bins: Bins): Bins {
  return { binning: bins.binning, counts: bins.counts.slice(), sums: bins.sums.slice() };
}
