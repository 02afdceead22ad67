import { describe, expect, test } from 'vitest';
import {
  type Digest,
  digestQuantile,
  digestRank,
  emptyDigest,
  mergedDigest,
  withSorted,
} from '../../src/sketch/digest.ts';
import { benignNames, sampleNames, sampleOf } from '../laws/summary-samples.ts';

/** Values go in a thousand at a time, as a numeric summary gives them. */
function digestOf(values: Float64Array): Digest {
  let digest = emptyDigest;
  for (let from = 0; from < values.length; from += 1000) {
    const part = values.slice(from, from + 1000).map((x) => x + 0);
    digest = withSorted(digest, part.sort(), part.length);
  }
  return digest;
}

const repeated = (value: number, count: number) => new Float64Array(count).fill(value);

describe('a t-digest', () => {
  test('of nothing knows nothing', () => {
    expect(digestQuantile(emptyDigest, 0.5)).toBeNaN();
    expect(digestRank(emptyDigest, 1)).toEqual({ below: 0, atOrBelow: 0 });
    expect(withSorted(emptyDigest, new Float64Array(3), 0)).toBe(emptyDigest);
  });

  test.each(sampleNames)('%s: holds all weight in ascending centroids, and few of them', (name) => {
    const digest = digestOf(sampleOf(name, 100_000));
    expect(digest.total).toBe(100_000);
    expect(digest.weights.reduce((sum, weight) => sum + weight, 0)).toBe(100_000);
    expect(digest.means.length).toBeLessThanOrEqual(200);
    expect([...digest.means]).toEqual([...digest.means].sort((a, b) => a - b));
    expect(digest.means[0]).toBeGreaterThanOrEqual(digest.min);
    expect(digest.means.at(-1)).toBeLessThanOrEqual(digest.max);
  });

  test.each([
    ['zeros and ones', [0, 1]],
    ['zeros, ones and twos', [0, 1, 2]],
    ['constant', [17.3]],
    ['70 % zeros, lognormal otherwise', [0]],
  ] as const)('%s: knows heavy values exactly, however many values came and were merged', (name, heavy) => {
    const parts = Array.from({ length: 20 }, (_, seed) => sampleOf(name, 7321, seed));
    const all = parts.flatMap((part) => [...part]);
    const merged = parts.map(digestOf).reduce(mergedDigest);
    for (const x of heavy) {
      const below = all.filter((value) => value < x).length;
      const atOrBelow = all.filter((value) => value <= x).length;
      expect(digestRank(merged, x)).toEqual({ below, atOrBelow });
      expect(digestQuantile(merged, (below + 0.5) / all.length)).toBe(x);
      expect(digestQuantile(merged, (atOrBelow - 0.5) / all.length)).toBe(x);
    }
  });

  test('keeps an atom pure though a blended centroid has its very mean', () => {
    // The centroid of -1 and 1 has the mean 0, where the atom comes later.
    const around = Float64Array.from({ length: 1000 }, (_, i) =>
      i < 450 ? -1000 + i : i < 550 ? (i % 2 ? 1 : -1) * 1e-9 * (1 + (i >> 1)) : i,
    );
    let digest = withSorted(emptyDigest, around.slice().sort(), 1000);
    for (let i = 0; i < 50; i++) digest = withSorted(digest, repeated(0, 1000), 1000);
    const { below, atOrBelow } = digestRank(digest, 0);
    expect(atOrBelow - below).toBe(50_000);
    expect(Math.abs(below - 500)).toBeLessThanOrEqual(25);
    const blended: Digest = {
      ...digestOf(Float64Array.of(-1, 1)),
      means: Float64Array.of(0),
      weights: Float64Array.of(2),
      pure: Uint8Array.of(0),
    };
    for (const both of [
      mergedDigest(blended, digestOf(repeated(0, 500))),
      mergedDigest(digestOf(repeated(0, 500)), blended),
    ]) {
      expect([...both.weights]).toEqual([2, 500]);
      expect([...both.pure]).toEqual([0, 1]);
    }
  });

  test('merges commute bit by bit', () => {
    for (const name of sampleNames) {
      const [a, b] = [digestOf(sampleOf(name, 5000, 1)), digestOf(sampleOf(name, 3000, 2))];
      expect(mergedDigest(a, b)).toEqual(mergedDigest(b, a));
    }
  });

  test('never changes: what was added to it is in another', () => {
    const digest = digestOf(sampleOf('normal', 3000));
    const before = structuredClone(digest);
    withSorted(digest, repeated(1, 1000), 1000);
    mergedDigest(digest, digest);
    expect(digest).toEqual(before);
  });

  test.each(sampleNames)('%s: ranks and quantiles never decrease, and end at the extremes', (name) => {
    const digest = digestOf(sampleOf(name, 20_000));
    const quantiles = Array.from({ length: 2001 }, (_, i) => digestQuantile(digest, i / 2000));
    expect(quantiles.every((x, i) => Number.isFinite(x) && (i === 0 || x >= quantiles[i - 1]!))).toBe(true);
    expect([quantiles[0], quantiles.at(-1)]).toEqual([digest.min, digest.max]);
    const ranks = quantiles.map((x) => digestRank(digest, x));
    ranks.forEach(({ below, atOrBelow }, i) => {
      expect(below).toBeLessThanOrEqual(atOrBelow);
      if (i > 0) expect(below).toBeGreaterThanOrEqual(ranks[i - 1]!.below);
    });
    expect(digestRank(digest, -Number.MAX_VALUE).atOrBelow).toBe(0);
    expect(digestRank(digest, Number.MAX_VALUE).below).toBe(20_000);
  });

  test.each(benignNames)('%s: a quantile is the inverse of the rank', (name) => {
    const digest = digestOf(sampleOf(name, 20_000));
    for (let q = 0.001; q < 1; q += 0.007) {
      const { below, atOrBelow } = digestRank(digest, digestQuantile(digest, q));
      expect(below).toBeLessThanOrEqual(q * 20_000 + 1e-6);
      expect(atOrBelow).toBeGreaterThanOrEqual(q * 20_000 - 1e-6);
    }
  });

  test('means of equal values are that value to the last bit', () => {
    const digest = digestOf(repeated(0.1, 30_000));
    expect([...digest.means]).toEqual([0.1]);
    expect([...digest.weights]).toEqual([30_000]);
  });
});
