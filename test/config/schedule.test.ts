import { expect, test } from 'vitest';
import { lastStrikeOf } from '../../src/config/schedule.ts';

const at = (text: string) => Date.parse(text);

test('a schedule has last struck at or before the time, to the second', () => {
  const sundays = lastStrikeOf('0 3 * * 0', 'UTC');
  expect(sundays(at('2026-03-08T03:00:00Z'))).toBe(at('2026-03-08T03:00:00Z'));
  expect(sundays(at('2026-03-08T02:59:59.999Z'))).toBe(at('2026-03-01T03:00:00Z'));
  expect(sundays(at('2026-03-14T23:00:00Z'))).toBe(at('2026-03-08T03:00:00Z'));
});

test('a schedule strikes at the local time of its zone, on both sides of a change of clocks', () => {
  const berlin = lastStrikeOf('30 6 * * *', 'Europe/Berlin');
  expect(berlin(at('2026-03-28T12:00:00Z'))).toBe(at('2026-03-28T05:30:00Z'));
  expect(berlin(at('2026-03-29T12:00:00Z'))).toBe(at('2026-03-29T04:30:00Z'));
});

test('a schedule that never strikes has not', () => {
  expect(lastStrikeOf('0 0 30 2 *', 'UTC')(at('2026-03-28T12:00:00Z'))).toBeUndefined();
});

test('what is no schedule, and what is no time zone, is an error that says so', () => {
  expect(() => lastStrikeOf('0 3 * *', 'UTC')).toThrow(/pattern/i);
  expect(() => lastStrikeOf('0 3 * * 0', 'Mars/Olympus')).toThrow(/Mars\/Olympus/);
});
