import { expect, test } from 'vitest';
import { enclosing, isBeyondRevision, isDue, newestDueEnd, windowStart } from '../../src/profile/window.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const at = (text: string) => Date.parse(text);

test('windows are aligned to the epoch, start inclusive and end exclusive', () => {
  expect(windowStart(at('2024-01-01T00:04:59.999Z'), 5 * minute)).toBe(at('2024-01-01T00:00:00.000Z'));
  expect(windowStart(at('2024-01-01T00:05:00.000Z'), 5 * minute)).toBe(at('2024-01-01T00:05:00.000Z'));
});

test('weeks begin on Thursday, as the epoch did', () => {
  expect(windowStart(at('2016-10-01T00:00:00.000Z'), 7 * day)).toBe(at('2016-09-29T00:00:00.000Z'));
});

test('times before the epoch fall into the window that holds them', () => {
  expect(windowStart(-1, hour)).toBe(-hour);
  expect(windowStart(-hour, hour)).toBe(-hour);
});

test('a window is part of one roll-up of every size', () => {
  expect(enclosing(at('2024-03-05T13:25:00Z'), [hour, day])).toEqual([
    { size: hour, start: at('2024-03-05T13:00:00Z') },
    { size: day, start: at('2024-03-05T00:00:00Z') },
  ]);
});

test('the newest end that is due is the last one that the watermark has passed with the grace', () => {
  expect(newestDueEnd(10 * minute + 20_000, minute, 20_000)).toBe(10 * minute);
  expect(newestDueEnd(10 * minute + 19_999, minute, 20_000)).toBe(9 * minute);
  expect(newestDueEnd(-Infinity, minute, 20_000)).toBe(-Infinity);
});

test('a window is due exactly when the watermark reaches its end and the grace', () => {
  expect(isDue(1000, 1499, 500)).toBe(false);
  expect(isDue(1000, 1500, 500)).toBe(true);
  expect(isDue(1000, -Infinity, 0)).toBe(false);
  expect(isDue(1000, Infinity, 500)).toBe(true);
});

test('a window may be revised until its end lies the whole horizon behind the watermark', () => {
  expect(isBeyondRevision(1000, 1999, 1000)).toBe(false);
  expect(isBeyondRevision(1000, 2000, 1000)).toBe(true);
  expect(isBeyondRevision(1000, -Infinity, 1000)).toBe(false);
});
