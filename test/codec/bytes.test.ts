import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checksum,
  openReader,
  openWriter,
  readByte,
  readBytes,
  readCount,
  readDouble,
  readText,
  readUint16,
  readUint32,
  readUint64,
  readVarint,
  remaining,
  writeByte,
  writeBytes,
  writeDouble,
  writeText,
  writeUint16,
  writeUint32,
  writeUint64,
  writeVarint,
  written,
} from '../../src/codec/bytes.ts';

const integer = fc.oneof(
  fc.maxSafeNat(),
  fc.nat(300),
  fc.constantFrom(0, 127, 128, 16_383, 16_384, 2 ** 32, 2 ** 53 - 1),
);

describe('a writer of bytes', () => {
  test('writes little-endian', () => {
    const writer = openWriter();
    writeUint16(writer, 0x0102);
    writeUint32(writer, 0x03040506);
    writeUint64(writer, 0x0708090a0b0c);
    writeDouble(writer, 1);
    expect([...written(writer)]).toEqual([
      ...[2, 1],
      ...[6, 5, 4, 3],
      ...[0x0c, 0x0b, 0x0a, 0x09, 0x08, 0x07, 0, 0],
      ...[0, 0, 0, 0, 0, 0, 0xf0, 0x3f],
    ]);
  });

  test('loses nothing where it has to grow, whatever is written at that moment', () => {
    for (let capacity = 1; capacity < 40; capacity++) {
      const writer = openWriter(capacity);
      writeByte(writer, 1);
      writeUint16(writer, 2);
      writeUint32(writer, 3);
      writeUint64(writer, 4);
      writeDouble(writer, 5);
      writeVarint(writer, 600);
      writeBytes(writer, Uint8Array.of(7, 8));
      writeText(writer, 'neun');
      const reader = openReader(written(writer));
      const numbers = [readByte(reader), readUint16(reader), readUint32(reader), readUint64(reader)];
      expect([...numbers, readDouble(reader), readVarint(reader)]).toEqual([1, 2, 3, 4, 5, 600]);
      expect([...readBytes(reader, 2)]).toEqual([7, 8]);
      expect(readText(reader)).toBe('neun');
      expect(remaining(reader)).toBe(0);
    }
  });

  test('NaN has one form', () => {
    const bits = new BigUint64Array([0xfff8000000000001n]);
    const writer = openWriter();
    writeDouble(writer, new Float64Array(bits.buffer)[0]!);
    expect([...written(writer)]).toEqual([0, 0, 0, 0, 0, 0, 0xf8, 0x7f]);
  });
});

describe('a reader of bytes', () => {
  test('reads every integer, double and text that was written', () => {
    const text = fc.string({
      unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
    });
    fc.assert(
      fc.property(integer, fc.double(), fc.oneof(text, fc.string()), (whole, double, name) => {
        const writer = openWriter(1);
        writeVarint(writer, whole);
        writeUint64(writer, whole);
        writeDouble(writer, double);
        writeText(writer, name);
        const reader = openReader(written(writer));
        expect(readVarint(reader)).toBe(whole);
        expect(readUint64(reader)).toBe(whole);
        expect(readDouble(reader)).toBe(double);
        expect(readText(reader)).toBe(name);
        expect(remaining(reader)).toBe(0);
      }),
      { seed: 1 },
    );
  });

  test.each([
    ['an integer beyond the end', (bytes: Uint8Array) => readUint32(openReader(bytes)), [1, 2, 3]],
    ['a varint that never ends', (bytes: Uint8Array) => readVarint(openReader(bytes)), Array(20).fill(0xff)],
    [
      'a varint above 2^53',
      (bytes: Uint8Array) => readVarint(openReader(bytes)),
      [...Array(7).fill(0xff), 0x1f],
    ],
    [
      'a 64-bit integer above 2^53',
      (bytes: Uint8Array) => readUint64(openReader(bytes)),
      [0, 0, 0, 0, 0, 0, 0x40, 0],
    ],
    ['text longer than what follows', (bytes: Uint8Array) => readText(openReader(bytes)), [0x7e, 65]],
    ['text that is not UTF-8', (bytes: Uint8Array) => readText(openReader(bytes)), [4, 0xc3, 0x28]],
    ['half a UTF-16 unit', (bytes: Uint8Array) => readText(openReader(bytes)), [3, 65]],
    [
      'a count of more than can follow',
      (bytes: Uint8Array) => readCount(openReader(bytes), 2),
      [3, 0, 0, 0, 0, 0],
    ],
  ])('%s is damage', (_, read, bytes) => {
    expect(() => read(Uint8Array.from(bytes))).toThrow(expect.objectContaining({ code: 'PROFILE_INVALID' }));
  });
});

test('the checksum is the CRC-32 of zlib', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => checksum(bytes) === crc32(bytes)),
    { seed: 1 },
  );
});
