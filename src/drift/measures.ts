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
    significance: 'Chi-squared: PSI / (1/n + 1/m) with bins - 1 degrees of freedom.',
    score: ({ n, m, baseline, window }) =>
      judged(populationStabilityIndex(baseline, window, { addHalf: true }), psiNull(n, m, window.length)),
  },
  jensen_shannon: {
    kinds: everyKind,
    meaning: 'Jensen-Shannon distance (base 2) of the coarse bins, 0 to 1. Sees missing and unseen values.',
    significance: 'Chi-squared, by the second-order expansion of the squared distance.',
    score: ({ n, m, baseline, window }) =>
      judged(jensenShannonDistance(baseline, window), jensenShannonNull(n, m, baseline)),
  },
  hellinger: {
    kinds: everyKind,
    meaning: 'Hellinger distance of the coarse bins, 0 to 1. Sees missing and unseen values.',
    significance: 'Chi-squared, by the second-order expansion of the squared distance.',
    score: ({ n, m, baseline, window }) =>
      judged(hellingerDistance(baseline, window), hellingerNull(n, m, baseline)),
  },
  total_variation: {
    kinds: everyKind,
    meaning: 'Share of rows in another coarse bin than before, 0 to 1. Sees missing and unseen values.',
    significance: 'A chi variable with the moments of the normal limit.',
    score: ({ n, m, baseline, window, totalVariation: fit }) =>
      judged(totalVariation(baseline, window), totalVariationNull(fit, n, m)),
  },
  l_infinity: {
    kinds: everyKind,
    meaning: 'Greatest change of the share of one coarse bin, 0 to 1. Sees missing and unseen values.',
    significance: "Šidák's bound over the bins, each normal.",
    score: ({ n, m, baseline, window, lInfinity }) =>
      judged(lInfinityDistance(baseline, window), lInfinityNull(lInfinity, n, m)),
  },
  kolmogorov_smirnov: {
    kinds: ['numeric'],
    meaning:
      'Greatest difference of the two distribution functions, 0 to 1, on all bins. Finite values only.',
    significance: "Kolmogorov's limit distribution with Stephens' correction.",
    score: scoreKolmogorovSmirnov,
  },
  wasserstein: {
    kinds: ['numeric'],
    meaning:
      'Mean distance that values moved, in standard deviations of the baseline, on all bins. Finite values only.',
    significance: 'A half-normal variable around the mean of the integral of a Brownian bridge.',
    score: scoreWasserstein,
  },
  chi_squared: {
    kinds: everyKind,
    meaning:
      "Pearson's statistic of homogeneity on the coarse bins; grows with the rows. Sees missing and unseen values.",
    significance: 'Chi-squared, its degrees of freedom fitted where bins are sparse.',
    score: scoreChiSquared,
  },
};

/** Undefined where values near the greatest double make the arithmetic overflow: results hold no infinities. */
function judged(score: number, distribution: Null): MeasureScore {
  const p = distribution.tail(score);
  const isDefined = Number.isFinite(score) && Number.isFinite(distribution.floor) && Number.isFinite(p);
  return isDefined ? { score, noiseFloor: distribution.floor, p } : undefinedScore;
}

function scoreKolmogorovSmirnov({ numbers }: Comparison): MeasureScore {
  if (numbers === undefined) return undefinedScore;
  const { baseline, window, exactCounts } = numbers;
  const { statistic, lower, upper } = kolmogorovSmirnov(baseline, window);
  const score = judged(statistic, kolmogorovSmirnovNull(window.n, baseline.n));
  return exactCounts ? { ...score, lower, upper } : score;
}

function scoreWasserstein({ numbers }: Comparison): MeasureScore {
  if (numbers === undefined) return undefinedScore;
  const { baseline, window, wassersteinMean } = numbers;
  const raw = wassersteinDistance(baseline, window);
  if (!Number.isFinite(raw)) return undefinedScore;
  if (baseline.deviation === 0) return { ...undefinedScore, raw };
  return { ...judged(raw / baseline.deviation, wassersteinNull(wassersteinMean, window.n, baseline.n)), raw };
}

function scoreChiSquared({ n, m, baseline, window }: Comparison): MeasureScore {
  const test = chiSquaredHomogeneity(baseline, window);
  return test === undefined
    ? undefinedScore
    : judged(test.statistic, chiSquaredStatisticNull(n, m, baseline));
}
