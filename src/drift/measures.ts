// The one table of drift measures: what each means, which columns it applies to, and how its p-value is had.
import type { ColumnKind } from '../profile/column.ts';
import { chiSquaredHomogeneity } from './chi-squared.ts';
import type { Comparison } from './comparison.ts';
import { hellingerDistance } from './hellinger.ts';
import { jensenShannonDistance } from './jensen-shannon.ts';
import { kolmogorovSmirnov } from './kolmogorov-smirnov.ts';
import { lInfinityDistance } from './l-infinity.ts';
import {
  chiSquaredStatisticNull,
  hellingerNull,
  jensenShannonNull,
  kolmogorovSmirnovNull,
  lInfinityNull,
  type Null,
  psiNull,
  totalVariationNull,
  wassersteinNull,
} from './noise-floor.ts';
import { populationStabilityIndex } from './psi.ts';
import type { MeasureName, MeasureScore } from './result.ts';
import { totalVariation } from './total-variation.ts';
import { wassersteinDistance } from './wasserstein.ts';

export interface Measure {
  readonly kinds: readonly ColumnKind[];
  readonly meaning: string;
  /** How p-value and noise floor are had. */
  readonly significance: string;
  /** The scores of windows without drift; undefined where the measure is. */
  readonly distribution: (comparison: Comparison) => Null | undefined;
  readonly score: (comparison: Comparison) => MeasureScore;
}

const everyKind: readonly ColumnKind[] = ['numeric', 'categorical'];

/** What a measure says that is undefined for these data. */
export const undefinedScore: MeasureScore = { score: null, noiseFloor: null, p: null };

export const measures: Readonly<Record<MeasureName, Measure>> = {
  psi: {
    kinds: everyKind,
    meaning:
      'Population stability index of the coarse bins, half a row added to each. Sees missing and unseen values.',
    significance:
      'Chi-squared: PSI / (1/n + 1/m) with bins - 1 degrees of freedom; scale and degrees are fitted to the reference chunks where rows depend on each other.',
    distribution: ({ n, m, window, dependence }) => psiNull(n, m, window.length, dependence),
    score: (comparison) =>
      judged(
        populationStabilityIndex(comparison.baseline, comparison.window, { addHalf: true }),
        measures.psi.distribution(comparison),
      ),
  },
  jensen_shannon: {
    kinds: everyKind,
    meaning: 'Jensen-Shannon distance (base 2) of the coarse bins, 0 to 1. Sees missing and unseen values.',
    significance: 'Chi-squared, by the second-order expansion of the squared distance.',
    distribution: ({ n, m, baseline, dependence }) => jensenShannonNull(n, m, baseline, dependence),
    score: (comparison) =>
      judged(
        jensenShannonDistance(comparison.baseline, comparison.window),
        measures.jensen_shannon.distribution(comparison),
      ),
  },
  hellinger: {
    kinds: everyKind,
    meaning: 'Hellinger distance of the coarse bins, 0 to 1. Sees missing and unseen values.',
    significance: 'Chi-squared, by the second-order expansion of the squared distance.',
    distribution: ({ n, m, baseline, dependence }) => hellingerNull(n, m, baseline, dependence),
    score: (comparison) =>
      judged(
        hellingerDistance(comparison.baseline, comparison.window),
        measures.hellinger.distribution(comparison),
      ),
  },
  total_variation: {
    kinds: everyKind,
    meaning: 'Share of rows in another coarse bin than before, 0 to 1. Sees missing and unseen values.',
    significance: 'A chi variable with the moments of the normal limit.',
    distribution: ({ n, m, totalVariation: fit, dependence }) => totalVariationNull(fit, n, m, dependence),
    score: (comparison) =>
      judged(
        totalVariation(comparison.baseline, comparison.window),
        measures.total_variation.distribution(comparison),
      ),
  },
  l_infinity: {
    kinds: everyKind,
    meaning: 'Greatest change of the share of one coarse bin, 0 to 1. Sees missing and unseen values.',
    significance: "Šidák's bound over the bins, each normal.",
    distribution: ({ n, m, lInfinity, dependence }) => lInfinityNull(lInfinity, n, m, dependence),
    score: (comparison) =>
      judged(
        lInfinityDistance(comparison.baseline, comparison.window),
        measures.l_infinity.distribution(comparison),
      ),
  },
  kolmogorov_smirnov: {
    kinds: ['numeric'],
    meaning:
      'Greatest difference of the two distribution functions, 0 to 1, on all bins. Finite values only.',
    significance:
      "Exact for up to a million pairs of values, else Kolmogorov's limit with Stephens' correction.",
    distribution: ({ numbers, dependence }) =>
      numbers && kolmogorovSmirnovNull(numbers.window.n, numbers.baseline.n, dependence),
    score: scoreKolmogorovSmirnov,
  },
  wasserstein: {
    kinds: ['numeric'],
    meaning:
      'Mean distance that values moved, in standard deviations of the baseline, on all bins. Finite values only.',
    significance: 'A half-normal variable around the mean of the integral of a Brownian bridge.',
    distribution: ({ numbers, dependence }) =>
      numbers && wassersteinNull(numbers.wassersteinMean, numbers.window.n, numbers.baseline.n, dependence),
    score: scoreWasserstein,
  },
  chi_squared: {
    kinds: everyKind,
    meaning:
      "Pearson's statistic of homogeneity on the coarse bins; grows with the rows. Sees missing and unseen values.",
    significance: 'Chi-squared, its degrees of freedom fitted where bins are sparse.',
    distribution: ({ n, m, baseline, dependence }) => chiSquaredStatisticNull(n, m, baseline, dependence),
    score: scoreChiSquared,
  },
};

/** Undefined where values near the greatest double make the arithmetic overflow: results hold no infinities. */
function judged(score: number, distribution: Null | undefined): MeasureScore {
  if (distribution === undefined) return undefinedScore;
  const p = distribution.tail(score);
  const isDefined = Number.isFinite(score) && Number.isFinite(distribution.floor) && Number.isFinite(p);
  return isDefined ? { score, noiseFloor: distribution.floor, p } : undefinedScore;
}

function scoreKolmogorovSmirnov(comparison: Comparison): MeasureScore {
  const { numbers } = comparison;
  if (numbers === undefined) return undefinedScore;
  const { baseline, window, exactCounts } = numbers;
  const { statistic, lower, upper } = kolmogorovSmirnov(baseline, window);
  const score = judged(statistic, measures.kolmogorov_smirnov.distribution(comparison));
  return exactCounts ? { ...score, lower, upper } : score;
}

function scoreWasserstein(comparison: Comparison): MeasureScore {
  const { numbers } = comparison;
  if (numbers === undefined) return undefinedScore;
  const { baseline, window } = numbers;
  const raw = wassersteinDistance(baseline, window);
  if (!Number.isFinite(raw)) return undefinedScore;
  if (baseline.deviation === 0) return { ...undefinedScore, raw };
  return { ...judged(raw / baseline.deviation, measures.wasserstein.distribution(comparison)), raw };
}

function scoreChiSquared(comparison: Comparison): MeasureScore {
  const test = chiSquaredHomogeneity(comparison.baseline, comparison.window);
  return test === undefined
    ? undefinedScore
    : judged(test.statistic, measures.chi_squared.distribution(comparison));
}
