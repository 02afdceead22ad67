import { describe, expect, test } from 'vitest';
import {
  countersMax,
  emptyHeavyHitters,
  type HeavyHitters,
  mergeHeavyHitters,
  observeName,
} from '../../src/sketch/heavy-hitters.ts';
import { seededRandom } from '../laws/summary-samples.ts';

function hittersOf(names: Iterable<string>): HeavyHitters {
  const hitters = emptyHeavyHitters();
  for (const name of names) observeName(hitters, name);
  return hitters;
}

function zipf(size: number, seed: number): string[] {
  const random = seededRandom(seed);
  return Array.from({ length: size }, () => `name ${Math.floor(100_000 ** random())}`);
}

function expectBound(hitters: HeavyHitters, names: readonly string[]): void {
  const exact = new Map<string, number>();
  for (const name of names) exact.set(name, (exact.get(name) ?? 0) + 1);
  expect(hitters.counts.size).toBeLessThanOrEqual(countersMax);
  expect(hitters.error).toBeLessThanOrEqual(names.length / (countersMax / 2 + 1));
  const wrong = [...exact].filter(([name, count]) => {
    const counted = hitters.counts.get(name) ?? 0;
    return counted > count || counted + hitters.error < count;
  });
  expect(wrong).toEqual([]);
}

describe('heavy hitters', () => {
  test('count exactly while there are no more names than counters', () => {
    const names = Array.from({ length: 5 * countersMax }, (_, i) => `${i % countersMax}`);
    const hitters = hittersOf(names);
    expect(hitters.error).toBe(0);
    expect(new Set(hitters.counts.values())).toEqual(new Set([5]));
  });

  test('are off by no more than they say, which is no more than n / 97', () => {
    for (const names of [
      zipf(100_000, 1),
      Array.from({ length: 20_000 }, (_, i) => `${i}`),
      Array.from({ length: 40_000 }, (_, i) => (i % 2 ? `often ${(i >> 1) % 190}` : `once ${i}`)),
    ]) {
      expectBound(hittersOf(names), names);
    }
  });

  test('are off by no more than they say after 32 merges', () => {
    const parts = Array.from({ length: 32 }, (_, seed) => zipf(3000, seed));
    const whole = emptyHeavyHitters();
    for (const part of parts) mergeHeavyHitters(whole, hittersOf(part));
    expectBound(whole, parts.flat());
  });

  test('keep every name more frequent than the error', () => {
    const names = zipf(100_000, 3);
    for (let i = 0; i < names.length; i += 20) names[i] = 'frequent';
    const hitters = hittersOf(names);
    expect(hitters.counts.get('frequent')).toBeGreaterThan(5000 - names.length / 97 - 1);
  });

  test('of the same names in the same order are the same, those of a merge in either direction too', () => {
    expect(hittersOf(zipf(20_000, 1))).toEqual(hittersOf(zipf(20_000, 1)));
    const [a, b] = [hittersOf(zipf(20_000, 1)), hittersOf(zipf(20_000, 2))];
    const [ab, ba] = [emptyHeavyHitters(), emptyHeavyHitters()];
    for (const part of [a, b]) mergeHeavyHitters(ab, part);
    for (const part of [b, a]) mergeHeavyHitters(ba, part);
    expect(ab.error).toBe(ba.error);
    expect(new Map([...ab.counts].sort())).toEqual(new Map([...ba.counts].sort()));
  });

  test('can be counted several at a time', () => {
    const hitters = emptyHeavyHitters();
    observeName(hitters, 'a', 5);
    observeName(hitters, 'a', 2);
    expect([...hitters.counts]).toEqual([['a', 7]]);
  });
});
