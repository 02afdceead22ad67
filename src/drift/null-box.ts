// The shares that count as undrifted for the sequential detector, and the greatest likelihood among them.
import { total } from '../sketch/total.ts';

/** Least and greatest share of every bin that is no drift. */
export interface NullBox {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** Shares of the baseline are taken as known to so many standard errors. */
const standardErrors = 3.5;

/**
 * Wilson's interval of every share of the baseline (Journal of the American Statistical Association 22, 1927) at 3.5
 * standard errors, widened by the relative `tolerance`. In a bin of an average share that is the tolerance plus
 * 3.5 √(B/m) for B bins and m rows; in a rare bin, of which the baseline knows less, it is more. Without this allowance
 * an undrifted column is an alarm as soon as its windows hold more rows than the baseline. `baseline` are rows per bin,
 * at least one in all.
 */
export function nullBox(baseline: Float64Array, tolerance: number): NullBox {
  const m = total(baseline);
  const squared = standardErrors * standardErrors;
  const reachOf = (count: number) => standardErrors * Math.sqrt((count * (m - count)) / m + squared / 4);
  return {
    lower: baseline.map(
      (count) => ((1 - tolerance) * Math.max(0, count + squared / 2 - reachOf(count))) / (m + squared),
    ),
    upper: baseline.map((count) =>
      Math.min(1, ((1 + tolerance) * (count + squared / 2 + reachOf(count))) / (m + squared)),
    ),
  };
}

/** How far from 1 the shares may sum: of n rows in bins that share the mass f, the result is exact to this times n/f. */
const sumError = 1e-13;

/** Halving alone finds any double within so many steps. */
const mostSteps = 2000;

/**
 * The greatest Σ cᵢ ln pᵢ over the shares p of the box, for counts c that are not all 0. The optimum is water-filling:
 * pᵢ = λ cᵢ, clipped to the box, with the λ at which the shares sum to 1 (the Karush-Kuhn-Tucker conditions). Their sum
 * is piecewise linear in λ and never falls: Newton's method, kept inside a bracket. Where the bins that have rows do not
 * reach 1 at their upper bounds, empty bins take the rest, at no cost.
 */
export function logSupremum(counts: Float64Array, box: NullBox): number {
  const { lower, upper } = box;
  const level = waterLevel(counts, box);
  let logLikelihood = 0;
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i]!;
    if (count > 0) logLikelihood += count * Math.log(Math.min(upper[i]!, Math.max(lower[i]!, level * count)));
  }
  return logLikelihood;
}

/** The λ of `logSupremum`; infinite where every bin that has rows stands at its upper bound. */
function waterLevel(counts: Float64Array, { lower, upper }: NullBox): number {
  let low = 0;
  let high = Infinity;
  let level = 1 / total(counts);
  for (let step = 0; step < mostSteps; step++) {
    let sum = 0;
    let free = 0;
    let canRise = false;
    for (let i = 0; i < counts.length; i++) {
      const share = level * counts[i]!;
      if (share < upper[i]! && counts[i]! > 0) canRise = true;
      if (share <= lower[i]!) sum += lower[i]!;
      else if (share >= upper[i]!) sum += upper[i]!;
      else {
        sum += share;
        free += counts[i]!;
      }
    }
    if (Math.abs(sum - 1) <= sumError) return level;
    if (sum < 1) {
      if (!canRise) return Infinity;
      low = level;
    } else high = level;
    const next = level + (1 - sum) / free;
    if (next > low && next < high) level = next;
    else level = high === Infinity ? 2 * level : (low + high) / 2;
    if (level === low || level === high) return level;
  }
  return level;
}
