// What is remembered of the values of one numeric column: the raw values while there are few, then moments, bins and digest.
//
// Values wait in `pending` until there are a thousand, and are folded together. When that happens depends on their number
// alone, so the state is a function of the sequence of values: reading or storing it in between changes nothing later.
import { Fault } from '../fault.ts';
import type { Binning } from './binning.ts';
import { type Bins, copyBins, emptyBins, mergeBins, observeBins, sameEdges } from './bins.ts';
import {
  type Digest,
  digestQuantile,
  digestRank,
  emptyDigest,
  mergedDigest,
  type Rank,
  withSorted,
} from './digest.ts';
import {
  copyDistinct,
  type Distinct,
  distinctCount,
  emptyDistinct,
  mergeDistincts,
  observeDistinctNumber,
} from './distinct.ts';
import { emptyMoments, type Moments, mergeMoments, observeMoments } from './moments.ts';
import { sortInto } from './radix-sort.ts';
import { countBelow, countUpTo } from './sorted-ranks.ts';

export interface NumericSummary {
  readonly moments: Moments;
  /** Undefined where no baseline has frozen bins. */
  readonly bins: Bins | undefined;
  digest: Digest;
  /** The distinct values that have been folded; undefined where nobody asked for them, or some were folded before. */
  distinct: Distinct | undefined;
  /** Raw values that are not in the others yet; only the first `pendingCount` count. */
  pending: Float64Array;
  pendingCount: number;
}

/** As many values are kept raw, so that a window with no more is exact; the next one folds them. */
export const pendingMax = 1000;

const pendingMin = 64;
const noValues = new Float64Array(0);

/** A summary of nothing; `countsDistinct` says whether distinct values are counted beyond those that are kept raw. */
export function emptyNumericSummary(binning?: Binning, countsDistinct = false): NumericSummary {
  return {
    moments: emptyMoments(),
    bins: binning === undefined ? undefined : emptyBins(binning),
    digest: emptyDigest,
    distinct: countsDistinct ? emptyDistinct() : undefined,
    pending: noValues,
    pendingCount: 0,
  };
}

/** Adds one value, which must be finite; -0 is kept as 0. */
export function observeNumber(summary: NumericSummary, x: number): void {
  if (summary.pendingCount === summary.pending.length) makeRoom(summary);
  // Summaries of equal numbers are equal byte by byte, so that no -0 may enter: -0 + 0 is 0.
  summary.pending[summary.pendingCount] = x + 0;
  summary.pendingCount += 1;
}

/** Grows the buffer up to `pendingMax`; folds it when that is full. */
function makeRoom(summary: NumericSummary): void {
  const capacity = summary.pending.length;
  if (capacity >= pendingMax) {
    fold(summary);
    return;
  }
  const grown = new Float64Array(Math.min(pendingMax, Math.max(pendingMin, capacity * 2)));
  grown.set(summary.pending);
  summary.pending = grown;
}

const sorted = new Float64Array(pendingMax);

function fold(summary: NumericSummary): void {
  const { pending, pendingCount } = summary;
  sortInto(sorted, pending, pendingCount);
  observeMoments(summary.moments, sorted, pendingCount);
  if (summary.bins !== undefined) observeBins(summary.bins, sorted, pendingCount);
  summary.digest = withSorted(summary.digest, sorted, pendingCount);
  if (summary.distinct !== undefined) observeSorted(summary.distinct, pendingCount);
  summary.pendingCount = 0;
}

function observeSorted(distinct: Distinct, count: number): void {
  for (let i = 0; i < count; i++) {
    if (i === 0 || sorted[i] !== sorted[i - 1]) observeDistinctNumber(distinct, sorted[i]!);
  }
}

/**
 * Adds `from` to `into`; `from` stays as it is. Counts and bins add exactly, raw values follow those of `into`. Throws BUG,
 * and changes nothing, unless both carry the same bins, or neither carries any.
 */
export function mergeNumericSummaries(into: NumericSummary, from: NumericSummary): void {
  if (into.bins !== undefined && from.bins !== undefined) mergeBins(into.bins, from.bins);
  else if (into.bins !== from.bins) {
    throw new Fault('BUG', 'a summary with bins cannot be merged with one without');
  }
  mergeMoments(into.moments, from.moments);
  if (into.distinct !== undefined && from.distinct !== undefined)
    mergeDistincts(into.distinct, from.distinct);
  else if (from.moments.n > 0) into.distinct = undefined;
  into.digest = mergedDigest(into.digest, from.digest);
  for (let i = 0; i < from.pendingCount; i++) observeNumber(into, from.pending[i]!);
}

/** A summary of its own with the same content. */
export function copyNumericSummary(summary: NumericSummary): NumericSummary {
  return {
    moments: { ...summary.moments },
    bins: summary.bins && copyBins(summary.bins),
    digest: summary.digest,
    distinct: summary.distinct && copyDistinct(summary.distinct),
    pending: summary.pending.slice(0, summary.pendingCount),
    pendingCount: summary.pendingCount,
  };
}

/** A copy that carries no bins, for windows whose parts were binned by different baselines. */
export function withoutBins(summary: NumericSummary): NumericSummary {
  return { ...copyNumericSummary(summary), bins: undefined };
}

/** How many values there are. */
export function numericCount(summary: NumericSummary): number {
  return summary.moments.n + summary.pendingCount;
}

/** A summary as it reads, with everything folded in. */
export interface NumericReading {
  readonly n: number;
  readonly moments: Moments;
  readonly bins: Bins | undefined;
  /** All values ascending, while none has been folded away. */
  readonly exact: Float64Array | undefined;
  /** How many distinct values there are: always known while values are exact, later where it was asked for. */
  readonly distinct: number | undefined;
  /** The value at rank q · n: the smallest with F(x) ≥ q where values are exact, interpolated otherwise. NaN while empty. */
  quantile(q: number): number;
  rank(x: number): Rank;
}

/** Reads a summary without changing it. */
export function readNumeric(summary: NumericSummary): NumericReading {
  return summary.moments.n === 0 ? readExact(summary) : readFolded(summary);
}

/** While all values are raw, nothing is asked of a digest: none is made. */
function readExact(summary: NumericSummary): NumericReading {
  const { pending, pendingCount, bins } = summary;
  const exact = new Float64Array(pendingCount);
  sortInto(exact, pending, pendingCount);
  const moments = emptyMoments();
  observeMoments(moments, exact, pendingCount);
  const counted = bins && copyBins(bins);
  if (counted !== undefined) observeBins(counted, exact, pendingCount);
  return {
    ...{ n: pendingCount, moments, bins: counted, exact, distinct: changesIn(exact) },
    quantile: (q) => exactQuantile(exact, q),
    rank: (x) => exactRank(exact, x),
  };
}

function changesIn(values: Float64Array): number {
  let distinct = 0;
  for (let i = 0; i < values.length; i++) if (i === 0 || values[i] !== values[i - 1]) distinct += 1;
  return distinct;
}

function readFolded(summary: NumericSummary): NumericReading {
  const whole = copyNumericSummary(summary);
  fold(whole);
  const { moments, bins, digest, distinct } = whole;
  return {
    ...{ n: moments.n, moments, bins, exact: undefined, distinct: distinct && distinctCount(distinct) },
    quantile: (q) => digestQuantile(digest, q),
    rank: (x) => digestRank(digest, x),
  };
}

/** The smallest value with F(x) ≥ q, the inverted distribution function; NaN while there is none. */
function exactQuantile(values: Float64Array, q: number): number {
  let index = Math.ceil(q * values.length) - 1;
  // 0.07 · 100 is a little more than 7, but 7 of 100 are 0.07.
  if (index / values.length >= q) index -= 1;
  return values[Math.max(0, Math.min(values.length - 1, index))] ?? Number.NaN;
}

function exactRank(values: Float64Array, x: number): Rank {
  return { below: countBelow(values, values.length, x), atOrBelow: countUpTo(values, values.length, x) };
}

/**
 * The same content in bins of another baseline: counted exactly while all values are raw, otherwise estimated from the
 * digest. Estimated counts are whole numbers with the same total. Sums are estimated by the value in the middle of the
 * bin's ranks, those of the two open bins by the centroids in them.
 */
export function rebinned(summary: NumericSummary, binning: Binning): NumericSummary {
  const whole = copyNumericSummary(summary);
  if (whole.bins !== undefined && sameEdges(whole.bins.binning, binning)) return whole;
  const bins = emptyBins(binning);
  if (whole.digest.total > 0) estimateBins(bins, whole.digest);
  return { ...whole, bins };
}

function estimateBins(bins: Bins, digest: Digest): void {
  const { edges } = bins.binning;
  let below = 0;
  for (let bin = 0; bin <= edges.length; bin++) {
    const rank = bin === edges.length ? digest.total : Math.round(digestRank(digest, edges[bin]!).below);
    const count = Math.max(0, rank - below);
    const isOpen = bin === 0 || bin === edges.length;
    bins.counts[bin] = count;
    if (count > 0) {
      bins.sums[bin] = isOpen
        ? sumBetween(digest, below, below + count)
        : count * digestQuantile(digest, (below + count / 2) / digest.total);
    }
    below += count;
  }
}

/** Sum of the values with these ranks, each taken to be the mean of its centroid. */
function sumBetween(digest: Digest, from: number, to: number): number {
  let done = 0;
  let sum = 0;
  digest.means.forEach((mean, i) => {
    const next = done + digest.weights[i]!;
    sum += mean * Math.max(0, Math.min(to, next) - Math.max(from, done));
    done = next;
  });
  return sum;
}
