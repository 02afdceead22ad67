import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/io/clock.ts';

describe('the system clock', () => {
  test('tells wall-clock time and monotonic time, both in milliseconds', async () => {
    const before = systemClock.elapsed();
    expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1000);
    await systemClock.sleep(20);
    expect(systemClock.elapsed() - before).toBeGreaterThanOrEqual(19);
  });

  test('wakes at once when the signal aborts, or has aborted before', async () => {
    const controller = new AbortController();
    const before = systemClock.elapsed();
    const sleeping = systemClock.sleep(60_000, controller.signal);
    controller.abort();
    await sleeping;
    await systemClock.sleep(60_000, controller.signal);
    expect(systemClock.elapsed() - before).toBeLessThan(5000);
  });

  test('leaves no listener on a signal that outlives the sleep', async () => {
    const { signal } = new AbortController();
    for (let i = 0; i < 5; i++) await systemClock.sleep(1, signal);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  test('does not wake at once from a sleep longer than a timer can wait', async () => {
    const controller = new AbortController();
    let awake = false;
    const sleeping = systemClock.sleep(2 ** 40, controller.signal).then(() => {
      awake = true;
    });
    await systemClock.sleep(20);
    expect(awake).toBe(false);
    controller.abort();
    await sleeping;
  });
});
