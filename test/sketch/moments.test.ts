import { describe, expect, test } from 'vitest';
import {
  emptyMoments,
  type Moments,
  mergeMoments,
  observeMoments,
  standardDeviation,
  variance,
} from '../../src/sketch/moments.ts';
import { sampleOf } from '../laws/summary-samples.ts';

function momentsOf(...values: readonly number[]): Moments {
  const moments = emptyMoments();
  observeMoments(moments, Float64Array.from(values).sort(), values.length);
  return moments;
}

describe('moments', () => {
  test('of a few numbers are what the definition says', () => {
    const moments = momentsOf(0, 2, 4, 10);
    expect(moments).toEqual({ n: 4, zeros: 1, min: 0, max: 10, mean: 4, m2: 56, m3: 144 });
    expect(variance(moments)).toBe(14);
    expect(standardDeviation(moments)).toBe(Math.sqrt(14));
  });

  test('of nothing have no variance', () => {
    expect(variance(emptyMoments())).toBeNaN();
    expect(standardDeviation(emptyMoments())).toBeNaN();
    const moments = momentsOf();
    expect(moments).toEqual(emptyMoments());
  });

  test('keep their precision far from zero', () => {
    const near = sampleOf('normal', 1000).map((x) => Math.round(x * 1024) / 1024);
    const far = momentsOf(...near.map((x) => x + 2 ** 30));
    const expected = variance(momentsOf(...near));
    expect(Math.abs(variance(far) / expected - 1)).toBeLessThan(1e-11);
  });

  test('of a constant have no deviation at all, however it is summed', () => {
    for (const value of [0.1, 17.3, 1e300, -1e-300]) {
      const moments = emptyMoments();
      for (const length of [1, 3, 7, 1000]) {
        observeMoments(moments, new Float64Array(length).fill(value), length);
        mergeMoments(moments, momentsOf(value, value, value));
      }
      expect(moments).toEqual({ n: 1023, zeros: 0, min: value, max: value, mean: value, m2: 0, m3: 0 });
      expect(standardDeviation(moments)).toBe(0);
    }
  });

  test('of numbers near the greatest double have a finite mean between the extremes', () => {
    const huge = [1.7e308, -1.7e308, 1.7e308, -1.6e308, 1e308];
    const whole = momentsOf(...huge);
    const merged = emptyMoments();
    for (const x of huge) mergeMoments(merged, momentsOf(x));
    for (const { mean } of [whole, merged]) expect(Math.abs(mean - 2.2e307)).toBeLessThan(1e294);
    expect(whole.m2).toBe(Infinity);
  });

  test('skew to the side of the long tail, merged or not', () => {
    const right = momentsOf(1, 1, 1, 1, 1, 10);
    expect(right.m3).toBeGreaterThan(0);
    expect(momentsOf(-1, -1, -1, -1, -1, -10).m3).toBeCloseTo(-right.m3, 10);
    const merged = momentsOf(1, 1, 10);
    mergeMoments(merged, momentsOf(1, 1, 1));
    expect(merged.m3).toBeCloseTo(right.m3, 10);
  });

  test('leave what is merged as it was', () => {
    const from = momentsOf(1, 2, 3);
    const into = emptyMoments();
    mergeMoments(into, from);
    mergeMoments(into, from);
    expect(from).toEqual(momentsOf(1, 2, 3));
    expect(into.n).toBe(6);
  });
});
