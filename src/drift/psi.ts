// Population stability index: the symmetrised Kullback-Leibler divergence of two sets of bin shares, in nats.
import { total } from '../sketch/total.ts';

/**
 * What stands in for an empty bin, whose logarithm is infinite: a least share (without renormalising), or half a row
 * added to every bin of both sides, so that the substitute shrinks as the data grow.
 */
export type Smoothing = { readonly floor: number } | { readonly addHalf: true };

/**
 * Formula: Σ (q − p) ln(q/p), p and q the shares of a bin in the baseline and in the window. Range: 0 to ∞. Unit: nats.
 * Rows that are missing: a bin of their own. Values that are unseen: a bin of their own (`countVector` makes both). Empty bins:
 * as `smoothing` says. `baseline` and `window` are counts per bin, both with at least one row.
 * Source: Siddiqi 2006, Credit Risk Scorecards; Yurdakul and Naranjo 2020, Statistical properties of the population stability
 * index.
 */
export function populationStabilityIndex(
  baseline: Float64Array,
  window: Float64Array,
  smoothing: Smoothing,
): number {
  const added = 'addHalf' in smoothing ? 0.5 : 0;
  const floor = 'floor' in smoothing ? smoothing.floor : 0;
  const m = total(baseline) + added * baseline.length;
  const n = total(window) + added * window.length;
  let sum = 0;
  for (let i = 0; i < baseline.length; i++) {
    const p = Math.max((baseline[i]! + added) / m, floor);
    const q = Math.max((window[i]! + added) / n, floor);
    sum += (q - p) * Math.log(q / p);
  }
  return sum;
}
