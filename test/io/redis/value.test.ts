// Stored values: what is written comes back, and what nobody wrote is refused.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decodeEventTime,
  decodeInteger,
  encodeEventTime,
  encodeInteger,
  list,
  packProfile,
  text,
  unpackProfile,
} from '../../../src/io/redis/value.ts';

const damaged = expect.objectContaining({ code: 'STATE_INVALID' });
const bug = expect.objectContaining({ code: 'BUG' });

test('whole numbers come back from their text', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      expect(decodeInteger(encodeInteger(value))).toBe(value);
    }),
  );
});

test('event times come back from their text, those before the first event as well', () => {
  const times = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(-Infinity));
  fc.assert(
    fc.property(times, (time) => {
      expect(decodeEventTime(encodeEventTime(time))).toBe(time === 0 ? 0 : time);
    }),
  );
  expect(decodeEventTime(null)).toBe(-Infinity);
});

test('profiles come back from their bytes, in memory of their own', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.uint8Array({ maxLength: 100 }), (version, bytes) => {
      const unpacked = unpackProfile(packProfile(version, bytes));
      expect(unpacked).toEqual({ version, bytes });
      expect(unpacked.bytes.buffer.byteLength).toBe(bytes.length);
    }),
  );
});

test('what is no number is never stored', () => {
  for (const value of [Number.NaN, Infinity, -Infinity, 0.5, 2 ** 53])
    expect(() => encodeInteger(value)).toThrow(bug);
  for (const value of [Number.NaN, Infinity]) expect(() => encodeEventTime(value)).toThrow(bug);
});

test('what nobody wrote is refused', () => {
  for (const stored of ['', ' 1', '1e3', '0x10', '1.0', 'one', '9007199254740993']) {
    expect(() => decodeInteger(stored)).toThrow(damaged);
  }
  for (const stored of ['one', 'Infinity', 'NaN']) expect(() => decodeEventTime(stored)).toThrow(damaged);
  for (const stored of ['no newline', '\nno version', 'x\n'])
    expect(() => unpackProfile(Buffer.from(stored))).toThrow(damaged);
  for (const reply of [null, 1, 'text', {}]) {
    expect(() => unpackProfile(reply)).toThrow(damaged);
    expect(() => list(reply)).toThrow(damaged);
  }
  for (const reply of [null, 1, []]) expect(() => text(reply)).toThrow(damaged);
});
