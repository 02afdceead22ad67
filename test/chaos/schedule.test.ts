import { expect, test } from 'vitest';
import { faultKinds, schedule } from './schedule.ts';

test('every kind of fault comes as often as every other, give or take one', () => {
  const faults = schedule(5, 2 * faultKinds.length + 3, 60_000);
  for (const kind of faultKinds) {
    const times = faults.filter((fault) => fault.kind === kind).length;
    expect([2, 3], kind).toContain(times);
  }
});

test('faults lie in order within the time', () => {
  const times = schedule(6, 50, 60_000).map(({ atMs }) => atMs);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(times[0]).toBeGreaterThanOrEqual(0);
  expect(times.at(-1)).toBeLessThan(60_000);
});

test('the seed decides', () => {
  expect(schedule(7, 30, 1_000)).toEqual(schedule(7, 30, 1_000));
  expect(schedule(7, 30, 1_000)).not.toEqual(schedule(8, 30, 1_000));
});
