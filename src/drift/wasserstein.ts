// Wasserstein-1 distance: how far, on average, rows have to move for two distributions to be equal, in the column's
// unit.
import {
  belowBin,
  type Distribution,
  isOpen,
  rankInBin,
  rankInSpread,
  type Spread,
  spreadOf,
} from './distribution.ts';

/** Into how many pieces a bin is cut where both functions are only known at its ends. */
const pieces = 4;

/** A bin whose crossing could add less than this, in standard deviations of the baseline, is not looked into. */
const negligible = 1e-5;

/** ∫ max(0, F − G) and ∫ max(0, G − F). */
interface Parts {
  above: number;
  below: number;
}

/**
 * The numerator of the formula: ∫ |F − G| dx / standard deviation of the baseline, F and G the distribution functions of two
 * samples over the same bins. A metric. Range: 0 to ∞. Unit: that of the column here; the score is in standard deviations; `raw`
 * in the unit of the column. Rows that are missing: left out. Values that are unseen: numbers like any other. Empty bins: no bins
 * needed. Source: del Barrio, Giné and Matrán 1999, Annals of Probability 27.
 *
 * The integral of F − G over a bin follows exactly from both functions
 * at its ends and the sums of the values in it, so that the result is exact in every bin where the functions cannot
 * cross. Where they can, twice the lesser of the parts above and below 0 is added, by the functions' best estimates
 * inside the bin. With two exact samples nothing is estimated.
 */
export function wassersteinDistance(baseline: Distribution, window: Distribution): number {
  if (baseline.exact !== undefined && window.exact !== undefined)
    return exactDistance(baseline.exact, window.exact);
  const { edges } = baseline.binning;
  let distance = 0;
  let from = 0;
  for (let bin = 0; bin <= edges.length; bin++) {
    const to = window.below[bin]! / window.n - baseline.below[bin]! / baseline.n;
    // ∫ F over a bin is its upper edge times F there, less its lower edge times F there, less its sum; an open end adds nothing.
    const upper = bin < edges.length ? edges[bin]! * to : 0;
    const lower = bin > 0 ? edges[bin - 1]! * from : 0;
    const sums = window.sums[bin]! / window.n - baseline.sums[bin]! / baseline.n;
    distance += Math.abs(upper - lower - sums);
    if (crossingBound(baseline, window, bin) > negligible * baseline.deviation) {
      const { above, below } = isOpen(baseline, bin)
        ? partsInOpen(baseline, window, bin)
        : partsInClosed(baseline, window, bin);
      distance += 2 * Math.min(above, below);
    }
    from = to;
  }
  return distance;
}

/** How great the lesser part can be at the most: 0 where F − G has one sign in the whole bin. */
function crossingBound(baseline: Distribution, window: Distribution, bin: number): number {
  const { edges } = baseline.binning;
  const highest = window.below[bin]! / window.n - belowBin(baseline, bin) / baseline.n;
  const lowest = belowBin(window, bin) / window.n - baseline.below[bin]! / baseline.n;
  const from = edges[bin - 1] ?? Math.min(baseline.min, window.min);
  const to = edges[bin] ?? Math.max(baseline.max, window.max);
  return Math.max(0, Math.min(highest, -lowest)) * (to - from);
}

/** Cut at the window's values where it still has them, else into equal pieces. */
function partsInClosed(baseline: Distribution, window: Distribution, bin: number): Parts {
  return window.exact === undefined
    ? partsInPieces(baseline, window, bin)
    : partsAtValues(baseline, window, window.exact, bin);
}

function partsAtValues(
  baseline: Distribution,
  window: Distribution,
  values: Float64Array,
  bin: number,
): Parts {
  const parts = { above: 0, below: 0 };
  const spread = spreadOf(baseline, bin);
  const { from, width } = spread;
  const end = window.below[bin]!;
  let x = from;
  let b = atLowerEdge(spread) / baseline.n;
  for (let i = belowBin(window, bin); i <= end; i++) {
    const to = i < end ? values[i]! : from + width;
    const next = rankInSpread(spread, to) / baseline.n;
    addPiece(parts, to - x, i / window.n - b, i / window.n - next);
    x = to;
    b = next;
  }
  return parts;
}

function partsInPieces(baseline: Distribution, window: Distribution, bin: number): Parts {
  const parts = { above: 0, below: 0 };
  const [b, w] = [spreadOf(baseline, bin), spreadOf(window, bin)];
  cutInPieces(b, baseline.n, baselineCuts);
  cutInPieces(w, window.n, windowCuts);
  const width = b.width / pieces;
  for (let piece = 0; piece < pieces; piece++) {
    const left = windowCuts[piece]! - baselineCuts[piece]!;
    addPiece(parts, width, left, windowCuts[piece + 1]! - baselineCuts[piece + 1]!);
  }
  return parts;
}

const baselineCuts = new Float64Array(pieces + 1);
const windowCuts = new Float64Array(pieces + 1);

/** Shares at or below the ends of a bin's pieces. A quarter is half of a half: two powers say all, and they are most of what the distance costs. */
function cutInPieces(spread: Spread, n: number, cuts: Float64Array): void {
  const { least, count, power } = spread;
  const half = 0.5 ** power;
  cuts[0] = atLowerEdge(spread) / n;
  cuts[1] = (least + count * half * half) / n;
  cuts[2] = (least + count * half) / n;
  cuts[3] = (least + count * 0.75 ** power) / n;
  cuts[4] = (least + count) / n;
}

function atLowerEdge({ least, count, power }: Spread): number {
  return power === 0 ? least + count : least;
}

/** Cut at quantiles of both sides, and at the window's values where it still has them. */
function partsInOpen(baseline: Distribution, window: Distribution, bin: number): Parts {
  const parts = { above: 0, below: 0 };
  const { edges } = baseline.binning;
  const [from, to] = [edges[bin - 1] ?? -Infinity, edges[bin] ?? Infinity];
  const points = new Float64Array(2 + pointCount(baseline, bin) + pointCount(window, bin));
  points[0] = from;
  points[1] = to;
  putPoints(baseline, bin, points, 2);
  putPoints(window, bin, points, 2 + pointCount(baseline, bin));
  points.sort();
  let previous = Number.NaN;
  let left = 0;
  for (const x of points) {
    if (x === previous || !(x >= from && x <= to) || !Number.isFinite(x)) continue;
    const b = rankInBin(baseline, bin, x);
    const w = rankInBin(window, bin, x);
    if (x > previous) addPiece(parts, x - previous, left, w.below / window.n - b.below / baseline.n);
    left = w.atOrBelow / window.n - b.atOrBelow / baseline.n;
    previous = x;
  }
  return parts;
}

/** Adds a piece in which F − G goes from `left` to `right` on a line. */
function addPiece(parts: Parts, width: number, left: number, right: number): void {
  if (left * right < 0) {
    // Each part is a triangle whose base is its share of the width.
    const scale = width / (2 * (Math.abs(left) + Math.abs(right)));
    parts.above += scale * Math.max(left, right) ** 2;
    parts.below += scale * Math.min(left, right) ** 2;
  } else if (left + right > 0) parts.above += (width * (left + right)) / 2;
  else parts.below -= (width * (left + right)) / 2;
}

function countIn(side: Distribution, bin: number): number {
  return side.below[bin]! - belowBin(side, bin);
}

function pointCount(side: Distribution, bin: number): number {
  const count = countIn(side, bin);
  return side.exact === undefined && count > 0 ? 2 * pieces + 1 : count;
}

/** Writes the values of a side in a bin, or quantiles where it has none left, to the places from `at` on. */
function putPoints(side: Distribution, bin: number, points: Float64Array, at: number): void {
  const least = belowBin(side, bin);
  const count = countIn(side, bin);
  if (side.exact !== undefined) points.set(side.exact.subarray(least, least + count), at);
  else if (count > 0) {
    for (let piece = 0; piece <= 2 * pieces; piece++)
      points[at + piece] = side.quantile((least + (count * piece) / (2 * pieces)) / side.n);
  }
}

/** ∫ |F − G| of two samples, both ascending and with at least one value. */
export function exactDistance(baseline: Float64Array, window: Float64Array): number {
  let distance = 0;
  let i = 0;
  let k = 0;
  let previous = Math.min(baseline[0]!, window[0]!);
  while (i < baseline.length || k < window.length) {
    const x = Math.min(baseline[i] ?? Infinity, window[k] ?? Infinity);
    distance += (x - previous) * Math.abs(i / baseline.length - k / window.length);
    while (i < baseline.length && baseline[i] === x) i += 1;
    while (k < window.length && window[k] === x) k += 1;
    previous = x;
  }
  return distance;
}
