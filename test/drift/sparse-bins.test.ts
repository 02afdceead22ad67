import { expect, test } from 'vitest';
import { fittedTerms, tabulateTerm } from '../../src/drift/sparse-bins.ts';

const pearson = tabulateTerm((count, expected) => (count - expected) ** 2 / expected);
const hellinger = tabulateTerm((count, expected) => 4 * (Math.sqrt(count) - Math.sqrt(expected)) ** 2);

test('terms of well-filled bins are chi-squared with one degree of freedom each', () => {
  for (const terms of [pearson, hellinger]) {
    const { factor, degreesOfFreedom } = fittedTerms(
      terms,
      new Float64Array(20).fill(10_000),
      20_000,
      200_000,
    );
    expect(factor).toBeCloseTo(1, 1);
    expect(degreesOfFreedom / 19).toBeCloseTo(1, 1);
  }
});

test("Pearson's term has mean 1 and variance 2 + 1/λ for a Poisson count", () => {
  const expected = 0.5;
  const m = 1e9;
  const baseline = new Float64Array(2).fill(m / 2);
  const { factor, degreesOfFreedom } = fittedTerms(pearson, baseline, 2 * expected, m);
  expect(factor).toBeCloseTo((2 + 1 / expected) / 2, 1);
  expect(degreesOfFreedom).toBeCloseTo((0.5 * 2 * 2 ** 2) / (2 * (2 + 1 / expected)), 1);
});
