// Labelled predictions of a window as bytes: what the store keeps of one (model, version, segment, window) beside its profile.
//
//   "DLQ" version   text baseline hash   varint classes (0: a regression), each: text name
//   varint awaited, labelled, corrected, unknown   buckets delays   varint ages, each: tally
//   classes:      scores by predicted and true class   varint curves, each: scores, see score-counts.ts
//   a regression: buckets residuals
//   bound:        u8 0: none   1: sum of distances from the median   varint cells   until all are named: { varint rows > 0 }
//                 or { 0, varint empty cells that follow }
//   tally:        signed rows per cell of the confusion matrix and signed scored, or signed n, signed ratios   then its sums
//   sum:          varint doubles   f64 each: the expansion that equal sums share
//   buckets:      varint filled, ascending, each: signed bucket less the one before, varint count
//   signed:       zigzag varint
//   u32 CRC-32 of everything before
import { Fault } from '../fault.ts';
import { emptyLabelled, type LabelledProfile, type LabelledSpec } from '../quality/labelled-profile.ts';
import { classSums, numberSums, type Tally } from '../quality/tally.ts';
import { addExactly, canonicalParts, type ExactSum } from '../sketch/exact-sum.ts';
import { addToBucket, ascendingBuckets, bucketMax, type LogBuckets } from '../sketch/log-buckets.ts';
import {
  type ByteReader,
  type ByteWriter,
  openWriter,
  readByte,
  readCount,
  readDoubles,
  readText,
  readVarint,
  remaining,
  writeByte,
  writeDouble,
  writeText,
  writeVarint,
} from './bytes.ts';
import { beginEnvelope, type Envelope, openEnvelope, sealed } from './envelope.ts';
import { readScoreCounts, writeScoreCounts } from './score-counts.ts';

const envelope: Envelope = { magic: [0x44, 0x4c, 0x51], versions: { oldest: 1, newest: 1 } };

/** Encodes a profile. Equal profiles give equal bytes, in whatever order their labels came. */
export function encodeLabelled(profile: LabelledProfile, { schema }: LabelledSpec): Uint8Array {
  const writer = openWriter(1024);
  beginEnvelope(writer, envelope);
  writeText(writer, profile.baselineHash);
  const classes = schema.task === 'regression' ? [] : (schema.classes?.names ?? []);
  writeVarint(writer, classes.length);
  for (const name of classes) writeText(writer, name);
  for (const count of [profile.awaited, profile.labelled, profile.corrected, profile.unknown])
    writeVarint(writer, count);
  writeBuckets(writer, profile.delays);
  writeVarint(writer, profile.tallies.length);
  for (const tally of profile.tallies) writeTally(writer, tally);
  if (profile.scores !== undefined) {
    writeScoreCounts(writer, profile.scores);
    writeVarint(writer, profile.oneVsRest.length);
    for (const counts of profile.oneVsRest) writeScoreCounts(writer, counts);
  }
  if (profile.residuals !== undefined) writeBuckets(writer, profile.residuals);
  writeByte(writer, profile.bound === undefined ? 0 : 1);
  if (profile.bound !== undefined) {
    writeSum(writer, profile.bound.constantError);
    writeCells(writer, profile.bound.table);
  }
  return sealed(writer);
}

function writeTally(writer: ByteWriter, tally: Tally): void {
  if (tally.kind === 'classes') {
    for (const rows of tally.confusion) writeSigned(writer, rows);
    writeSigned(writer, tally.scored);
    for (const name of classSums) writeSum(writer, tally.sums[name]);
  } else {
    writeSigned(writer, tally.n);
    writeSigned(writer, tally.ratios);
    for (const name of numberSums) writeSum(writer, tally.sums[name]);
  }
}

function writeSigned(writer: ByteWriter, x: number): void {
  writeVarint(writer, x < 0 ? -2 * x - 1 : 2 * x);
}

function readSigned(reader: ByteReader): number {
  const x = readVarint(reader);
  return x % 2 === 0 ? x / 2 : -(x + 1) / 2;
}

function writeSum(writer: ByteWriter, sum: ExactSum): void {
  const parts = canonicalParts(sum);
  writeVarint(writer, parts.length);
  for (const part of parts) writeDouble(writer, part);
}

function writeBuckets(writer: ByteWriter, buckets: LogBuckets): void {
  const filled = ascendingBuckets(buckets);
  writeVarint(writer, filled.length);
  let before = 0;
  for (const [bucket, count] of filled) {
    writeSigned(writer, bucket - before);
    writeVarint(writer, count);
    before = bucket;
  }
}

function writeCells(writer: ByteWriter, table: Float64Array): void {
  writeVarint(writer, table.length);
  for (let cell = 0; cell < table.length; cell++) {
    writeVarint(writer, table[cell]!);
    if (table[cell] !== 0) continue;
    const first = cell;
    while (cell + 1 < table.length && table[cell + 1] === 0) cell += 1;
    writeVarint(writer, cell - first);
  }
}

/**
 * Decodes a profile of the model. Counts that belong to another baseline are left out. Undefined where it was counted by other
 * classes: its numbers mean nothing any more, and no outcome may be taken away from them. Throws PROFILE_INVALID for
 * damaged bytes.
 */
export function decodeLabelled(bytes: Uint8Array, spec: LabelledSpec): LabelledProfile | undefined {
  const { reader } = openEnvelope(bytes, envelope, damaged);
  const profile = emptyLabelled(spec);
  const hash = readText(reader);
  const classes = Array.from({ length: readCount(reader, 1) }, () => readText(reader));
  const expected = spec.schema.task === 'regression' ? [] : (spec.schema.classes?.names ?? []);
  if (classes.join('\0') !== expected.join('\0')) return undefined;
  for (const name of ['awaited', 'labelled', 'corrected', 'unknown'] as const)
    profile[name] = readVarint(reader);
  readBuckets(reader, profile.delays);
  if (readVarint(reader) !== profile.tallies.length) damaged('another number of ages');
  for (const tally of profile.tallies) readTally(reader, tally);
  const curves = { scores: profile.scores, oneVsRest: profile.oneVsRest };
  if (profile.scores !== undefined) {
    curves.scores = readScoreCounts(reader);
    curves.oneVsRest = Array.from({ length: readCount(reader, 3) }, () => readScoreCounts(reader));
    const cells = [curves.scores, ...curves.oneVsRest].map((counts) => counts.cells).join();
    if (cells !== [profile.scores, ...profile.oneVsRest].map((counts) => counts.cells).join())
      damaged('scores of another number of classes');
  }
  if (profile.residuals !== undefined) readBuckets(reader, profile.residuals);
  readBound(reader, profile, hash === profile.baselineHash);
  if (remaining(reader) > 0) damaged(`${remaining(reader)} bytes at the end`);
  return { ...profile, ...curves };
}

function damaged(what: string): never {
  throw new Fault('PROFILE_INVALID', `stored labelled predictions cannot be read: ${what}`);
}

function readTally(reader: ByteReader, tally: Tally): void {
  if (tally.kind === 'classes') {
    for (let cell = 0; cell < tally.confusion.length; cell++) tally.confusion[cell] = readSigned(reader);
    tally.scored = readSigned(reader);
    for (const name of classSums) readSum(reader, tally.sums[name]);
  } else {
    tally.n = readSigned(reader);
    tally.ratios = readSigned(reader);
    for (const name of numberSums) readSum(reader, tally.sums[name]);
  }
}

function readSum(reader: ByteReader, sum: ExactSum): void {
  for (const part of readDoubles(reader, readCount(reader, 8))) addExactly(sum, part);
}

function readBuckets(reader: ByteReader, buckets: LogBuckets): void {
  let bucket = 0;
  for (let i = readCount(reader, 2); i > 0; i--) {
    bucket += readSigned(reader);
    if (Math.abs(bucket) > bucketMax) damaged('a bucket beyond the last');
    addToBucket(buckets, bucket, readVarint(reader));
  }
}

function readBound(reader: ByteReader, profile: LabelledProfile, isOfBaseline: boolean): void {
  if (readByte(reader) === 0) {
    withoutBound(profile);
    return;
  }
  const bound = isOfBaseline ? profile.bound : undefined;
  const sum: ExactSum = { parts: [] };
  readSum(reader, sum);
  for (const part of sum.parts) if (bound !== undefined) addExactly(bound.constantError, part);
  const length = readVarint(reader);
  if (bound !== undefined && length !== bound.table.length) damaged('a table of another size');
  let cell = 0;
  while (cell < length) {
    const rows = readVarint(reader);
    if (rows === 0) cell += readVarint(reader) + 1;
    else {
      if (bound !== undefined) bound.table[cell] = rows;
      cell += 1;
    }
  }
  if (cell > length) damaged('a table that does not end');
  if (bound === undefined) withoutBound(profile);
}

function withoutBound(profile: LabelledProfile): void {
  profile.bound = undefined;
  profile.baselineHash = '';
}
