// What each measure shows when nothing has drifted: its null distribution for given numbers of rows and bins.
import { chiSquaredQuantile, chiSquaredTail } from '../stats/chi-squared.ts';
import { kolmogorovQuantile, stephensFactor, twoSampleKolmogorovTail } from '../stats/kolmogorov.ts';
import { exactKolmogorovTail, exactPairsMax } from '../stats/kolmogorov-exact.ts';
import { normalQuantile, normalTail } from '../stats/normal.ts';
import { type Dependence, independent } from './dependence.ts';
import { type ChiFit, type LInfinityShape, lInfinityQuantile, lInfinityTail } from './null-shape.ts';
import { fittedTerms, type TermMoments, tabulateTerm } from './sparse-bins.ts';

/** The share of undrifted windows whose score exceeds the noise floor. */
export const noiseTail = 0.001;

/** The distribution of a score under no drift. */
export interface Null {
  /** The score that a share `noiseTail` of undrifted windows exceeds. */
  readonly floor: number;
  /** The probability of a score at least as large. */
  readonly tail: (score: number) => number;
  /** The score with this probability, for 0 < tail < 1. */
  readonly quantile: (tail: number) => number;
}

/** What has nothing to be compared with never exceeds 0. */
const nothing: Null = { floor: 0, tail: () => 1, quantile: () => 0 };

/** The variance of the difference of two shares is this times p(1 − p): n rows of the window, m of the baseline. */
function samplingVariance(n: number, m: number): number {
  return 1 / n + 1 / m;
}

const kolmogorovFloor = kolmogorovQuantile(noiseTail);

/** Below so many degrees of freedom the quantiles of a scaled chi-squared variable shrink again as its tail grows. */
const leastDegrees = 0.5;

/** Degrees of freedom less those that dependence takes. */
function degreesLeft(degreesOfFreedom: number, { concentration }: Dependence): number {
  return Math.max(degreesOfFreedom * concentration, Math.min(degreesOfFreedom, leastDegrees));
}

/**
 * score^`power` as `scale` times a chi-squared variable; with dependence its mean is greater and its degrees of freedom
 * are fewer (second-order Rao-Scott correction). A p-value is never less than that of independent rows.
 */
function chiSquaredNull(scale: number, degreesOfFreedom: number, power: 1 | 2, dependence: Dependence): Null {
  const degrees = degreesLeft(degreesOfFreedom, dependence);
  const widened = (scale * dependence.inflation * degreesOfFreedom) / degrees;
  const quantile = (tail: number) => (widened * chiSquaredQuantile(tail, degrees)) ** (1 / power);
  const tail = (score: number) => {
    const p = chiSquaredTail(score ** power / widened, degrees);
    return dependence === independent
      ? p
      : Math.max(p, chiSquaredTail(score ** power / scale, degreesOfFreedom));
  };
  return { floor: quantile(noiseTail), tail, quantile };
}

/**
 * PSI ≈ (1/n + 1/m) χ²(B − 1) (Yurdakul and Naranjo 2020); smoothing keeps sparse bins from exceeding it. With a
 * single bin there is nothing to compare.
 */
export function psiNull(n: number, m: number, bins: number, dependence = independent): Null {
  return bins < 2 ? nothing : chiSquaredNull(samplingVariance(n, m), bins - 1, 1, dependence);
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
  dependence: Dependence,
): Null {
  if (baseline.length < 2) return nothing;
  const { factor, degreesOfFreedom } = fittedTerms(terms, baseline, n, m);
  return chiSquaredNull(scale * factor, degreesOfFreedom, power, dependence);
}

/**
 * Squared Jensen-Shannon distance in bits ≈ (1/n + 1/m) χ²(B − 1) / (8 ln 2) around p = q, fitted where bins are
 * sparse.
 */
export function jensenShannonNull(
  n: number,
  m: number,
  baseline: Float64Array,
  dependence = independent,
): Null {
  const scale = samplingVariance(n, m) / (8 * Math.LN2);
  return sparseNull(jensenShannonTerms, baseline, n, m, scale, 2, dependence);
}

/** Squared Hellinger distance ≈ (1/n + 1/m) χ²(B − 1) / 8 around p = q, fitted where bins are sparse. */
export function hellingerNull(n: number, m: number, baseline: Float64Array, dependence = independent): Null {
  return sparseNull(hellingerTerms, baseline, n, m, samplingVariance(n, m) / 8, 2, dependence);
}

/**
 * Pearson's statistic: χ²(B − 1), fitted where bins are sparse (there its variance is greater: Haldane 1937). With
 * the textbook distribution one new value in a bin where 0.1 rows are expected would already be below any level.
 */
export function chiSquaredStatisticNull(
  n: number,
  m: number,
  baseline: Float64Array,
  dependence = independent,
): Null {
  return sparseNull(pearsonTerms, baseline, n, m, 1, 1, dependence);
}

/**
 * The exact distribution for up to a million pairs of values, else Kolmogorov's limit with Stephens' correction, which
 * the floor takes for all sizes. For ties both are conservative. Dependent rows count for fewer, by the variance of the
 * difference of the distribution functions.
 */
export function kolmogorovSmirnovNull(rows: number, baselineRows: number, { ordered } = independent): Null {
  const n = rows / ordered;
  const m = baselineRows / ordered;
  return {
    floor: kolmogorovFloor / stephensFactor(n, m),
    tail: (statistic) =>
      // Sizes that allow for dependence between rows need not be whole numbers.
      n * m <= exactPairsMax && Number.isInteger(n) && Number.isInteger(m)
        ? exactKolmogorovTail(statistic, n, m)
        : twoSampleKolmogorovTail(statistic, n, m),
    quantile: (tail) => kolmogorovQuantile(tail) / stephensFactor(n, m),
  };
}

/**
 * Total variation: a multiple of a chi variable, fitted to the case that the qᵢ − pᵢ are jointly normal. One row is
 * allowed for, because in bins that are all but empty counts are Poisson and not normal. With dependence its square is
 * corrected like the other binned statistics.
 */
export function totalVariationNull(fit: ChiFit, n: number, m: number, dependence = independent): Null {
  const { inflation } = dependence;
  const root = Math.sqrt(samplingVariance(n, m) * inflation);
  const allowance = inflation / n;
  const degrees = degreesLeft(fit.degreesOfFreedom, dependence);
  const scale = fit.scale * Math.sqrt(fit.degreesOfFreedom / degrees);
  const quantile = (tail: number) => allowance + root * scale * Math.sqrt(chiSquaredQuantile(tail, degrees));
  const tail = (score: number) =>
    chiSquaredTail((Math.max(0, score - allowance) / (root * scale)) ** 2, degrees);
  if (dependence === independent) return { floor: allowance + root * fit.floor, tail, quantile };
  const free = totalVariationNull(fit, n, m);
  return {
    floor: quantile(noiseTail),
    tail: (score) => Math.max(tail(score), free.tail(score)),
    quantile,
  };
}

const halfNormalMean = Math.sqrt(2 / Math.PI);
const halfNormalFloor = normalQuantile(noiseTail / 2);

/**
 * Wasserstein distance in standard deviations: √(1/n + 1/m) times ∫ |B(F(x))| dx, taken as a half-normal variable
 * moved to the mean of that integral. No functional of B has a greater variance than the difference of means, 1, and
 * this rules the far tail (Borell 1975), so that the floor is exact for two values and up to a fifth too great
 * elsewhere. Where the tails are so heavy that a mean of n rows is not normal it is too small. Dependence as for
 * Kolmogorov-Smirnov.
 */
export function wassersteinNull(mean: number, n: number, m: number, { ordered } = independent): Null {
  const root = Math.sqrt(samplingVariance(n, m) * ordered);
  const offset = mean - halfNormalMean;
  return {
    floor: root * (offset + halfNormalFloor),
    tail: (score) => 2 * normalTail(Math.max(0, score / root - offset)),
    quantile: (tail) => root * (offset + normalQuantile(tail / 2)),
  };
}

/**
 * L-infinity: the bins taken as independent normals (Šidák 1967: an upper bound of the tail), one row allowed for as
 * above. With dependence single bins can scatter more than their mean: by up to what the scale of the fitted chi-squared
 * variable has grown by.
 */
export function lInfinityNull(shape: LInfinityShape, n: number, m: number, dependence = independent): Null {
  const growth = dependence.inflation / dependence.concentration;
  const root = Math.sqrt(samplingVariance(n, m) * growth);
  const allowance = growth / n;
  return {
    floor: allowance + root * shape.floor,
    tail: (score) => lInfinityTail(shape.deviations, Math.max(0, score - allowance) / root),
    quantile: (tail) => allowance + root * lInfinityQuantile(shape.deviations, tail),
  };
}
