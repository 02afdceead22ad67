import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseTimestamp } from '../../src/codec/timestamp.ts';

const anyDate = fc.date({
  min: new Date('0100-01-01T00:00:00.000Z'),
  max: new Date('9899-12-31T23:59:59.999Z'),
  noInvalidDate: true,
});

describe('ISO-8601', () => {
  test('of every date that JavaScript writes is that date', () => {
    fc.assert(
      fc.property(anyDate, (date) => parseTimestamp(date.toISOString()) === date.getTime()),
      {
        numRuns: 2000,
      },
    );
  });

  test('with an offset is the moment and not the local time', () => {
    const offset = fc.record({
      sign: fc.constantFrom(1, -1),
      hours: fc.integer({ min: 0, max: 23 }),
      minutes: fc.integer({ min: 0, max: 59 }),
      colon: fc.constantFrom(':', ''),
    });
    fc.assert(
      fc.property(
        fc.date({
          min: new Date('1000-01-01T00:00:00Z'),
          max: new Date('3000-01-01T00:00:00Z'),
          noInvalidDate: true,
        }),
        offset,
        (date, { sign, hours, minutes, colon }) => {
          const local = new Date(date.getTime() + sign * (hours * 60 + minutes) * 60_000)
            .toISOString()
            .slice(0, -1);
          const two = (value: number) => String(value).padStart(2, '0');
          const text = `${local}${sign > 0 ? '+' : '-'}${two(hours)}${colon}${two(minutes)}`;
          expect(parseTimestamp(text)).toBe(date.getTime());
        },
      ),
    );
  });

  const noon = Date.UTC(2016, 9, 1, 12);
  test.each([
    ['2016-10-01T12:00:00Z', noon],
    ['2016-10-01T12:00Z', noon],
    ['2016-10-01T12:00:00', noon],
    ['2016-10-01 12:00:00', noon],
    ['2016-10-01 12:00:00+00', noon],
    ['2016-10-01T14:00:00+02:00', noon],
    ['2016-10-01', noon - 12 * 3_600_000],
    ['2016-10-01T12:00:00.1Z', noon + 100],
    ['2016-10-01T12:00:00.12Z', noon + 120],
    ['2016-10-01T12:00:00.123456Z', noon + 123],
    ['2016-10-01T12:00:00.123999999+00:00', noon + 123],
    ['2016-02-29T00:00:00Z', Date.UTC(2016, 1, 29)],
    ['2000-02-29', Date.UTC(2000, 1, 29)],
  ])('%s is understood', (text, expected) => {
    expect(parseTimestamp(text)).toBe(expected);
  });

  test.each([
    '',
    ' ',
    '2016-10',
    '2016-10-1',
    '2016-13-01',
    '2016-00-01',
    '2016-10-32',
    '2016-10-00',
    '2015-02-29',
    '1900-02-29',
    '2016-10-01T',
    '2016-10-01T12',
    '2016-10-01T24:00:00Z',
    '2016-10-01T12:60:00Z',
    '2016-10-01T23:59:60Z',
    '2016-10-01T12:00:00.Z',
    '2016-10-01T12:00:00,5Z',
    '2016-10-01T12:00:00z',
    '2016-10-01T12:00:00ZZ',
    '2016-10-01T12:00:00 +02:00',
    '2016-10-01T12:00:00+2',
    '2016-10-01T12:00:00+24:00',
    '2016-10-01T12:00:00+02:60',
    '2016-10-01T12:00:00+02:00x',
    '2016-10-01Z',
    '2016/10/01',
    '10/01/2016',
    'Oct 1, 2016',
    '+002016-10-01T00:00:00Z',
    '２０１６-10-01T00:00:00Z',
  ])('"%s" is refused', (text) => {
    expect(parseTimestamp(text)).toBeNaN();
  });
});

describe('epoch milliseconds', () => {
  test('are taken as they are, from numbers and from digits', () => {
    expect(parseTimestamp(1475280000000)).toBe(1475280000000);
    expect(parseTimestamp('1475280000000')).toBe(1475280000000);
    expect(parseTimestamp(0)).toBe(0);
    expect(parseTimestamp(-1)).toBe(-1);
  });

  test('lose their fraction', () => {
    expect(parseTimestamp(1475280000000.75)).toBe(1475280000000);
  });

  test('in seconds are not guessed', () => {
    expect(parseTimestamp(1475280000)).toBe(1475280000);
  });

  test.each([
    NaN,
    Infinity,
    -Infinity,
    8.64e15,
    '8640000000000001',
    Date.UTC(9900, 0),
    String(Date.UTC(9900, 0)),
    '0099-12-31T23:59:59.999Z',
    '9899-12-31T23:59:59.999-00:01',
    Date.UTC(100, 0) - 1,
    -8.64e15,
    '99999999999999999999',
    '-1',
    '1e12',
    '0x10',
    '1_000',
  ])('%s are refused', (value) => {
    expect(parseTimestamp(value)).toBeNaN();
  });
});

test('a value of any other type is refused', () => {
  for (const value of [null, undefined, true, {}, [], [1475280000000], new Date()]) {
    expect(parseTimestamp(value)).toBeNaN();
  }
});
