// How well a score ranks positives above negatives, from the rows of either per ascending score.
import { type Interval, logitInterval } from './interval.ts';

/** Rows per ascending distinct score; they may be expected numbers, and then are no whole ones. */
export interface RankedRows {
  readonly positives: Float64Array;
  readonly negatives: Float64Array;
}

/**
 * Area under the ROC curve: the probability that a positive scores above a negative, ties counted half. Undefined
 * unless there are both.
 */
export function rocArea({ positives, negatives }: RankedRows): number | undefined {
  let below = 0;
  let pairs = 0;
  let above = 0;
  for (let i = 0; i < positives.length; i++) {
    pairs += positives[i]! * (below + negatives[i]! / 2);
    below += negatives[i]!;
    above += positives[i]!;
  }
  return above > 0 && below > 0 ? pairs / (above * below) : undefined;
}

/**
 * Average precision: the precision at every score of a positive, averaged over the positives; step-wise, without
 * interpolation. Undefined without positives.
 */
export function averagePrecision({ positives, negatives }: RankedRows): number | undefined {
  let found = 0;
  let taken = 0;
  let sum = 0;
  for (let i = positives.length - 1; i >= 0; i--) {
    found += positives[i]!;
    taken += positives[i]! + negatives[i]!;
    if (positives[i]! > 0) sum += (positives[i]! * found) / taken;
  }
  return found > 0 ? sum / found : undefined;
}

/**
 * Variance of the area by E. R. DeLong, D. M. DeLong and D. L. Clarke-Pearson (Biometrics 44, 1988): how much the share of
 * the other class that a row ranks above varies within each class. Undefined with fewer than two rows of a class.
 */
export function rocAreaVariance({ positives, negatives }: RankedRows, area: number): number | undefined {
  let m = 0;
  let n = 0;
  for (let i = 0; i < positives.length; i++) {
    m += positives[i]!;
    n += negatives[i]!;
  }
  if (m < 2 || n < 2) return undefined;
  let [below, passed, ofPositives, ofNegatives] = [0, 0, 0, 0];
  for (let i = 0; i < positives.length; i++) {
    const ranksAbove = (below + negatives[i]! / 2) / n;
    const isOutranked = (m - passed - positives[i]! / 2) / m;
    ofPositives += positives[i]! * (ranksAbove - area) ** 2;
    ofNegatives += negatives[i]! * (isOutranked - area) ** 2;
    below += negatives[i]!;
    passed += positives[i]!;
  }
  return ofPositives / (m - 1) / m + ofNegatives / (n - 1) / n;
}

/**
 * An interval for the area, on the scale of log-odds. Where the sample itself shows no variance (a perfect ranking, a single
 * positive) it is what the areas of Hanley and McNeil's variance leave open: the ones from which the observed one is at most
 * z standard errors away (R. G. Newcombe, Statistics in Medicine 25, 2006, method 5).
 */
export function rocAreaInterval(ranked: RankedRows, area: number, z: number): Interval {
  const variance = rocAreaVariance(ranked, area);
  if (variance !== undefined && variance > 0 && area > 0 && area < 1)
    return logitInterval(area, Math.sqrt(variance), z);
  const m = ranked.positives.reduce((sum, rows) => sum + rows, 0);
  const n = ranked.negatives.reduce((sum, rows) => sum + rows, 0);
  return {
    lower: farthest(area, 0, (theta) => (area - theta) ** 2 <= z * z * hanleyVariance(theta, m, n)),
    upper: farthest(area, 1, (theta) => (area - theta) ** 2 <= z * z * hanleyVariance(theta, m, n)),
  };
}

/**
 * Variance of the area as it follows from the area and the numbers of rows alone (J. A. Hanley, B. J. McNeil, Radiology
 * 143, 1982), with the numbers balanced as Newcombe has them.
 */
export function hanleyVariance(area: number, positives: number, negatives: number): number {
  const balanced = (positives + negatives) / 2 - 1;
  const spread = 1 + balanced * ((1 - area) / (2 - area) + area / (1 + area));
  return (area * (1 - area) * spread) / (positives * negatives);
}

/** The last point on the way from `start`, where it holds, to `end` at which a condition still holds. */
function farthest(start: number, end: number, holds: (point: number) => boolean): number {
  if (holds(end)) return end;
  let [inside, outside] = [start, end];
  for (let step = 0; step < 60; step++) {
    const middle = (inside + outside) / 2;
    if (holds(middle)) inside = middle;
    else outside = middle;
  }
  return inside;
}
