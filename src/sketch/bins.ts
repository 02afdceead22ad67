// Exact count and sum of values in bins that a baseline froze: merges in any order, and compares without sketch error.
import { Fault } from '../fault.ts';
import { type Binning, binCount } from './binning.ts';

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

/** Counts the first `length` values, which are finite and ascending: one walk along them and the edges. */
export function observeBins(bins: Bins, sorted: Float64Array, length: number): void {
  const { counts, sums } = bins;
  const { edges } = bins.binning;
  let i = 0;
  for (let bin = 0; i < length; bin++) {
    const end = bin < edges.length ? edges[bin]! : Infinity;
    const first = i;
    let sum = 0;
    while (i < length && sorted[i]! < end) {
      sum += sorted[i]!;
      i += 1;
    }
    if (i === first) continue;
    counts[bin]! += i - first;
    sums[bin]! += sum;
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
