import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isFarApart, weightedMean } from '../../src/sketch/centroid-mean.ts';
import { digestRank, emptyDigest, withSorted } from '../../src/sketch/digest.ts';
import { sampleOf } from '../laws/summary-samples.ts';

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const share = fc.double({ min: 0.001, max: 0.999, noNaN: true });

describe('the mean of two centroids', () => {
  test('lies between them, however far apart they are', () => {
    fc.assert(
      fc.property(finite, finite, share, (a, b, of) => {
        const [least, greatest] = [Math.min(a, b), Math.max(a, b)];
        const mean = weightedMean(a, b, of);
        expect(mean).toBeGreaterThanOrEqual(least);
        expect(mean).toBeLessThanOrEqual(greatest);
      }),
      { seed: 1, numRuns: 1000 },
    );
  });

  test('is weighted by the share of the second', () => {
    expect(weightedMean(0, 10, 0.25)).toBe(2.5);
    expect(weightedMean(-1.7e308, 1.7e308, 0.75) / 0.85e308).toBeCloseTo(1, 10);
  });

  test('is taken of logarithms where numbers are more than sixteen times each other', () => {
    expect([isFarApart(1, 16), isFarApart(-16, -1), isFarApart(1, 17), isFarApart(-17, -1)]).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });
});

test('ranks of values that spread over 600 orders of magnitude stay within 4 % (27 % with weighted means alone)', () => {
  for (const seed of [1, 2, 3]) {
    const values = sampleOf('up to ±1e300', 100_000, seed);
    let digest = emptyDigest;
    for (let from = 0; from < values.length; from += 1000) {
      digest = withSorted(digest, values.slice(from, from + 1000).sort(), 1000);
    }
    const sorted = values.slice().sort();
    let worst = 0;
    for (let i = 0; i < sorted.length; i += 50) {
      worst = Math.max(worst, Math.abs(digestRank(digest, sorted[i]!).below - i) / sorted.length);
    }
    expect(worst).toBeLessThanOrEqual(0.04);
  }
});
