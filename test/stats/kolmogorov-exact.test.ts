import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { twoSampleKolmogorovTail } from '../../src/stats/kolmogorov.ts';
import { exactKolmogorovTail, exactPairsMax } from '../../src/stats/kolmogorov-exact.ts';
import { dataSets, haveData, readDataSet, readUnitVectors, skipMessage } from '../drift/reference-data.ts';

type Row = readonly [statistic: number, n: number, m: number, p: number];

/** Made by test/golden/kolmogorov_exact.py. */
const golden: { readonly byScipy: readonly Row[]; readonly byCounting: readonly Row[] } = JSON.parse(
  readFileSync(new URL('../golden/kolmogorov-exact.json', import.meta.url), 'utf8'),
);

function expectSame([statistic, n, m, p]: Row, bound: number, what = ''): void {
  const found = exactKolmogorovTail(statistic, n, m);
  if (!(Math.abs(found / p - 1) <= bound)) {
    expect.fail(`${what} D = ${statistic}, ${n} and ${m} values: ${found}, reference ${p}`);
  }
}

describe('the exact two-sample Kolmogorov-Smirnov tail', () => {
  test('equals SciPy to 1e-12 of itself, for ties, unlike sizes and down to 1e-150', () => {
    expect(golden.byScipy.length).toBeGreaterThan(100);
    expect(Math.min(...golden.byScipy.map(([, , , p]) => p))).toBeLessThan(1e-150);
    for (const row of golden.byScipy) expectSame(row, 1e-12);
  });

  test('equals paths counted in whole numbers to 1e-13 of itself', () => {
    expect(golden.byCounting.length).toBeGreaterThan(50);
    for (const row of golden.byCounting) expectSame(row, 1e-13);
  });

  test('does not depend on which sample comes first', () => {
    for (const [statistic, n, m] of golden.byScipy) {
      expect(exactKolmogorovTail(statistic, m, n)).toBe(exactKolmogorovTail(statistic, n, m));
    }
  });

  test('of a statistic between two possible ones is that of the next', () => {
    expect(exactKolmogorovTail(0.21, 10, 10)).toBe(exactKolmogorovTail(0.3, 10, 10));
    expect(exactKolmogorovTail(0.2 + 1e-15, 10, 10)).toBe(exactKolmogorovTail(0.2, 10, 10));
  });

  test('is 1 at no distance and 0 beyond the greatest', () => {
    expect(exactKolmogorovTail(0, 30, 20)).toBe(1);
    expect(exactKolmogorovTail(1, 5, 5)).toBeCloseTo(2 / 252, 16);
    expect(exactKolmogorovTail(1.01, 5, 5)).toBe(0);
  });

  test('of a single value against many has no rounding that grows with their number', () => {
    // One value among m: D ≥ (m − k)/m where its rank is one of the first or last k + 1.
    const m = exactPairsMax;
    expectSame([0.95, 1, m, (2 * (0.05 * m + 1)) / (m + 1)], 1e-9);
  });

  test('meets the limit distribution where samples are as large as it goes', () => {
    for (const statistic of [0.04, 0.05, 0.06, 0.08]) {
      const limit = twoSampleKolmogorovTail(statistic, 1000, 1000);
      expect(Math.abs(exactKolmogorovTail(statistic, 1000, 1000) / limit - 1)).toBeLessThan(0.1);
    }
  });
});

describe.skipIf(!haveData)(haveData ? 'the exact tail on the reference data' : skipMessage, () => {
  const valuesIn = (values: readonly unknown[]) => values.filter((value) => value !== null).length;

  test('equals the reference for every unit vector', () => {
    const { numeric } = readUnitVectors();
    expect(numeric.length).toBeGreaterThan(10);
    for (const { name, baseline, window, drift } of numeric) {
      expectSame([drift.ks, valuesIn(baseline), valuesIn(window), drift.ks_p_exact!], 1e-9, name);
    }
  });

  test('equals the reference for every feature and window that has one', () => {
    let compared = 0;
    for (const name of dataSets) {
      const { expected } = readDataSet(name);
      for (const { features, start_ms: start } of expected.windows) {
        for (const [feature, { count, nulls, drift }] of Object.entries(features)) {
          // Categorical columns have no such field at all.
          if (typeof drift?.ks_p_exact !== 'number') continue;
          const reference = expected.baseline.features[feature]!;
          const row: Row = [drift.ks, reference.count - reference.nulls, count - nulls, drift.ks_p_exact];
          expectSame(row, 1e-9, `${name} ${feature} ${start}`);
          compared += 1;
        }
      }
    }
    expect(compared).toBeGreaterThan(400);
  });
});
