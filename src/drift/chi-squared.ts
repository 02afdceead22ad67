// Pearson's chi-squared: whether two sets of counts, or counts and given shares, can come from the same distribution.

import { total } from '../sketch/total.ts';
import { chiSquaredTail } from '../stats/chi-squared.ts';

export interface ChiSquaredTest {
  readonly statistic: number;
  readonly degreesOfFreedom: number;
  readonly p: number;
}

/**
 * The test of homogeneity. Formula: Σ (observed − expected)²/expected of the 2 × B table of counts, without continuity
 * correction. Range: 0 to ∞. Unit: none; grows with the rows. Rows that are missing: a bin of their own. Values that are unseen: a
 * bin of their own. Empty bins: as they are; those that are empty on both sides do not exist. Undefined with fewer than two bins.
 * `baseline` and `window` are counts per bin, both with at least one row.
 * Source: Pearson 1900, Philosophical Magazine 50, and 1911, Biometrika 8.
 */
export function chiSquaredHomogeneity(
  baseline: Float64Array,
  window: Float64Array,
): ChiSquaredTest | undefined {
  const m = total(baseline);
  const n = total(window);
  let statistic = 0;
  let bins = 0;
  for (let i = 0; i < baseline.length; i++) {
    const inBin = baseline[i]! + window[i]!;
    if (inBin === 0) continue;
    bins += 1;
    // Both cells of a column deviate by the same amount: their two terms have this common form.
    const deviation = baseline[i]! - (inBin * m) / (m + n);
    statistic += (deviation * deviation * (m + n) * (m + n)) / (inBin * m * n);
  }
  return tested(statistic, bins);
}

/**
 * The test of fit of the window's counts to the baseline's shares taken as known. Undefined with fewer than two bins,
 * and where the window has rows in a bin that is empty in the baseline (then the fit is impossible, not just bad).
 */
export function chiSquaredFit(baseline: Float64Array, window: Float64Array): ChiSquaredTest | undefined {
  const m = total(baseline);
  const n = total(window);
  let statistic = 0;
  let bins = 0;
  for (let i = 0; i < baseline.length; i++) {
    if (baseline[i] === 0 && window[i] === 0) continue;
    if (baseline[i] === 0) return undefined;
    bins += 1;
    const expected = (n * baseline[i]!) / m;
    statistic += (window[i]! - expected) ** 2 / expected;
  }
  return tested(statistic, bins);
}

function tested(statistic: number, bins: number): ChiSquaredTest | undefined {
  if (bins < 2) return undefined;
  return { statistic, degreesOfFreedom: bins - 1, p: chiSquaredTail(statistic, bins - 1) };
}
