import { describe, expect, test } from 'vitest';
import { dependenceAt, independent, windowDependence } from '../../src/drift/dependence.ts';
import {
  chiSquaredStatisticNull,
  hellingerNull,
  jensenShannonNull,
  kolmogorovSmirnovNull,
  lInfinityNull,
  noiseTail,
  psiNull,
  totalVariationNull,
  wassersteinNull,
} from '../../src/drift/noise-floor.ts';
import { lInfinityShape, totalVariationFit } from '../../src/drift/null-shape.ts';
import { prepareBaseline } from '../../src/drift/prepared-baseline.ts';
import { measureNames } from '../../src/drift/result.ts';
import type { ChunkSize } from '../../src/profile/baseline.ts';
import { emptyProfile, type Profile } from '../../src/profile/profile.ts';
import { observeNumber } from '../../src/sketch/numeric-summary.ts';
import { evaluate } from './build.ts';
import { type DependenceName, rowsOf } from './dependent-rows.ts';
import { normals, uniform } from './random.ts';
import { builtBaseline, eventAt, withoutChunks } from './reference-build.ts';

/** Chunks whose mean is `inflation` times and whose squared coefficient of variation is `scatter` times that of independent rows. */
function chunkSize(rows: number, chunks: number, inflation: number, scatter: number): ChunkSize {
  const mean = 9 * inflation;
  const spread = { bins: 10, mean, variance: (scatter * 2 * mean * mean) / 9, quantile: 2 * mean };
  return { rows, chunks, spreads: [10, 16, 32].map((level) => ({ level, ...spread })) };
}

const many = 1e12;

describe('what chunks say of dependence', () => {
  test('is nothing where there are none', () => {
    expect(dependenceAt([], 0, 1_000, 1)).toBe(independent);
    expect(windowDependence([], 1_000)).toEqual({ nEffective: 1_000, chunks: 0 });
  });

  test('never makes a null narrower than that of independent rows', () => {
    const quiet = [chunkSize(250, 256, 0.5, 0.3), chunkSize(1_000, many, 0.9, 0.9)];
    for (const n of [100, 250, 500, 1_000, 1e6]) {
      expect(dependenceAt(quiet, 0, n, 0)).toEqual(independent);
      expect(windowDependence(quiet, n).nEffective).toBe(n);
    }
  });

  test('is read between two sizes by their logarithms, and held beyond them', () => {
    const sizes = [chunkSize(250, many, 2, 1), chunkSize(1_000, many, 8, 4)];
    const at = (n: number) => dependenceAt(sizes, 0, n, 0);
    expect(at(250).inflation).toBeCloseTo(2, 4);
    expect(at(500).inflation).toBeCloseTo(4, 4);
    expect(at(500).concentration).toBeCloseTo(1 / 2, 4);
    expect(at(1_000).inflation).toBeCloseTo(8, 4);
    expect(at(50)).toEqual(at(250));
    expect(at(1e6).inflation).toBeCloseTo(at(1_000).inflation, 9);
    expect(windowDependence(sizes, 500).nEffective).toBeCloseTo(125, 9);
  });

  test('counts the chunks of the size above, or the greatest', () => {
    const sizes = [chunkSize(250, 256, 2, 1), chunkSize(1_000, 40, 2, 1)];
    expect([100, 250, 251, 5_000].map((n) => windowDependence(sizes, n).chunks)).toEqual([256, 256, 40, 40]);
  });

  test('widens a null as chunks become fewer: mean and scatter by one standard error each', () => {
    const floor = (chunks: number) =>
      psiNull(1_000, 1e5, 10, dependenceAt([chunkSize(1_000, chunks, 1, 1)], 0, 1_000, 0)).floor;
    const wider = [256, 64, 16, 8].map((chunks) => floor(chunks) / floor(many));
    expect(wider.map((ratio) => Math.round(100 * ratio))).toEqual([108, 116, 133, 148]);
    expect(floor(many)).toBeCloseTo(psiNull(1_000, 1e5, 10).floor, 6);
  });

  test('does not let one chunk that stands out take all degrees of freedom', () => {
    const outlier = dependenceAt([chunkSize(1_000, 100, 3, 1_000)], 0, 1_000, 0);
    const { floor } = psiNull(1_000, 1e5, 10, outlier);
    expect(floor).toBeGreaterThan(psiNull(1_000, 1e5, 10, { ...outlier, concentration: 1 }).floor);
    expect(Number.isFinite(floor)).toBe(true);
  });
});

describe('a null that allows for dependence', () => {
  const counts = Float64Array.of(40, 300, 5_000, 2_000, 7);
  const [n, m] = [500, 7_347];
  const fit = totalVariationFit(counts, noiseTail);
  const shape = lInfinityShape(counts, noiseTail);
  const nulls = {
    psi: (d = independent) => psiNull(n, m, 5, d),
    jensen_shannon: (d = independent) => jensenShannonNull(n, m, counts, d),
    hellinger: (d = independent) => hellingerNull(n, m, counts, d),
    chi_squared: (d = independent) => chiSquaredStatisticNull(n, m, counts, d),
    total_variation: (d = independent) => totalVariationNull(fit, n, m, d),
    l_infinity: (d = independent) => lInfinityNull(shape, n, m, d),
    kolmogorov_smirnov: (d = independent) => kolmogorovSmirnovNull(n, m, d),
    wasserstein: (d = independent) => wassersteinNull(1.1, n, m, d),
  };

  test.each(Object.entries(nulls))(
    'of %s has the floor, the tail and the quantile of one distribution',
    (_, of) => {
      for (const dependence of [independent, { inflation: 3, concentration: 0.4, ordered: 5 }]) {
        const { floor, tail, quantile } = of(dependence);
        expect(tail(floor) / noiseTail).toBeCloseTo(1, 6);
        expect(quantile(noiseTail) / floor).toBeCloseTo(1, 6);
        expect(tail(quantile(0.05)) / 0.05).toBeCloseTo(1, 5);
      }
    },
  );

  test.each(Object.entries(nulls))('of %s is never narrower', (_, of) => {
    const free = of();
    for (const inflation of [1, 1.3, 8])
      for (const concentration of [1, 0.6, 0.05])
        for (const ordered of [1, 2, 20]) {
          const bound = of({ inflation, concentration, ordered });
          expect(bound.floor).toBeGreaterThanOrEqual(free.floor * (1 - 1e-9));
          for (const share of [0.2, 0.8, 1, 1.5]) {
            const score = free.floor * share;
            expect(bound.tail(score)).toBeGreaterThanOrEqual(free.tail(score) * (1 - 1e-9));
          }
        }
  });

  test('of the squared distances grows by the design effect', () => {
    const d = { inflation: 4, concentration: 1, ordered: 1 };
    expect(nulls.psi(d).floor / nulls.psi().floor).toBeCloseTo(4, 9);
    expect(nulls.hellinger(d).floor / nulls.hellinger().floor).toBeCloseTo(2, 9);
  });
});

describe('windows without drift', () => {
  const baselineRows = 100_000;
  const windows = 1_500;

  /** How many windows of n rows exceed the noise floor of each measure: with the baseline's chunks, and without them. */
  function exceeding(name: DependenceName, n: number) {
    const next = rowsOf(name, normals(uniform(n + name.length)));
    const events = Array.from({ length: baselineRows }, (_, i) => eventAt(i, { x: next() }));
    const baseline = builtBaseline(events);
    const corrected = prepareBaseline(baseline);
    const free = prepareBaseline(withoutChunks(baseline));
    const above = { corrected: new Map<string, number>(), free: new Map<string, number>(), nEffective: 0 };
    for (let window = 0; window < windows; window++) {
      const profile = windowOf(emptyProfile(baseline.schema), n, next);
      for (const [tally, prepared] of [
        [above.corrected, corrected],
        [above.free, free],
      ] as const) {
        const column = evaluate(prepared, profile).columns[0]!;
        if (tally === above.corrected) above.nEffective += column.nEffective / windows;
        for (const measure of measureNames) {
          const { score, noiseFloor } = column.measures[measure]!;
          if (score! > noiseFloor!) tally.set(measure, (tally.get(measure) ?? 0) + 1 / windows);
        }
      }
    }
    return above;
  }

  function windowOf(profile: Profile, n: number, next: () => number): Profile {
    const column = profile.columns[0]!;
    if (column.kind !== 'numeric') throw new Error('the column is numeric');
    profile.rows = n;
    for (let row = 0; row < n; row++) observeNumber(column.summary, next());
    return profile;
  }

  test.each([300, 1_000])('of %d independent rows are worth those rows', (n) => {
    const { corrected, nEffective } = exceeding('independent', n);
    for (const [measure, share] of corrected) expect(share, measure).toBeLessThanOrEqual(0.005);
    expect(nEffective).toBeGreaterThan(0.85 * n);
  });

  test.each([
    ['entity', 300],
    ['entity', 1_000],
    ['autoregressive', 300],
    ['autoregressive', 1_000],
  ] as const)('of %s rows, %d of them, exceed floors as rarely as the floors say', (name, n) => {
    const { corrected, free, nEffective } = exceeding(name, n);
    expect(free.get('psi')).toBeGreaterThan(0.4);
    for (const [measure, share] of corrected) expect(share, measure).toBeLessThanOrEqual(0.005);
    expect(nEffective / n).toBeGreaterThan(0.15);
    expect(nEffective / n).toBeLessThan(0.3);
  });
});
