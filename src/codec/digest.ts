// A t-digest as the bytes of Apache DataSketches' TDigest<double>, which its Java, C++, Python, Go and Rust libraries open.
// https://github.com/apache/datasketches-java TDigestDouble.java, https://github.com/apache/datasketches-cpp tdigest_impl.hpp:
//
//   0 u8 preamble longs (1 empty or single, 2 otherwise)   1 u8 serial version 1   2 u8 family 20   3 u16 k   5 u8 flags
//   6 u16 0   8 f64 the value, where it is single; otherwise   8 u32 centroids   12 u32 buffered values   16 f64 min
//   24 f64 max   32 centroids × { f64 mean, u64 weight }   .. buffered × f64
//
// An atom of weight w is written as (x,1) (x,w−2) (x,1): foreign readers, which interpolate between means, then see no
// slope around it; here it is read back as the atom that it was. Readers reserve 2k + 10 centroids, so that k, which is
// 200 here, is written larger where there are more.
import { Fault } from '../fault.ts';
import type { Digest } from '../sketch/digest.ts';
import { emptyDigest } from '../sketch/digest.ts';
import {
  type ByteReader,
  type ByteWriter,
  openReader,
  openWriter,
  readByte,
  readDouble,
  readDoubles,
  readUint16,
  readUint32,
  readUint64,
  remaining,
  writeByte,
  writeDouble,
  writeDoubles,
  writeUint16,
  writeUint32,
  writeUint64,
  written,
} from './bytes.ts';

const serialVersion = 1;
const family = 20;
const k = 200;
const isEmpty = 1;
const isSingle = 2;

/** Encodes a digest and the values that wait to be added to it, in their order. A single value is read back as waiting. */
export function encodeDigest(digest: Digest, buffered: Float64Array): Uint8Array {
  const total = digest.total + buffered.length;
  const writer = openWriter(32 + 16 * 3 * digest.means.length + 8 * buffered.length);
  const centroids = writtenCentroids(digest);
  writePreamble(writer, total, Math.max(k, Math.ceil((centroids.length - 10) / 2)));
  if (total === 0) return written(writer);
  if (total === 1) {
    writeDouble(writer, buffered[0] ?? digest.means[0]!);
    return written(writer);
  }
  writeUint32(writer, centroids.length);
  writeUint32(writer, buffered.length);
  let { min, max } = digest;
  for (let i = 0; i < buffered.length; i++) {
    min = Math.min(min, buffered[i]!);
    max = Math.max(max, buffered[i]!);
  }
  writeDouble(writer, min);
  writeDouble(writer, max);
  for (const [mean, weight] of centroids) {
    writeDouble(writer, mean);
    writeUint64(writer, weight);
  }
  writeDoubles(writer, buffered);
  return written(writer);
}

function writePreamble(writer: ByteWriter, total: number, compression: number): void {
  writeByte(writer, total > 1 ? 2 : 1);
  writeByte(writer, serialVersion);
  writeByte(writer, family);
  writeUint16(writer, compression);
  writeByte(writer, total === 0 ? isEmpty : total === 1 ? isSingle : 0);
  writeUint16(writer, 0);
}

function writtenCentroids(digest: Digest): [mean: number, weight: number][] {
  const centroids: [number, number][] = [];
  for (let i = 0; i < digest.means.length; i++) {
    const mean = digest.means[i]!;
    const weight = digest.weights[i]!;
    if (digest.pure[i] === 0 || weight === 1) centroids.push([mean, weight]);
    else if (weight === 2) centroids.push([mean, 1], [mean, 1]);
    else centroids.push([mean, 1], [mean, weight - 2], [mean, 1]);
  }
  return centroids;
}

/**
 * Reads what `encodeDigest` or DataSketches has written. A digest with buffered values carries the extremes of both: give
 * `extremes` of the digest alone where they are known. Throws PROFILE_INVALID for anything else.
 */
export function decodeDigest(
  bytes: Uint8Array,
  extremes?: { readonly min: number; readonly max: number },
): { digest: Digest; buffered: Float64Array } {
  const reader = openReader(bytes);
  const preambleLongs = readByte(reader);
  if (readByte(reader) !== serialVersion || readByte(reader) !== family)
    damaged('is no TDigest<double> of version 1');
  readUint16(reader);
  const flags = readByte(reader);
  readUint16(reader);
  if ((flags & (isEmpty | isSingle)) !== 0) {
    const buffered = readDoubles(reader, flags & isEmpty ? 0 : 1);
    if (remaining(reader) > 0) damaged('is longer than its header says');
    return { digest: emptyDigest, buffered };
  }
  if (preambleLongs !== 2) damaged('has an unknown preamble');
  const centroids = readUint32(reader);
  const values = readUint32(reader);
  const min = finiteDouble(reader);
  const max = finiteDouble(reader);
  if (centroids * 16 + values * 8 !== remaining(reader)) damaged('is not as long as its header says');
  const digest = readCentroids(reader, centroids, extremes ?? { min, max }, extremes === undefined);
  return { digest, buffered: readDoubles(reader, values) };
}

/**
 * Reads centroids in ascending order and puts the parts of every atom together again: equal means that begin with weight 1.
 * DataSketches knows no atoms and spreads a heavy value over neighbours of equal means: what may be foreign is searched for
 * them too. Nothing but the extremes themselves can have their means.
 */
function readCentroids(
  reader: ByteReader,
  count: number,
  { min, max }: { readonly min: number; readonly max: number },
  mayBeForeign: boolean,
): Digest {
  if (count === 0) return emptyDigest;
  const means = new Float64Array(count);
  const weights = new Float64Array(count);
  const pure = new Uint8Array(count);
  let last = -1;
  let total = 0;
  for (let i = 0; i < count; i++) {
    const mean = finiteDouble(reader);
    const weight = readUint64(reader);
    if (weight === 0 || mean < (last < 0 ? min : means[last]!) || mean > max) {
      damaged('has centroids without weight or order');
    }
    total += weight;
    const isExtreme = mayBeForeign && (mean === min || mean === max);
    if (last >= 0 && means[last] === mean && (pure[last] === 1 || (mayBeForeign && weight > 1))) {
      weights[last]! += weight;
      pure[last] = 1;
      continue;
    }
    last += 1;
    means[last] = mean;
    weights[last] = weight;
    pure[last] = weight === 1 || isExtreme ? 1 : 0;
  }
  return {
    means: means.slice(0, last + 1),
    weights: weights.slice(0, last + 1),
    pure: pure.slice(0, last + 1),
    total,
    min,
    max,
  };
}

function finiteDouble(reader: ByteReader): number {
  const value = readDouble(reader);
  if (!Number.isFinite(value)) damaged('holds a value that is not finite');
  return value;
}

function damaged(what: string): never {
  throw new Fault('PROFILE_INVALID', `a stored t-digest ${what}`);
}
