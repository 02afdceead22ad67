// Kolmogorov-Smirnov distance: the greatest difference between two distribution functions, with bounds that the bins
// prove.
import { binOf } from '../sketch/binning.ts';
import type { Rank } from '../sketch/digest.ts';
import { belowBin, type Distribution, isOpen, rankInBin } from './distribution.ts';
import { type Bridge, comesNear, likelySupremum } from './likely-supremum.ts';

export interface KolmogorovSmirnov {
  readonly statistic: number;
  /** The exact statistic lies in [lower, upper]; both equal it where the bins leave nothing open. */
  readonly lower: number;
  readonly upper: number;
}

/**
 * Non-exact windows are looked into inside a bin only where it holds more than this share of them: elsewhere a digest
 * says less than the edges.
 */
const heavyShare = 1 / 64;

/**
 * Which part of the window's ties the baseline is taken to share; on real data the error is least between a half and
 * all.
 */
const sharedTies = 2 / 3;

/** How many points inside such a bin are looked at. */
const probesPerBin = 16;

/**
 * Formula: sup |F − G|, F and G the distribution functions of two samples over the same bins. A metric. Range: 0 to 1. Unit: share
 * of values. Rows that are missing: left out. Values that are unseen: numbers like any other. Empty bins: no bins needed.
 * Source: Kolmogorov 1933, Giornale dell'Istituto Italiano degli Attuari 4; Smirnov 1939, Bulletin de l'Université de Moscou 2.
 *
 * At the edges both functions are exact, which bounds the statistic
 * from below; inside a bin both are confined to what they are at its ends, which bounds it from above. The point
 * estimate also looks inside those bins that could exceed the edges: at every value of a window that is still exact;
 * otherwise at quantiles of its heavy bins, at the least and the greatest value of both, and in all other bins by what
 * the chance of the rows in them is likely to add (at the edges alone 10,000 rows show 0.0005 too little). With two exact
 * samples all three agree.
 */
export function kolmogorovSmirnov(baseline: Distribution, window: Distribution): KolmogorovSmirnov {
  if (baseline.exact !== undefined && window.exact !== undefined) {
    const statistic = exactStatistic(baseline.exact, window.exact);
    return { statistic, lower: statistic, upper: statistic };
  }
  if (window.min > baseline.max || window.max < baseline.min) return { statistic: 1, lower: 1, upper: 1 };
  const bounds = boundsByBin(baseline, window);
  let upper = 0;
  for (const bound of bounds) upper = Math.max(upper, bound);
  const lower = atEdges(baseline, window);
  let statistic = lower;
  if (window.exact === undefined) {
    statistic = Math.max(
      atExtremes(baseline, window),
      atExtremes(window, baseline),
      byChance(baseline, window, lower),
    );
    statistic = Math.min(upper, statistic);
  }
  for (let bin = 0; bin < bounds.length; bin++) {
    if (bounds[bin]! > statistic)
      statistic = Math.max(statistic, Math.min(bounds[bin]!, insideBin(baseline, window, bin)));
  }
  return { statistic, lower, upper };
}

function atEdges(baseline: Distribution, window: Distribution): number {
  let greatest = 0;
  for (let i = 0; i < baseline.binning.edges.length; i++) {
    greatest = Math.max(greatest, Math.abs(baseline.below[i]! / baseline.n - window.below[i]! / window.n));
  }
  return greatest;
}

/** Per bin the greatest difference that both functions' values at its ends allow inside it. */
function boundsByBin(baseline: Distribution, window: Distribution): Float64Array {
  const { edges } = baseline.binning;
  const bounds = new Float64Array(edges.length + 1);
  let fromBaseline = 0;
  let fromWindow = 0;
  for (let bin = 0; bin < bounds.length; bin++) {
    const toBaseline = baseline.below[bin]! / baseline.n;
    const toWindow = window.below[bin]! / window.n;
    // With one side empty, or all values equal, both functions change at most once together: the ends say everything.
    const known = toBaseline === fromBaseline || toWindow === fromWindow || isAtom(edges, bin);
    bounds[bin] = known
      ? Math.max(Math.abs(toBaseline - toWindow), Math.abs(fromBaseline - fromWindow))
      : Math.max(toBaseline - fromWindow, toWindow - fromBaseline);
    fromBaseline = toBaseline;
    fromWindow = toWindow;
  }
  return bounds;
}

/** Whether a bin holds a single double: [a, next double after a). */
function isAtom(edges: Float64Array, bin: number): boolean {
  if (bin === 0 || bin === edges.length) return false;
  const from = edges[bin - 1]!;
  const to = edges[bin]!;
  // Halves first: the difference of the two may be greater than any double.
  const middle = from / 2 + to / 2;
  return middle <= from || middle >= to;
}

/** Where one side begins and ends its function is known to be 0 and 1, and the other's need not be near an edge. */
function atExtremes(side: Distribution, other: Distribution): number {
  const first = rankAt(other, side.min)?.below ?? 0;
  const last = rankAt(other, side.max)?.atOrBelow ?? other.n;
  return Math.max(first / other.n, 1 - last / other.n);
}

/** Nothing is said of the open bins: a digest knows them only where it blends no neighbours of another magnitude. */
function rankAt(distribution: Distribution, x: number): Rank | undefined {
  const bin = binOf(distribution.binning, x);
  return isOpen(distribution, bin) ? undefined : rankInBin(distribution, bin, x);
}

/**
 * What is likely inside the bins that hold few of the window: there the difference goes up and down as the rows of both
 * fall. It goes no further than from edge to edge, so that samples which share rows, or are the same, are not held for
 * independent.
 */
function byChance(baseline: Distribution, window: Distribution, lower: number): number {
  const { edges } = baseline.binning;
  const bridges: Bridge[] = [];
  let expected = 0;
  let seen = 0;
  let fromBaseline = 0;
  let fromWindow = 0;
  for (let bin = 0; bin <= edges.length; bin++) {
    const toBaseline = baseline.below[bin]! / baseline.n;
    const toWindow = window.below[bin]! / window.n;
    const inBaseline = toBaseline - fromBaseline;
    const inWindow = toWindow - fromWindow;
    if (inBaseline > 0 && inWindow > 0 && inWindow <= heavyShare && !isAtom(edges, bin)) {
      const variance = inBaseline / baseline.n + inWindow / window.n;
      const from = fromBaseline - fromWindow;
      const to = toBaseline - toWindow;
      expected += variance;
      seen += (to - from) ** 2;
      const above = comesNear(from, to, variance, lower);
      const below = comesNear(-from, -to, variance, lower);
      if ((above || below) && isContinuous(baseline, bin) && isContinuous(window, bin)) {
        if (above) bridges.push({ from, to, variance });
        if (below) bridges.push({ from: -from, to: -to, variance });
      }
    }
    fromBaseline = toBaseline;
    fromWindow = toWindow;
  }
  return likelySupremum(bridges, lower, Math.min(1, seen / expected));
}

/** Whether the value in the middle of a bin's rows is one of many; where it is a heavy one, the functions jump together. */
function isContinuous(side: Distribution, bin: number): boolean {
  const middle = (belowBin(side, bin) + side.below[bin]!) / 2;
  const { below, atOrBelow } = side.rank(side.quantile(middle / side.n));
  return atOrBelow - below <= 1;
}

function insideBin(baseline: Distribution, window: Distribution, bin: number): number {
  if (window.exact !== undefined) return atWindowValues(baseline, window, window.exact, bin);
  const from = belowBin(window, bin);
  const count = window.below[bin]! - from;
  if (count / window.n <= heavyShare) return 0;
  let greatest = 0;
  for (let probe = 0; probe <= probesPerBin; probe++) {
    const x = window.quantile((from + (count * probe) / probesPerBin) / window.n);
    if (binOf(baseline.binning, x) !== bin) continue;
    greatest = Math.max(greatest, differenceAt(baseline, window, bin, x));
  }
  return greatest;
}

/**
 * Between two of its values the window's function is constant and the baseline's monotone: the values are enough.
 * Where the window has ties that the baseline's digest does not know as an atom, the baseline is taken to have a part
 * of them too.
 */
function atWindowValues(
  baseline: Distribution,
  window: Distribution,
  values: Float64Array,
  bin: number,
): number {
  const least = belowBin(baseline, bin);
  const most = baseline.below[bin]!;
  const end = window.below[bin]!;
  let greatest = 0;
  for (let i = belowBin(window, bin); i < end; ) {
    const x = values[i]!;
    const below = i;
    while (i < end && values[i] === x) i += 1;
    const rank = rankInBin(baseline, bin, x);
    const ties = rank.below === rank.atOrBelow ? ((i - below - 1) * baseline.n) / window.n : 0;
    const shared = (sharedTies * Math.min(ties, most - least)) / 2;
    greatest = Math.max(
      greatest,
      Math.abs(Math.max(least, rank.below - shared) / baseline.n - below / window.n),
      Math.abs(Math.min(most, rank.atOrBelow + shared) / baseline.n - i / window.n),
    );
  }
  return greatest;
}

function differenceAt(baseline: Distribution, window: Distribution, bin: number, x: number): number {
  const b = rankInBin(baseline, bin, x);
  const w = rankInBin(window, bin, x);
  return Math.max(
    Math.abs(b.below / baseline.n - w.below / window.n),
    Math.abs(b.atOrBelow / baseline.n - w.atOrBelow / window.n),
  );
}

/** sup |F − G| of two samples, both ascending, ties handled: the functions are compared after all rows of each distinct value. */
export function exactStatistic(baseline: Float64Array, window: Float64Array): number {
  let greatest = 0;
  let i = 0;
  let k = 0;
  while (i < baseline.length && k < window.length) {
    const x = Math.min(baseline[i]!, window[k]!);
    while (i < baseline.length && baseline[i] === x) i += 1;
    while (k < window.length && window[k] === x) k += 1;
    greatest = Math.max(greatest, Math.abs(i / baseline.length - k / window.length));
  }
  return greatest;
}
