import { expect, test } from 'vitest';
import { openReader, openWriter, writeUint32, writeVarint, written } from '../../src/codec/bytes.ts';
import { readDistinct } from '../../src/codec/distinct.ts';
import { decodeHyperLogLog, encodeHyperLogLog, hyperLogLogBytes } from '../../src/codec/hyperloglog.ts';
import { emptyHyperLogLog, rankMax } from '../../src/sketch/hyperloglog.ts';

const invalid = expect.objectContaining({ code: 'PROFILE_INVALID' });

test('the layout is that of Redis: header, then registers of six bits from the lowest on', () => {
  const bytes = encodeHyperLogLog(emptyHyperLogLog().fill(1, 0, 1).fill(2, 1, 2).fill(51, 3, 4));
  expect(bytes.length).toBe(12_304);
  expect([...bytes.subarray(0, 16)]).toEqual([...Buffer.from('HYLL'), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80]);
  expect([...bytes.subarray(16, 20)]).toEqual([1 | (2 << 6), 0, 51 << 2, 0]);
});

test('every register comes back', () => {
  const registers = emptyHyperLogLog().map((_, i) => (i * 7919) % (rankMax + 1));
  expect(decodeHyperLogLog(encodeHyperLogLog(registers))).toEqual(registers);
});

test('bytes of another length, without the magic, sparse, or with an impossible register are refused', () => {
  const sound = encodeHyperLogLog(emptyHyperLogLog());
  const changed = (at: number, byte: number) => sound.map((before, i) => (i === at ? byte : before));
  expect(() => decodeHyperLogLog(sound.subarray(1))).toThrow(invalid);
  expect(() => decodeHyperLogLog(changed(0, 0))).toThrow(invalid);
  expect(() => decodeHyperLogLog(changed(4, 1))).toThrow(invalid);
  expect(() => decodeHyperLogLog(changed(16, 52))).toThrow(invalid);
  expect(() => decodeHyperLogLog(changed(hyperLogLogBytes - 1, 0xff))).toThrow(invalid);
});

test('distinct values that do not ascend, or are too many to be exact, are refused', () => {
  const section = (form: number, ...halves: number[]) => {
    const writer = openWriter();
    writeVarint(writer, form);
    for (const half of halves) writeUint32(writer, half);
    return openReader(written(writer));
  };
  expect(readDistinct(section(4, 1, 9, 2, 0))?.size).toBe(2);
  expect(() => readDistinct(section(4, 2, 0, 1, 9))).toThrow(invalid);
  expect(() => readDistinct(section(4, 1, 9, 1, 9))).toThrow(invalid);
  expect(() => readDistinct(section(4, 1, 9))).toThrow(invalid);
  expect(() => readDistinct(section(1002, ...new Array(2000).fill(0)))).toThrow(invalid);
});
