// The section of a stored profile that holds a column's distinct values.
//
//   varint 0: not known   1: the registers of a HyperLogLog follow, 12,304 bytes
//   n ≥ 2: n - 2 hashes follow in ascending order, each u32 bits 32 to 63, u32 bits 0 to 31
import { Fault } from '../fault.ts';
import {
  type Distinct,
  emptyDistinct,
  exactDistinctMax,
  hashes,
  observeDistinctHash,
} from '../sketch/distinct.ts';
import type { Hash64 } from '../sketch/murmur-hash.ts';
import {
  type ByteReader,
  type ByteWriter,
  readBytes,
  readUint32,
  readVarint,
  writeBytes,
  writeUint32,
  writeVarint,
} from './bytes.ts';
import { decodeHyperLogLog, encodeHyperLogLog, hyperLogLogBytes } from './hyperloglog.ts';

const [unknown, estimated, exact] = [0, 1, 2];

/** Appends the section. Equal sets give equal bytes. */
export function writeDistinct(writer: ByteWriter, distinct: Distinct | undefined): void {
  if (distinct === undefined) {
    writeVarint(writer, unknown);
    return;
  }
  const { registers, size } = distinct;
  if (registers !== undefined) {
    writeVarint(writer, estimated);
    writeBytes(writer, encodeHyperLogLog(registers));
    return;
  }
  writeVarint(writer, exact + size);
  for (const { high, low } of hashes(distinct)) {
    writeUint32(writer, high);
    writeUint32(writer, low);
  }
}

/** Reads the section; undefined where the number is not known. Throws PROFILE_INVALID for damaged bytes. */
export function readDistinct(reader: ByteReader): Distinct | undefined {
  const form = readVarint(reader);
  if (form === unknown) return undefined;
  if (form === estimated)
    return { ...emptyDistinct(), registers: decodeHyperLogLog(readBytes(reader, hyperLogLogBytes)) };
  if (form - exact >= exactDistinctMax)
    throw new Fault('PROFILE_INVALID', 'a column holds too many distinct values');
  const distinct = emptyDistinct();
  let before: Hash64 | undefined;
  for (let i = exact; i < form; i++) {
    const value = { high: readUint32(reader), low: readUint32(reader) };
    if (before !== undefined && !isBelow(before, value))
      throw new Fault('PROFILE_INVALID', 'distinct values do not ascend');
    observeDistinctHash(distinct, value);
    before = value;
  }
  return distinct;
}

function isBelow(a: Hash64, b: Hash64): boolean {
  return a.high === b.high ? a.low < b.low : a.high < b.high;
}
