import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  areFull,
  areLabelsOver,
  arePredictionsOver,
  bucketCount,
  bucketOfKey,
  bucketRetention,
  entryName,
  idKey,
  isBehind,
  type JoinTimes,
  labelPeriods,
  periodLength,
  periodOf,
  predictionPeriods,
} from '../../src/quality/join-bucket.ts';
import { emptyJoinCounts, joinCountNames, mergeJoinCounts } from '../../src/quality/join-counts.ts';
import { hashText } from '../../src/sketch/murmur-hash.ts';

const day = 86_400_000;
const times: JoinTimes = { horizonMs: 14 * day, skewMs: 60_000, acceptedMs: day };
const now = Date.UTC(2026, 10, 25);
const hash = { low: 0, high: 0 };

function keyOf(id: string): string {
  hashText(id, hash);
  return idKey(hash);
}

const someTimes = fc.record({
  horizonMs: fc.integer({ min: 1, max: 365 * day }),
  skewMs: fc.integer({ min: 0, max: 600_000 }),
  acceptedMs: fc.integer({ min: 0, max: 2 * day }),
});

describe('the periods of a horizon', () => {
  test('hold every prediction that a label can still be for, in ten periods and the skew at the most', () => {
    fc.assert(
      fc.property(someTimes, fc.double({ min: 0, max: 1, noNaN: true }), (some, part) => {
        const [first, last] = predictionPeriods(periodOf(now, some), some);
        expect(first).toBeLessThanOrEqual(periodOf(now - Math.floor(part * some.horizonMs), some));
        expect(last).toBeGreaterThanOrEqual(periodOf(now + some.skewMs, some));
        expect(last - first).toBeLessThanOrEqual(9 + Math.ceil(some.skewMs / periodLength(some)));
      }),
    );
  });

  test('are the same seen from the prediction and from the label', () => {
    fc.assert(
      fc.property(someTimes, fc.integer({ min: -20, max: 20 }), (some, apart) => {
        const period = periodOf(now, some);
        const [first, last] = labelPeriods(period, some);
        const [oldest, newest] = predictionPeriods(period + apart, some);
        expect(first <= period + apart && period + apart <= last).toBe(oldest <= period && period <= newest);
      }),
    );
  });

  test('are shorter than the 49 days that a stored time can reach, for horizons of up to a year', () => {
    expect(periodLength({ ...times, horizonMs: 365 * day })).toBeLessThan(2 ** 32);
  });

  test('of predictions are forgotten when neither another prediction nor a label of theirs is accepted', () => {
    fc.assert(
      fc.property(someTimes, fc.integer({ min: -5, max: 60 }), (some, ahead) => {
        const period = periodOf(now, some);
        const accepting = (period + 1) * periodLength(some) + some.acceptedMs - 1;
        expect(arePredictionsOver(period, accepting, Infinity, some)).toBe(false);
        const [, last] = labelPeriods(period, some);
        const isRefused = isBehind(last, period + ahead);
        expect(arePredictionsOver(period, accepting + 1, period + ahead, some)).toBe(isRefused);
      }),
    );
  });

  test('of predictions are kept while no label has come, however far event time is', () => {
    expect(arePredictionsOver(periodOf(now, times), Infinity, -Infinity, times)).toBe(false);
  });

  test('of labels are forgotten when no prediction is accepted that they could be for', () => {
    fc.assert(
      fc.property(someTimes, (some) => {
        const period = periodOf(now, some);
        const [, last] = predictionPeriods(period, some);
        const refusing = (last + 1) * periodLength(some) + some.acceptedMs;
        expect(areLabelsOver(period, refusing - 1, some)).toBe(false);
        expect(areLabelsOver(period, refusing, some)).toBe(true);
      }),
    );
  });

  test('outlast in the store the last label that counts', () => {
    expect(bucketRetention(times)).toBeGreaterThan(2 * times.horizonMs);
  });
});

describe('the buckets of a period', () => {
  test('are as many as keep nearly all of them below the 128 entries of a packed list', () => {
    for (const entries of [1, 90, 1000, 100_000, 300_000]) {
      const count = bucketCount(entries);
      expect(entries / count).toBeLessThanOrEqual(90);
      const filled = new Array<number>(count).fill(0);
      for (let i = 0; i < entries; i++) filled[bucketOfKey(keyOf(`prediction-${i}`), count)]! += 1;
      expect(filled.filter((held) => held > 128).length).toBeLessThanOrEqual(1);
    }
  });

  test('have room until they hold ninety each on average', () => {
    expect(areFull(64, 64 * 90 - 1)).toBe(false);
    expect(areFull(64, 64 * 90)).toBe(true);
  });

  test('call no two of 300,000 entries by one name', () => {
    const count = bucketCount(300_000);
    const names = new Set<string>();
    for (let i = 0; i < 300_000; i++) {
      const key = keyOf(`prediction-${i}`);
      names.add(`${bucketOfKey(key, count)}:${entryName(key)}`);
    }
    expect(names.size).toBe(300_000);
    expect(entryName(idKey({ low: 0x01020304, high: 0xa1b2c3d4 }))).toBe('\xa1\xb2\xc3\xd4\x03\x04');
  });

  test('are chosen by other bits than the sample is', () => {
    const filled = new Array<number>(16).fill(0);
    let sampled = 0;
    for (let i = 0; sampled < 16_000; i++) {
      const key = keyOf(`id-${i}`);
      if (hash.high >= 2 ** 28) continue;
      sampled += 1;
      filled[bucketOfKey(key, 16)]! += 1;
    }
    for (const entries of filled) expect(Math.abs(entries - 1000)).toBeLessThan(150);
  });
});

test('counts of what became of labels add up', () => {
  const [a, b] = [emptyJoinCounts(), emptyJoinCounts()];
  joinCountNames.forEach((name, i) => {
    a[name] = i;
    b[name] = 10;
  });
  mergeJoinCounts(a, b);
  expect(joinCountNames.map((name) => a[name])).toEqual(joinCountNames.map((_, i) => i + 10));
});
