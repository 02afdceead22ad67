import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { chiSquaredQuantile, chiSquaredTail } from '../../src/stats/chi-squared.ts';
import { adjustedByBenjaminiHochberg, adjustedByBenjaminiYekutieli } from '../../src/stats/correction.ts';
import { kolmogorovQuantile, kolmogorovTail, twoSampleKolmogorovTail } from '../../src/stats/kolmogorov.ts';
import { normalQuantile, normalTail } from '../../src/stats/normal.ts';

/** Written by test/golden/scipy_tails.py. */
const golden: {
  chiSquared: [x: number, degreesOfFreedom: number, tail: number][];
  chiSquaredQuantiles: [tail: number, degreesOfFreedom: number, x: number][];
  normal: [z: number, tail: number][];
  normalQuantiles: [tail: number, z: number][];
  kolmogorov: [x: number, tail: number][];
  kolmogorovQuantiles: [tail: number, x: number][];
  exactTwoSample: [statistic: number, n: number, m: number, p: number][];
  benjaminiHochberg: [p: number[], adjusted: number[]][];
  benjaminiYekutieli: [p: number[], adjusted: number[]][];
} = JSON.parse(readFileSync(new URL('../golden/scipy-tails.json', import.meta.url), 'utf8'));

function relativeError(value: number, reference: number): number {
  return reference === 0 ? Math.abs(value) : Math.abs(value / reference - 1);
}

function worst(errors: readonly number[]): number {
  expect(errors.length).toBeGreaterThan(0);
  return errors.reduce((greatest, error) => Math.max(greatest, Number.isNaN(error) ? Infinity : error), 0);
}

describe('tails and quantiles equal scipy', () => {
  test('the chi-squared tail to 1e-10 of itself, down to 1e-300', () => {
    expect(
      worst(golden.chiSquared.map(([x, df, p]) => relativeError(chiSquaredTail(x, df), p))),
    ).toBeLessThan(1e-10);
  });

  test('the chi-squared quantile to 1e-12 of itself', () => {
    const errors = golden.chiSquaredQuantiles.map(([p, df, x]) =>
      relativeError(chiSquaredQuantile(p, df), x),
    );
    expect(worst(errors)).toBeLessThan(1e-12);
  });

  test('the normal tail to 1e-10 of itself, down to 1e-300', () => {
    expect(worst(golden.normal.map(([z, p]) => relativeError(normalTail(z), p)))).toBeLessThan(1e-10);
  });

  test('the normal quantile to 1e-12 of itself', () => {
    expect(worst(golden.normalQuantiles.map(([p, z]) => relativeError(normalQuantile(p), z)))).toBeLessThan(
      1e-12,
    );
  });

  test('the Kolmogorov tail to 1e-12 of itself, on both sides of the change of series', () => {
    expect(worst(golden.kolmogorov.map(([x, p]) => relativeError(kolmogorovTail(x), p)))).toBeLessThan(1e-12);
  });

  test('the Kolmogorov quantile to 1e-12 of itself', () => {
    const errors = golden.kolmogorovQuantiles.map(([p, x]) => relativeError(kolmogorovQuantile(p), x));
    expect(worst(errors)).toBeLessThan(1e-12);
  });

  test('the two-sample p-value within 10 % of the exact one for samples of 1,000', () => {
    const errors = golden.exactTwoSample.map(([d, n, m, p]) =>
      relativeError(twoSampleKolmogorovTail(d, n, m), p),
    );
    expect(worst(errors)).toBeLessThan(0.1);
  });

  test.each([
    ['Benjamini-Hochberg', adjustedByBenjaminiHochberg, golden.benjaminiHochberg],
    ['Benjamini-Yekutieli', adjustedByBenjaminiYekutieli, golden.benjaminiYekutieli],
  ] as const)('p-values adjusted by %s', (_, adjust, table) => {
    for (const [p, adjusted] of table) {
      const errors = adjust(p).map((value, i) => relativeError(value!, adjusted[i]!));
      expect(worst(errors)).toBeLessThan(1e-12);
    }
  });
});

describe('the correction for many tests', () => {
  test('a null stays null and does not count as a test', () => {
    expect(adjustedByBenjaminiHochberg([0.01, null, 0.04])).toEqual([0.02, null, 0.04]);
    expect(adjustedByBenjaminiHochberg([null, null])).toEqual([null, null]);
    expect(adjustedByBenjaminiHochberg([])).toEqual([]);
    expect(adjustedByBenjaminiYekutieli([0.01, null, 0.04])).toEqual([0.03, null, 0.06]);
    expect(adjustedByBenjaminiYekutieli([null])).toEqual([null]);
  });

  test('ties get equal adjusted values, and none exceeds 1', () => {
    expect(adjustedByBenjaminiHochberg([0.5, 0.5, 1])).toEqual([0.75, 0.75, 1]);
    expect(adjustedByBenjaminiYekutieli([0.2, 0.2, 0.9])).toEqual([0.55, 0.55, 1]);
  });
});

test('a tail at the border of its support is 1', () => {
  expect(chiSquaredTail(0, 3)).toBe(1);
  expect(kolmogorovTail(0)).toBe(1);
  expect(normalTail(0)).toBe(0.5);
  expect(normalTail(-40)).toBe(1);
  expect(chiSquaredTail(Infinity, 3)).toBe(0);
});
