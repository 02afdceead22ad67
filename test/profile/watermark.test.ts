import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { advanced, globalWatermark, noEventTime } from '../../src/profile/watermark.ts';

describe('the watermark of a shard', () => {
  test('trails the greatest event time by the out-of-orderness', () => {
    expect(advanced(noEventTime, 10_000, 3_000)).toEqual({ maxEventTime: 10_000, watermark: 7_000 });
  });

  test('never goes back, whatever the order of events', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1e9, max: 1e9 })), (timestamps) => {
        let time = noEventTime;
        for (const timestamp of timestamps) {
          const next = advanced(time, timestamp, 100);
          expect(next.watermark).toBeGreaterThanOrEqual(time.watermark);
          time = next;
        }
        if (timestamps.length > 0) expect(time.watermark).toBe(Math.max(...timestamps) - 100);
      }),
    );
  });
});

describe('the global watermark', () => {
  const busy = (watermark: number) => ({ watermark, idle: false });
  const idle = (watermark: number) => ({ watermark, idle: true });

  test('is the minimum over the shards that are not idle', () => {
    expect(globalWatermark([busy(5), idle(1), busy(3)], 100)).toBe(3);
  });

  test('is held back by a shard that has never been read', () => {
    expect(globalWatermark([busy(-Infinity), busy(3)], 100)).toBe(-Infinity);
  });

  test('goes on with the wall clock when every shard is idle, so that windows close although traffic has stopped', () => {
    expect(globalWatermark([idle(5), idle(3)], 100)).toBe(100);
  });

  test('does not go back behind what the shards have seen when all turn idle', () => {
    expect(globalWatermark([idle(500), idle(3)], 100)).toBe(500);
  });
});
