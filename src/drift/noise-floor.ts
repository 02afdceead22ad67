// What each measure shows when nothing has drifted: its null distribution for given numbers of rows and bins.
import { chiSquaredQuantile, chiSquaredTail } from '../stats/chi-squared.ts';
import { kolmogorovQuantile, stephensFactor, twoSampleKolmogorovTail } from '../stats/kolmogorov.ts';
import { normalQuantile, normalTail } from '../stats/normal.ts';
import { type ChiFit, type LInfinityShape, lInfinityTail } from './null-shape.ts';
import { fittedTerms, type TermMoments, tabulateTerm } from './sparse-bins.ts';

/** The share of undrifted windows whose score exceeds the noise floor. */
export const noiseTail = 0.001;

/** The distribution of a score under no drift, rows taken as independent. */
export interface Null {
  /** The score that a share `noiseTail` of undrifted windows exceeds. */
  readonly floor: number;
  /** The probability of a score at least as large. */
  readonly tail: (score: number) => number;
}

/** The variance of the difference of two shares is this times p(1 − p): n rows of the window, m of the baseline. */
function samplingVariance(n: number, m: number): number {
  return 1 / n + 1 / m;
}

const kolmogorovFloor = kolmogorovQuantile(noiseTail);

/**
 * PSI ≈ (1/n + 1/m) χ²(B − 1) (Yurdakul and Naranjo 2020); smoothing keeps sparse bins from exceeding it. With a
 * single bin there is nothing to compare.
 */
export function psiNull(n: number, m: number, bins: number): Null {
  if (bins < 2) return { floor: 0, tail: () => 1 };
  const variance = samplingVariance(n, m);
  return {
    floor: variance * chiSquaredQuantile(noiseTail, bins - 1),
    tail: (score) => chiSquaredTail(score / variance, bins - 1),
  };
}

/**
 * Four times the squared Hellinger distance's term, and the Jensen-Shannon divergence's in nats, per row: both are (x
 * - λ)²/λ near x = λ.
 */
const hellingerTerms = tabulateTerm((count, expected) => 4 * (Math.sqrt(count) - Math.sqrt(expected)) ** 2);
const jensenShannonTerms = tabulateTerm((count, expected) => {
  const middle = (count + expected) / 2;
  return 4 * ((count > 0 ? count * Math.log(count / middle) : 0) + expected * Math.log(expected / middle));
});

const pearsonTerms = tabulateTerm((count, expected) => (count - expected) ** 2 / expected);

/** A score s for which s^`power` / `scale` is a sum of such terms; `baseline` are the rows per bin. */
function sparseNull(
  terms: TermMoments,
  baseline: Float64Array,
  n: number,
  m: number,
  scale: number,
  power: 1 | 2,
): Null {
  if (baseline.length < 2) return { floor: 0, tail: () => 1 };
  const { factor, degreesOfFreedom } = fittedTerms(terms, baseline, n, m);
  const fitted = scale * factor;
  return {
    floor: (fitted * chiSquaredQuantile(noiseTail, degreesOfFreedom)) ** (1 / power),
    tail: (score) => chiSquaredTail(score ** power / fitted, degreesOfFreedom),
  };
}

/**
 * Squared Jensen-Shannon distance in bits ≈ (1/n + 1/m) χ²(B − 1) / (8 ln 2) around p = q, fitted where bins are
 * sparse.
 */
export function jensenShannonNull(n: number, m: number, baseline: Float64Array): Null {
  return sparseNull(jensenShannonTerms, baseline, n, m, samplingVariance(n, m) / (8 * Math.LN2), 2);
}

/** Squared Hellinger distance ≈ (1/n + 1/m) χ²(B − 1) / 8 around p = q, fitted where bins are sparse. */
export function hellingerNull(n: number, m: number, baseline: Float64Array): Null {
  return sparseNull(hellingerTerms, baseline, n, m, samplingVariance(n, m) / 8, 2);
}

/**
 * Pearson's statistic: χ²(B − 1), fitted where bins are sparse (there its variance is greater: Haldane 1937). With
 * the textbook distribution one new value in a bin where 0.1 rows are expected would already be below any level.
 */
export function chiSquaredStatisticNull(n: number, m: number, baseline: Float64Array): Null {
  return sparseNull(pearsonTerms, baseline, n, m, 1, 1);
}

/** Kolmogorov's limit distribution with Stephens' correction; for ties it is conservative. */
export function kolmogorovSmirnovNull(n: number, m: number): Null {
  return {
    floor: kolmogorovFloor / stephensFactor(n, m),
    tail: (statistic) => twoSampleKolmogorovTail(statistic, n, m),
  };
}

/**
 * Total variation: a multiple of a chi variable, fitted to the case that the qᵢ − pᵢ are jointly normal. One row is
 * allowed for, because in bins that are all but empty counts are Poisson and not normal.
 */
export function totalVariationNull(fit: ChiFit, n: number, m: number): Null {
  const root = Math.sqrt(samplingVariance(n, m));
  return {
    floor: 1 / n + root * fit.floor,
    tail: (score) =>
      chiSquaredTail((Math.max(0, score - 1 / n) / (root * fit.scale)) ** 2, fit.degreesOfFreedom),
  };
}

const halfNormalMean = Math.sqrt(2 / Math.PI);
const halfNormalFloor = normalQuantile(noiseTail / 2);

/**
 * Wasserstein distance in standard deviations: √(1/n + 1/m) times ∫ |B(F(x))| dx, taken as a half-normal variable
 * moved to the mean of that integral. No functional of B has a greater variance than the difference of means, 1, and
 * this rules the far tail (Borell 1975), so that the floor is exact for two values and up to a fifth too great
 * elsewhere. Where the tails are so heavy that a mean of n rows is not normal it is too small.
 */
export function wassersteinNull(mean: number, n: number, m: number): Null {
  const root = Math.sqrt(samplingVariance(n, m));
  const offset = mean - halfNormalMean;
  return {
    floor: root * (offset + halfNormalFloor),
    tail: (score) => 2 * normalTail(Math.max(0, score / root - offset)),
  };
}

/**
 * L-infinity: the bins taken as independent normals (Šidák 1967: an upper bound of the tail), one row allowed for as
 * above.
 */
export function lInfinityNull(shape: LInfinityShape, n: number, m: number): Null {
  const root = Math.sqrt(samplingVariance(n, m));
  return {
    floor: 1 / n + root * shape.floor,
    tail: (score) => lInfinityTail(shape.deviations, Math.max(0, score - 1 / n) / root),
  };
}
