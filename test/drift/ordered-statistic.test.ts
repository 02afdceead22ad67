import { describe, expect, test } from 'vitest';
import { orderedStatistic, orderedVariance } from '../../src/drift/ordered-statistic.ts';
import { multinomial, uniform } from './random.ts';

describe('the ordered statistic', () => {
  test('is the mean of (F - G)² / (G(1 - G)) over the edges', () => {
    const whole = Float64Array.of(25, 25, 50);
    const chunk = Float64Array.of(4, 4, 2);
    const byHand = ((0.4 - 0.25) ** 2 / (0.25 * 0.75) + (0.8 - 0.5) ** 2 / 0.25) / 2;
    expect(orderedStatistic(whole, chunk)).toBeCloseTo(byHand, 12);
  });

  test('leaves out edges with nothing on one side, and is 0 without any other', () => {
    expect(orderedStatistic(Float64Array.of(0, 25, 75, 0), Float64Array.of(0, 5, 5, 0))).toBeCloseTo(
      (0.5 - 0.25) ** 2 / (0.25 * 0.75),
      12,
    );
    expect(orderedStatistic(Float64Array.of(0, 9), Float64Array.of(0, 2))).toBe(0);
    expect(orderedVariance(Float64Array.of(0, 9))).toBe(0);
  });

  test.each([
    ['32 equal bins', new Array<number>(32).fill(1)],
    ['unequal bins', [70, 1, 2, 3, 4, 20]],
  ])('has the mean 1/n and the variance that is said of it for independent rows: %s', (_, weights) => {
    const random = uniform(3);
    const whole = Float64Array.from(weights, (weight) => weight * 1e6);
    const n = 500;
    const scores = Array.from(
      { length: 4_000 },
      () => n * orderedStatistic(whole, multinomial(weights, n, random)),
    );
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
    const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length;
    expect(Math.abs(mean - 1)).toBeLessThan(0.05);
    expect(Math.abs(variance / orderedVariance(whole) - 1)).toBeLessThan(0.15);
  });
});
