import { describe, expect, test } from 'vitest';
import {
  type Digest,
  digestRank,
  emptyDigest,
  mergedDigest,
  rankErrorMax,
  withSorted,
} from '../../src/sketch/digest.ts';
import { benignNames, partsOf, sampleOf, seededRandom } from '../laws/summary-samples.ts';
import { ascending, rankError } from '../laws/summary-truth.ts';

/** Values go in a thousand at a time, as a numeric summary gives them. */
function digestOf(values: Float64Array): Digest {
  let digest = emptyDigest;
  for (let from = 0; from < values.length; from += 1000) {
    const part = ascending(values.slice(from, from + 1000));
    digest = withSorted(digest, part, part.length);
  }
  return digest;
}

function errorOf(digest: Digest, values: Float64Array): number {
  return rankError((x) => digestRank(digest, x), ascending(values));
}

describe('the rank error of a digest', () => {
  test.each(benignNames)('%s: is at most a thousandth at 100,000 values', (name) => {
    for (const seed of [1, 2, 3]) {
      const values = sampleOf(name, 100_000, seed);
      expect(errorOf(digestOf(values), values), `seed ${seed}`).toBeLessThanOrEqual(1e-3);
    }
  });

  test.each(benignNames)('%s: is at most four thousandths after 1, 7 or 31 merges', (name) => {
    for (const count of [2, 8, 32]) {
      const values = sampleOf(name, 100_000, count);
      const merged = partsOf(values, count).map(digestOf).reduce(mergedDigest);
      expect(errorOf(merged, values), `${count} parts`).toBeLessThanOrEqual(4e-3);
    }
  });

  test('of a spike among continuous values is small on both sides of the spike', () => {
    for (const [spike, share] of [
      [0, 0.3],
      [-9, 0.5],
      [0.4, 0.9],
    ] as const) {
      const isSpike = seededRandom(3);
      const values = sampleOf('normal', 100_000, 4).map((x) => (isSpike() < share ? spike : x));
      const digest = digestOf(values);
      expect(errorOf(digest, values), `spike at ${spike}`).toBeLessThanOrEqual(1e-3);
      const below = values.filter((x) => x < spike).length;
      const atOrBelow = values.filter((x) => x <= spike).length;
      const rank = digestRank(digest, spike);
      expect(rank.atOrBelow - rank.below).toBe(atOrBelow - below);
      expect(Math.abs(rank.below - below)).toBeLessThanOrEqual(1e-3 * values.length);
    }
  });

  test('of integers is none while each is one in two hundred', () => {
    const random = seededRandom(5);
    for (const distinct of [2, 10, 60, 150]) {
      const values = Float64Array.from({ length: 100_000 }, () => Math.floor(random() * distinct));
      const digest = digestOf(values);
      for (let x = 0; x < distinct; x++) {
        const rank = { below: 0, atOrBelow: 0 };
        for (const value of values) {
          if (value < x) rank.below += 1;
          if (value <= x) rank.atOrBelow += 1;
        }
        expect(digestRank(digest, x)).toEqual(rank);
      }
    }
  });
});

describe('the size of a digest', () => {
  /** What makes many centroids: as many heavy values as there can be, and a few light ones between them. */
  const patterns: Readonly<Record<string, (random: () => number, i: number) => number>> = {
    'few hundred integers': (random) => Math.floor(random() * 350),
    'integers of all frequencies': (random) => Math.floor(-Math.log(1 - random()) * 120),
    'heavy values, and light ones between': (random) =>
      random() < 0.7 ? Math.floor(random() * 180) : 180 * random(),
    'heavy values at the ends': (random) => Math.round(1e3 * Math.cos(Math.PI * random())) / 2,
    'other heavy values in every buffer': (random, i) =>
      Math.floor(i / 1000) + Math.floor(random() * 40) / 40,
    'ever heavier values': (_, i) => Math.floor(Math.sqrt(i)),
    'ever lighter values': (_, i) => i % (2 + Math.floor(i / 100)),
    'more and more values': (_, i) => Math.floor(i / 37),
    'less and less values': (_, i) => -Math.floor(i / 37),
  };

  test.each(Object.entries(patterns))('%s: stays within 600 centroids, merged or not', (_, pattern) => {
    const random = seededRandom(6);
    const values = Float64Array.from({ length: 60_000 }, (__, i) => pattern(random, i));
    let digest = emptyDigest;
    for (let from = 0; from < values.length; from += 1000) {
      digest = withSorted(digest, ascending(values.slice(from, from + 1000)), 1000);
      expect(digest.means.length).toBeLessThanOrEqual(600);
    }
    const merged = partsOf(values, 32).map(digestOf).reduce(mergedDigest);
    expect(merged.means.length).toBeLessThanOrEqual(600);
    expect(errorOf(digest, values)).toBeLessThanOrEqual(rankErrorMax);
    expect(errorOf(merged, values)).toBeLessThanOrEqual(rankErrorMax);
  });
});
