import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { durationMs, durationText, sizeBytes } from '../../src/config/quantity.ts';

describe('durations', () => {
  test.each([
    ['0s', 0],
    ['500ms', 500],
    ['10s', 10_000],
    ['5m', 300_000],
    ['24h', 86_400_000],
    ['30d', 2_592_000_000],
  ])('%s is %d ms', (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  test.each(['', '5', '5 m', '1.5h', '-1s', '5M', '1h30m', '9999999999s', '5m\n'])(
    '%j is no duration',
    (text) => {
      expect(durationMs(text)).toBeNaN();
    },
  );

  test('the text of any whole number of milliseconds means that number', () => {
    fc.assert(
      fc.property(fc.nat(999_999_999), (ms) => {
        expect(durationMs(durationText(ms))).toBe(ms);
      }),
    );
  });

  test('the text takes the greatest unit that fits', () => {
    expect([0, 90_000, 300_000, 86_400_000, 172_800_000].map(durationText)).toEqual([
      '0s',
      '90s',
      '5m',
      '1d',
      '2d',
    ]);
  });
});

describe('sizes', () => {
  test.each([
    ['1B', 1],
    ['64kB', 64_000],
    ['1MB', 1_000_000],
    ['1MiB', 1_048_576],
    ['2GiB', 2_147_483_648],
  ])('%s is %d bytes', (text, bytes) => {
    expect(sizeBytes(text)).toBe(bytes);
  });

  test.each(['1', '1mb', '1 MB', '1.5MB', 'MB'])('%j is no size', (text) => {
    expect(sizeBytes(text)).toBeNaN();
  });
});
