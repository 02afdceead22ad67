import { describe, expect, test } from 'vitest';
import { chiSquaredHomogeneity } from '../../src/drift/chi-squared.ts';
import { occupied } from '../../src/drift/count-vectors.ts';
import { distributionOf } from '../../src/drift/distribution.ts';
import { hellingerDistance } from '../../src/drift/hellinger.ts';
import { jensenShannonDistance } from '../../src/drift/jensen-shannon.ts';
import { kolmogorovSmirnov } from '../../src/drift/kolmogorov-smirnov.ts';
import { lInfinityDistance } from '../../src/drift/l-infinity.ts';
import {
  chiSquaredStatisticNull,
  hellingerNull,
  jensenShannonNull,
  kolmogorovSmirnovNull,
  lInfinityNull,
  type Null,
  noiseTail,
  psiNull,
  totalVariationNull,
  wassersteinNull,
} from '../../src/drift/noise-floor.ts';
import { lInfinityShape, totalVariationFit, wassersteinMean } from '../../src/drift/null-shape.ts';
import { populationStabilityIndex } from '../../src/drift/psi.ts';
import { totalVariation } from '../../src/drift/total-variation.ts';
import { wassersteinDistance } from '../../src/drift/wasserstein.ts';
import { compileBinning, freezeEdges } from '../../src/sketch/binning.ts';
import { emptyNumericSummary, observeNumber, readNumeric } from '../../src/sketch/numeric-summary.ts';
import { multinomial, normal, uniform } from './random.ts';

/**
 * Of all scores, how many exceed the floor and how many have p below 0.05; and the floor beside the scores' own 99.9
 * % quantile.
 */
interface Tally {
  readonly above: number;
  readonly significant: number;
  readonly floorToQuantile: number;
}

function tally(judged: readonly { score: number; distribution: Null }[]): Tally {
  const scores = Float64Array.from(judged, ({ score }) => score)
    .sort()
    .reverse();
  const share = (holds: (entry: { score: number; distribution: Null }) => boolean) =>
    judged.filter(holds).length / judged.length;
  return {
    above: share(({ score, distribution }) => score > distribution.floor),
    significant: share(({ score, distribution }) => distribution.tail(score) < 0.05),
    floorToQuantile: judged[0]!.distribution.floor / scores[Math.floor(noiseTail * scores.length)]!,
  };
}

interface Fits {
  readonly totalVariation: ReturnType<typeof totalVariationFit>;
  readonly lInfinity: ReturnType<typeof lInfinityShape>;
}

type Judge = (
  b: Float64Array,
  w: Float64Array,
  n: number,
  m: number,
  fits: Fits,
) => { score: number; distribution: Null };

const judges: Record<string, Judge> = {
  psi: (b, w, n, m) => ({
    score: populationStabilityIndex(b, w, { addHalf: true }),
    distribution: psiNull(n, m, w.length),
  }),
  jensen_shannon: (b, w, n, m) => ({
    score: jensenShannonDistance(b, w),
    distribution: jensenShannonNull(n, m, b),
  }),
  hellinger: (b, w, n, m) => ({ score: hellingerDistance(b, w), distribution: hellingerNull(n, m, b) }),
  total_variation: (b, w, n, m, fits) => ({
    score: totalVariation(b, w),
    distribution: totalVariationNull(fits.totalVariation, n, m),
  }),
  l_infinity: (b, w, n, m, fits) => ({
    score: lInfinityDistance(b, w),
    distribution: lInfinityNull(fits.lInfinity, n, m),
  }),
  chi_squared: (b, w, n, m) => ({
    score: chiSquaredHomogeneity(b, w)?.statistic ?? 0,
    distribution: chiSquaredStatisticNull(n, m, b),
  }),
};

const equal = (bins: number) => new Array<number>(bins).fill(1);
const zipf = (bins: number, power: number) => equal(bins).map((_, i) => 1 / (i + 1) ** power);

/** Weights, rows of the window, rows of the baseline. */
const settings: [name: string, weights: number[], n: number, m: number][] = [
  ['32 equal bins, 300 rows', equal(32), 300, 20_000],
  ['32 equal bins, 1,000 rows', equal(32), 1_000, 20_000],
  ['32 equal bins, a small baseline', equal(32), 1_000, 1_500],
  ['two bins', [3, 7], 300, 20_000],
  ['two bins, one rare', [1, 99], 300, 20_000],
  ['ten bins and a few nulls', [...equal(10), 0.02], 300, 5_000],
  ['32 categories by rank', zipf(32, 1), 300, 20_000],
  ['32 categories, most of them sparse', zipf(32, 2), 300, 5_000],
];

const runs = 4_000;

describe('without drift', () => {
  test.each(settings)(
    'binned measures exceed their floor about once in a thousand windows: %s',
    (_, weights, n, m) => {
      const random = uniform(11);
      const judged: Record<string, { score: number; distribution: Null }[]> = {};
      for (let run = 0; run < runs / 20; run++) {
        const baseline = multinomial(weights, m, random);
        const fits = {
          totalVariation: totalVariationFit(baseline, noiseTail),
          lInfinity: lInfinityShape(baseline, noiseTail),
        };
        for (let window = 0; window < 20; window++) {
          const both = occupied(baseline, multinomial(weights, n, random));
          for (const [name, judge] of Object.entries(judges)) {
            judged[name] ??= [];
            judged[name].push(judge(both.baseline, both.window, n, m, fits));
          }
        }
      }
      // Where a bin expects but a few rows, scores come in steps and have no quantile to be compared with.
      const isSparse = Math.min(...weights) / weights.reduce((sum, weight) => sum + weight) < 5 / n;
      for (const [name, entries] of Object.entries(judged)) {
        const { above, significant, floorToQuantile } = tally(entries);
        expect(above, `${name}: share above the floor`).toBeLessThanOrEqual(0.005);
        expect(significant, `${name}: share with p < 0.05`).toBeLessThanOrEqual(0.09);
        if (isSparse) continue;
        expect(floorToQuantile, `${name}: floor / 99.9 % quantile`).toBeGreaterThan(0.85);
        expect(floorToQuantile, `${name}: floor / 99.9 % quantile`).toBeLessThan(1.35);
      }
    },
  );

  /**
   * Ties make Kolmogorov-Smirnov conservative: for two values by up to 1.95 / (3.29 √(p(1 − p))), which is 1.97 at p
   * = 0.1.
   */
  const columns: [name: string, draw: (random: () => number) => number, mostKolmogorovSmirnov: number][] = [
    ['normal', normal, 1.35],
    ['uniform', (random) => random(), 1.35],
    ['exponential', (random) => -Math.log(1 - random()), 1.35],
    ['lognormal', (random) => Math.exp(normal(random)), 1.35],
    ['zero-inflated', (random) => (random() < 0.7 ? 0 : Math.exp(normal(random))), 2.2],
    ['two values', (random) => (random() < 0.1 ? 1 : 0), 2.2],
  ];

  test.each(columns)('Kolmogorov-Smirnov and Wasserstein likewise: %s', (_, draw, mostKolmogorovSmirnov) => {
    const random = uniform(5);
    const [n, m] = [300, 3_000];
    const ks: { score: number; distribution: Null }[] = [];
    const wasserstein: { score: number; distribution: Null }[] = [];
    const sample = (size: number) => Float64Array.from({ length: size }, () => draw(random));
    for (let run = 0; run < 40; run++) {
      const values = sample(m);
      const binning = compileBinning(freezeEdges(values.toSorted()));
      const distribution = (rows: Float64Array) => {
        const summary = emptyNumericSummary(binning);
        for (const x of rows) observeNumber(summary, x);
        const reading = readNumeric(summary);
        return distributionOf(reading, reading)!;
      };
      const baseline = distribution(values);
      const mean = wassersteinMean(m, baseline.quantile) / baseline.deviation;
      for (let window = 0; window < 25; window++) {
        const other = distribution(sample(n));
        ks.push({
          score: kolmogorovSmirnov(baseline, other).statistic,
          distribution: kolmogorovSmirnovNull(n, m),
        });
        const score = wassersteinDistance(baseline, other) / baseline.deviation;
        wasserstein.push({ score, distribution: wassersteinNull(mean, n, m) });
      }
    }
    for (const entries of [ks, wasserstein]) {
      const { above, significant, floorToQuantile } = tally(entries);
      expect(above).toBeLessThanOrEqual(0.005);
      expect(significant).toBeLessThanOrEqual(0.09);
      expect(floorToQuantile).toBeLessThan(entries === ks ? mostKolmogorovSmirnov : 1.5);
    }
  });
});

test('the p-value at the noise floor is one in a thousand', () => {
  const counts = Float64Array.of(40, 300, 5_000, 2_000, 7);
  const nulls: Null[] = [
    psiNull(500, 7_347, 5),
    jensenShannonNull(500, 7_347, counts),
    hellingerNull(500, 7_347, counts),
    totalVariationNull(totalVariationFit(counts, noiseTail), 500, 7_347),
    lInfinityNull(lInfinityShape(counts, noiseTail), 500, 7_347),
    kolmogorovSmirnovNull(500, 7_347),
    wassersteinNull(1.1, 500, 7_347),
    chiSquaredStatisticNull(500, 7_347, counts),
  ];
  for (const { floor, tail } of nulls) {
    expect(floor).toBeGreaterThan(0);
    expect(tail(floor) / noiseTail).toBeCloseTo(1, 6);
    expect(tail(floor * 1.1)).toBeLessThan(noiseTail);
    expect(tail(0)).toBe(1);
  }
});

test('more rows lower the floor, more bins raise it', () => {
  expect(psiNull(1_000, 10_000, 10).floor).toBeLessThan(psiNull(300, 10_000, 10).floor);
  expect(psiNull(1_000, 10_000, 32).floor).toBeGreaterThan(psiNull(1_000, 10_000, 10).floor);
  expect(psiNull(1_000, 10_000, 1)).toMatchObject({ floor: 0 });
});
