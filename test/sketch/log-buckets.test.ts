import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ascendingBuckets,
  bucketError,
  bucketMax,
  bucketOf,
  bucketQuantile,
  bucketSmallest,
  bucketValue,
  countBetween,
  countBucketed,
  emptyBuckets,
  type LogBuckets,
  mergeBuckets,
} from '../../src/sketch/log-buckets.ts';
import { sampleOf } from '../laws/summary-samples.ts';

function bucketsOf(values: Iterable<number>): LogBuckets {
  const buckets = emptyBuckets();
  for (const value of values) countBucketed(buckets, value);
  return buckets;
}

const levels = [0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1];

describe('log buckets', () => {
  test('stand for every number in them to 1 %', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -1e100, max: 1e100 }), (x) => {
        const value = bucketValue(bucketOf(x));
        if (Math.abs(x) < bucketSmallest) expect(value).toBe(0);
        else expect(Math.abs(value - x)).toBeLessThanOrEqual(Math.abs(x) * bucketError * (1 + 1e-9));
      }),
    );
  });

  test('are in the order of the numbers, and there are no more than 26,000', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (a, b) => {
        expect(Math.sign(bucketOf(a) - bucketOf(b)) * Math.sign(a - b)).toBeGreaterThanOrEqual(0);
      }),
    );
    expect(bucketOf(Infinity)).toBe(bucketMax);
    expect(bucketOf(-Number.MAX_VALUE)).toBe(-bucketMax);
    expect(2 * bucketMax + 1).toBeLessThan(26_000);
  });

  test.each(['normal', 'lognormal', 'normal at a million', '70 % zeros, lognormal otherwise'] as const)(
    'know the quantiles of %s values to 1 %, also after a merge',
    (name) => {
      const values = sampleOf(name, 9999);
      const merged = bucketsOf(values.subarray(0, 4000));
      mergeBuckets(merged, bucketsOf(values.subarray(4000)));
      const sorted = values.slice().sort();
      for (const level of levels) {
        const exact = sorted[Math.max(0, Math.ceil(level * sorted.length) - 1)]!;
        expect(Math.abs(bucketQuantile(merged, level) - exact)).toBeLessThanOrEqual(
          1.001e-2 * Math.abs(exact),
        );
      }
    },
  );

  test('forget what is taken away', () => {
    const buckets = bucketsOf([1, -2, 3, 3]);
    for (const value of [1, 3, 3]) countBucketed(buckets, value, -1);
    expect(buckets).toEqual(bucketsOf([-2]));
  });

  test('have no quantile while they are empty', () => {
    expect(bucketQuantile(emptyBuckets(), 0.5)).toBeNaN();
    expect(ascendingBuckets(bucketsOf([5, -5, 0])).map(([bucket]) => Math.sign(bucket))).toEqual([-1, 0, 1]);
  });

  test('count what lies between two values, the buckets of both included', () => {
    const buckets = bucketsOf([-10, -1, 0, 1, 10, 100]);
    expect(countBetween(buckets, -1, 10)).toBe(4);
    expect(countBetween(buckets, 2, 3)).toBe(0);
  });
});
