// What a shard remembers of one prediction id, as the value under the id's hash in a bucket of the store: a few dozen bytes.
//
//   u8 form: bits 0 to 2 what there is, bits 3 to 7 the version of the form
//   a prediction: u32 milliseconds since the bucket began   varint version   u8 classes (a classification)
//                 u8 predicted class + 1 or f64 predicted number   u8 scores (a classification), f64 one or f32 each
//                 u8 grouping, where that is not 0: varint features, four bits each
//   labels:       after a prediction varint milliseconds from it (zigzag), else f64 time   u8 class + 1 or f64 number
//                 and, where the latest differs from the first, the same of the latest
//
// The bytes are many and small, so they carry no checksum; whoever keeps them knows model, bucket and versions.
import { Fault } from '../fault.ts';
import type { JoinEntry, LabelHistory } from '../quality/join.ts';
import type { AwaitedPrediction, TimedLabel } from '../quality/outcome.ts';
import {
  type ByteReader,
  type ByteWriter,
  openReader,
  openWriter,
  readByte,
  readBytes,
  readDouble,
  readUint32,
  readVarint,
  remaining,
  writeByte,
  writeDouble,
  writeUint32,
  writeVarint,
  written,
} from './bytes.ts';

const [hasPrediction, hasLabels, hasLatest] = [1, 2, 4];
const form = 1 << 3;

/** What the bytes of one bucket have in common. */
export interface JoinContext {
  /** Whether values are places of classes; otherwise they are numbers. */
  readonly isClassification: boolean;
  /** One byte that tells lists of classes apart (`classesTag`). */
  readonly classesTag: number;
  /** Beginning of the bucket that predictions are in, epoch milliseconds; a bucket is shorter than 49 days. */
  readonly bucketStart: number;
  /** The place of every version among those of the model in this shard; it may add one. */
  readonly versionIndex: (version: string) => number;
  readonly versionAt: (index: number) => string | undefined;
}

/** One byte of the names of classes: places among other classes are not the same places. */
export function classesTag(names: readonly string[]): number {
  let tag = 0;
  for (const name of names)
    for (let i = 0; i <= name.length; i++) tag = (31 * tag + (name.charCodeAt(i) || 0)) & 0xff;
  return tag;
}

/** Encodes an entry. Equal entries give equal bytes. */
export function encodeJoinEntry({ prediction, labels }: JoinEntry, context: JoinContext): Uint8Array {
  const writer = openWriter(64);
  const isChanged = labels !== undefined && labels.latest !== labels.first && !isSame(labels);
  writeByte(
    writer,
    form |
      (prediction === undefined ? 0 : hasPrediction) |
      (labels === undefined ? 0 : hasLabels) |
      (isChanged ? hasLatest : 0),
  );
  if (prediction !== undefined) writePrediction(writer, prediction, context);
  if (labels === undefined) return written(writer);
  writeLabel(writer, labels.first, prediction, context);
  if (isChanged) writeLabel(writer, labels.latest, prediction, context);
  return written(writer);
}

function isSame({ first, latest }: LabelHistory): boolean {
  return first.value === latest.value && first.timestamp === latest.timestamp;
}

function writePrediction(writer: ByteWriter, prediction: AwaitedPrediction, context: JoinContext): void {
  const { timestamp, version, value, scores, groups, tag } = prediction;
  writeUint32(writer, timestamp - context.bucketStart);
  writeVarint(writer, context.versionIndex(version));
  if (context.isClassification) {
    writeByte(writer, context.classesTag);
    writeByte(writer, value + 1);
    writeByte(writer, scores.length);
    if (scores.length === 1) writeDouble(writer, scores[0]!);
    else for (const score of scores) writeUint32(writer, singleBits(score));
  } else writeDouble(writer, value);
  writeByte(writer, tag);
  if (tag === 0) return;
  writeVarint(writer, groups.length);
  for (let i = 0; i < groups.length; i += 2) writeByte(writer, groups[i]! | ((groups[i + 1] ?? 0) << 4));
}

const single = new Float32Array(1);
const singleWord = new Uint32Array(single.buffer);

function singleBits(x: number): number {
  single[0] = x;
  return singleWord[0]!;
}

function singleOf(bits: number): number {
  singleWord[0] = bits;
  return single[0]!;
}

function writeLabel(
  writer: ByteWriter,
  { timestamp, value }: TimedLabel,
  prediction: AwaitedPrediction | undefined,
  { isClassification }: JoinContext,
): void {
  if (prediction === undefined) writeDouble(writer, timestamp);
  else {
    const delay = timestamp - prediction.timestamp;
    writeVarint(writer, delay < 0 ? -2 * delay - 1 : 2 * delay);
  }
  if (isClassification) writeByte(writer, value + 1);
  else writeDouble(writer, value);
}

/**
 * Decodes an entry. Undefined where it was made with other classes: then nothing can come of it any more. Throws STATE_INVALID
 * for damaged bytes.
 */
export function decodeJoinEntry(bytes: Uint8Array, context: JoinContext): JoinEntry | undefined {
  const reader = openReader(bytes);
  const what = readByte(reader) - form;
  if (what < 1 || what > 7) damaged('no known form');
  const prediction = what & hasPrediction ? readPrediction(reader, context) : undefined;
  if (prediction === 'other classes') return undefined;
  let labels: LabelHistory | undefined;
  if (what & hasLabels) {
    const first = readLabel(reader, prediction, context);
    labels = { first, latest: what & hasLatest ? readLabel(reader, prediction, context) : first };
  }
  if (remaining(reader) > 0) damaged(`${remaining(reader)} bytes at the end`);
  return { prediction, labels };
}

function damaged(what: string): never {
  throw new Fault('STATE_INVALID', `a stored prediction that waits for its label has ${what}`);
}

function readPrediction(reader: ByteReader, context: JoinContext): AwaitedPrediction | 'other classes' {
  const timestamp = context.bucketStart + readUint32(reader);
  const version = context.versionAt(readVarint(reader));
  if (version === undefined) damaged('a version that nobody knows');
  let scores: readonly number[] = [];
  let value: number;
  if (context.isClassification) {
    if (readByte(reader) !== context.classesTag) return 'other classes';
    value = readByte(reader) - 1;
    const count = readByte(reader);
    scores =
      count === 1 ? [readDouble(reader)] : Array.from({ length: count }, () => singleOf(readUint32(reader)));
  } else value = readDouble(reader);
  const tag = readByte(reader);
  const groups = new Uint8Array(tag === 0 ? 0 : readVarint(reader));
  const packed = readBytes(reader, Math.ceil(groups.length / 2));
  for (let i = 0; i < groups.length; i++) groups[i] = (packed[i >> 1]! >> (4 * (i & 1))) & 15;
  return { timestamp, version, value, scores, groups, tag };
}

function readLabel(
  reader: ByteReader,
  prediction: AwaitedPrediction | undefined,
  { isClassification }: JoinContext,
): TimedLabel {
  let timestamp: number;
  if (prediction === undefined) timestamp = readDouble(reader);
  else {
    const delay = readVarint(reader);
    timestamp = prediction.timestamp + (delay % 2 === 0 ? delay / 2 : -(delay + 1) / 2);
  }
  return { timestamp, value: isClassification ? readByte(reader) - 1 : readDouble(reader) };
}
