// The one table of drift measures: which columns each applies to, its score, and how its p-value is had.
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
  /** Whether the score grows with the square of what moved, so that four times the score is twice as far. */
  readonly isSquared: boolean;
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
    isSquared: true,
    distribution: ({ n, m, window, dependence }) => psiNull(n, m, window.length, dependence),
    score: (comparison) =>
      judged(
        populationStabilityIndex(comparison.baseline, comparison.window, { addHalf: true }),
        measures.psi.distribution(comparison),
      ),
  },
  jensen_shannon: {
    kinds: everyKind,
    isSquared: false,
    distribution: ({ n, m, baseline, dependence }) => jensenShannonNull(n, m, baseline, dependence),
    score: (comparison) =>
      judged(
        jensenShannonDistance(comparison.baseline, comparison.window),
        measures.jensen_shannon.distribution(comparison),
      ),
  },
  hellinger: {
    kinds: everyKind,
    isSquared: false,
    distribution: ({ n, m, baseline, dependence }) => hellingerNull(n, m, baseline, dependence),
    score: (comparison) =>
      judged(
        hellingerDistance(comparison.baseline, comparison.window),
        measures.hellinger.distribution(comparison),
      ),
  },
  total_variation: {
    kinds: everyKind,
    isSquared: false,
    distribution: ({ n, m, totalVariation: fit, dependence }) => totalVariationNull(fit, n, m, dependence),
    score: (comparison) =>
      judged(
        totalVariation(comparison.baseline, comparison.window),
        measures.total_variation.distribution(comparison),
      ),
  },
  l_infinity: {
    kinds: everyKind,
    isSquared: false,
    distribution: ({ n, m, lInfinity, dependence }) => lInfinityNull(lInfinity, n, m, dependence),
    score: (comparison) =>
      judged(
        lInfinityDistance(comparison.baseline, comparison.window),
        measures.l_infinity.distribution(comparison),
      ),
  },
  kolmogorov_smirnov: {
    kinds: ['numeric'],
    isSquared: false,
    distribution: ({ numbers, dependence }) =>
      numbers && kolmogorovSmirnovNull(numbers.window.n, numbers.baseline.n, dependence),
    score: scoreKolmogorovSmirnov,
  },
  wasserstein: {
    kinds: ['numeric'],
    isSquared: false,
    distribution: ({ numbers, dependence }) =>
      numbers && wassersteinNull(numbers.wassersteinMean, numbers.window.n, numbers.baseline.n, dependence),
    score: scoreWasserstein,
  },
  chi_squared: {
    kinds: everyKind,
    isSquared: true,
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
