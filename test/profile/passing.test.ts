import { describe, expect, test } from 'vitest';
import { latestPassing, type Passing, passedAt } from '../../src/profile/passing.ts';

const windows = { sizeMs: 60, graceMs: 10, idleAfterMs: 30 };
const busy = (watermark: number, passedAt: number) => ({ watermark, passedAt, idle: false });
const idle = (watermark: number, passedAt: number) => ({ watermark, passedAt, idle: true });

describe('event time has passed the end of a window', () => {
  test('when the last shard that counts has passed it, grace included', () => {
    expect(latestPassing([busy(130, 1_000), busy(189, 1_040)], -Infinity, windows)).toEqual({
      end: 120,
      at: 1_040,
    });
    expect(latestPassing([busy(129, 1_000), busy(189, 1_040)], -Infinity, windows)).toMatchObject({
      end: 60,
    });
  });

  test('not before a shard that is further on says so: that one tells of a later end', () => {
    expect(latestPassing([busy(130, 1_000), busy(250, 5_000)], -Infinity, windows)).toEqual({
      end: 120,
      at: 1_000,
    });
  });

  test('when the shard that held it up has fallen idle', () => {
    expect(latestPassing([busy(135, 1_000), idle(70, 1_500)], -Infinity, windows)).toEqual({
      end: 120,
      at: 1_500,
    });
  });

  test('by the wall clock where every shard is idle', () => {
    // The clock shows 1000: less idle_after it has passed the end 960 with its grace, which it reached at 970 + 30.
    expect(latestPassing([idle(135, 200), idle(70, 100)], 970, windows)).toEqual({ end: 960, at: 1_000 });
  });

  test('where the shards had come further than the clock, when they did', () => {
    expect(latestPassing([idle(135, 200), idle(70, 250)], 90, windows)).toEqual({ end: 120, at: 250 });
  });

  test('never before the first event, nor at the end of a replay', () => {
    expect(latestPassing([busy(-Infinity, -Infinity), busy(5, 1)], -Infinity, windows)).toBeUndefined();
    expect(latestPassing([idle(5, 1)], Infinity, windows)).toBeUndefined();
  });
});

describe('the moment of an end', () => {
  const passings: Passing[] = [
    { end: 60, at: 1_000 },
    { end: 120, at: 2_000 },
    { end: 300, at: 3_000 },
  ];

  test('is the one that was noted', () => {
    expect(passedAt(passings, 120)).toBe(2_000);
  });

  test('is rather too early than too late where none was noted', () => {
    expect(passedAt(passings, 240)).toBe(2_000);
    expect(passedAt(passings, 360)).toBe(3_000);
  });

  test('is the first that is known for what was passed before, and unknown without any', () => {
    expect(passedAt(passings, 0)).toBe(1_000);
    expect(passedAt([], 0)).toBeUndefined();
  });
});
