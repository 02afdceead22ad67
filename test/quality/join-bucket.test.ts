import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bucketCount,
  bucketOfId,
  entryName,
  isExpired,
  periodLength,
  periodStart,
  periodsOfLabel,
} from '../../src/quality/join-bucket.ts';
import { emptyJoinCounts, joinCountNames, mergeJoinCounts } from '../../src/quality/join-counts.ts';
import { hashText } from '../../src/sketch/murmur-hash.ts';

const day = 86_400_000;
const horizon = 14 * day;
const now = Date.UTC(2026, 10, 25);

describe('the periods of a horizon', () => {
  test('hold every prediction that a label can still be for, in ten periods at the most', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 * day }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 0, max: 60_000 }),
        (length, part, skew) => {
          const periods = periodsOfLabel(now, length, skew);
          const predicted = Math.floor(now - part * length);
          expect(periods).toContain(periodStart(predicted, length));
          expect(periods).toContain(periodStart(now + skew, length));
          const skewPeriods = Math.ceil(skew / periodLength(length));
          expect(periods.length).toBeLessThanOrEqual(10 + skewPeriods);
          expect(periods).toEqual([...periods].sort((a, b) => b - a));
        },
      ),
    );
  });

  test('are shorter than the 49 days that a stored time can reach, for horizons of up to a year', () => {
    expect(periodLength(365 * day)).toBeLessThan(2 ** 32);
  });

  test('expire as a whole, and not before the last label of their last prediction', () => {
    const start = periodStart(now, horizon);
    const last = start + periodLength(horizon) - 1;
    expect(isExpired(start, horizon, last + horizon)).toBe(false);
    expect(isExpired(start, horizon, last + horizon + 1)).toBe(true);
  });
});

describe('the buckets of a period', () => {
  test('are as many as keep nearly all of them below the 128 entries of a packed list', () => {
    for (const entries of [1, 90, 1000, 100_000, 300_000]) {
      const count = bucketCount(entries);
      expect(entries / count).toBeLessThanOrEqual(90);
      const filled = new Array<number>(count).fill(0);
      const hash = { low: 0, high: 0 };
      for (let i = 0; i < entries; i++) {
        hashText(`prediction-${i}`, hash);
        filled[bucketOfId(hash, count)]! += 1;
      }
      expect(filled.filter((held) => held > 128).length).toBeLessThanOrEqual(1);
    }
  });

  test('call no two of 300,000 entries by one name', () => {
    const count = bucketCount(300_000);
    const names = new Set<string>();
    const hash = { low: 0, high: 0 };
    for (let i = 0; i < 300_000; i++) {
      hashText(`prediction-${i}`, hash);
      names.add(`${bucketOfId(hash, count)}:${Buffer.from(entryName(hash)).toString('hex')}`);
    }
    expect(names.size).toBe(300_000);
    expect(entryName({ low: 0x01020304, high: 0xa1b2c3d4 })).toEqual(
      Uint8Array.of(0xa1, 0xb2, 0xc3, 0xd4, 0x03, 0x04),
    );
  });

  test('are chosen by other bits than the sample is', () => {
    const hash = { low: 0, high: 0 };
    const filled = new Array<number>(16).fill(0);
    let sampled = 0;
    for (let i = 0; sampled < 16_000; i++) {
      hashText(`id-${i}`, hash);
      if (hash.high >= 2 ** 28) continue;
      sampled += 1;
      filled[bucketOfId(hash, 16)]! += 1;
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
