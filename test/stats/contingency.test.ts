import { describe, expect, test } from 'vitest';
import { stratifiedTest } from '../../src/stats/contingency.ts';
import golden from '../golden/quality.json' with { type: 'json' };
import { seededRandom } from '../laws/summary-samples.ts';

function drawn(shares: readonly number[], n: number, random: () => number): number[] {
  const counts = shares.map(() => 0);
  for (let i = 0; i < n; i++) {
    let u = random();
    let k = 0;
    while (k < shares.length - 1 && u >= shares[k]!) {
      u -= shares[k]!;
      k += 1;
    }
    counts[k]! += 1;
  }
  return counts;
}

describe('the test of two samples in strata', () => {
  test.each(golden.tables)(
    "has Pearson's statistic of SciPy",
    ({ before, after, statistic, degreesOfFreedom }) => {
      const found = stratifiedTest([{ before, after }], 1)!;
      expect(found.statistic).toBeCloseTo(statistic, 9);
      expect(found.degreesOfFreedom).toBe(degreesOfFreedom);
      // Of several strata the statistics add up.
      const twice = stratifiedTest(
        [
          { before, after },
          { before, after },
        ],
        1,
      )!;
      expect(twice.statistic).toBeCloseTo(2 * statistic, 9);
    },
  );

  test.each([
    ['many rows', [0.7, 0.2, 0.1], 400, 100],
    ['rare classes', [0.9, 0.08, 0.02], 500, 25],
    ['very rare classes', [0.98, 0.02], 40, 8],
  ] as const)('raises on one undrifted sample in a hundred at 1 %% with %s', (_, shares, m, n) => {
    const random = seededRandom(5);
    const samples = 2000;
    let [at1, at5] = [0, 0];
    for (let i = 0; i < samples; i++) {
      const strata = Array.from({ length: 8 }, () => ({
        before: drawn(shares, m, random),
        after: drawn(shares, n, random),
      }));
      const p = stratifiedTest(strata, 5)?.p ?? 1;
      if (p < 0.01) at1 += 1;
      if (p < 0.05) at5 += 1;
    }
    expect(at1 / samples).toBeLessThan(0.02);
    expect(at5 / samples).toBeGreaterThan(0.02);
    expect(at5 / samples).toBeLessThan(0.07);
  });

  test('has an effect that does not depend on the sizes of the samples', () => {
    const effects = [
      [1000, 1000],
      [100_000, 1000],
      [100_000, 100_000],
    ].map(
      ([m, n]) =>
        stratifiedTest([{ before: [0.5 * m!, 0.5 * m!], after: [0.7 * n!, 0.3 * n!] }], 1)!.cramersV,
    );
    for (const effect of effects) expect(effect).toBeCloseTo(0.204, 2);
  });

  test('has no effect by chance alone, and 1 for samples that have nothing in common', () => {
    const random = seededRandom(8);
    let sum = 0;
    for (let i = 0; i < 500; i++) {
      const shares = [0.3, 0.3, 0.4];
      sum +=
        stratifiedTest([{ before: drawn(shares, 1000, random), after: drawn(shares, 100, random) }], 1)!
          .cramersV ** 2;
    }
    expect(Math.sqrt(sum / 500)).toBeLessThan(0.05);
    expect(stratifiedTest([{ before: [9000, 0], after: [0, 9000] }], 1)!.cramersV).toBeCloseTo(1, 3);
  });

  test('is less sure of rows that depend on each other', () => {
    const table = { before: [500, 500], after: [70, 30] };
    const independent = stratifiedTest([table], 1)!;
    const dependent = stratifiedTest([table], 1, 4)!;
    expect(dependent.statistic).toBeCloseTo(independent.statistic / 4, 12);
    expect(dependent.p).toBeGreaterThan(independent.p);
    expect(dependent.cramersV).toBe(independent.cramersV);
  });

  test('says nothing where a sample has too few rows, or all rows are of one class', () => {
    expect(stratifiedTest([{ before: [5, 5], after: [1, 2] }], 5)).toBeUndefined();
    expect(stratifiedTest([{ before: [50, 0], after: [10, 0] }], 5)).toBeUndefined();
    expect(stratifiedTest([], 5)).toBeUndefined();
  });
});
