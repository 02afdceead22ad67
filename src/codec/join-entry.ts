// What a shard remembers of one prediction id, as the value under the id's hash in a bucket of the store: a few dozen bytes.
//
//   u8 form: bits 0 to 2 what there is, bits 3 and 4 which scores, bits 5 to 7 the version of the form
//   a prediction: u32 milliseconds since the bucket began   varint version   u8 grouping (0: none)
//                 u8 classes, u8 predicted class + 1 and the scores, f64 one or f32 each; or f64 predicted number
//   labels:       after a prediction varint milliseconds from it (zigzag), else f64 time   u8 class + 1 or f64 number
//                 and, where the latest differs from the first, the same of the latest
//   a grouping:   four bits a feature up to the end, 15 where the last half byte is none
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
const [oneScore, allScores] = [1 << 3, 2 << 3];
const form = 1 << 5;
const noGroup = 15;

/** What the bytes of one bucket have in common. */
export interface JoinContext {
  /** How many classes there are; 0 for numbers. */
  readonly classes: number;
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
      (prediction === undefined ? 0 : hasPrediction | scoreForm(prediction)) |
      (labels === undefined ? 0 : hasLabels) |
      (isChanged ? hasLatest : 0),
  );
  if (prediction !== undefined) writePrediction(writer, prediction, context);
  if (labels !== undefined) {
    writeLabel(writer, labels.first, prediction, context);
    if (isChanged) writeLabel(writer, labels.latest, prediction, context);
  }
  if (prediction !== undefined) writeGroups(writer, prediction);
  return written(writer);
}

function scoreForm({ scores }: AwaitedPrediction): number {
  if (scores.length === 0) return 0;
  return scores.length === 1 ? oneScore : allScores;
}

function isSame({ first, latest }: LabelHistory): boolean {
  return first.value === latest.value && first.timestamp === latest.timestamp;
}

function writePrediction(writer: ByteWriter, prediction: AwaitedPrediction, context: JoinContext): void {
  const { timestamp, version, value, scores, tag } = prediction;
  writeUint32(writer, timestamp - context.bucketStart);
  writeVarint(writer, context.versionIndex(version));
  writeByte(writer, tag);
  if (context.classes === 0) {
    writeDouble(writer, value);
    return;
  }
  writeByte(writer, context.classesTag);
  writeByte(writer, value + 1);
  if (scores.length === 1) writeDouble(writer, scores[0]!);
  else for (const score of scores) writeUint32(writer, singleBits(score));
}

function writeGroups(writer: ByteWriter, { tag, groups }: AwaitedPrediction): void {
  if (tag === 0) return;
  for (let i = 0; i < groups.length; i += 2)
    writeByte(writer, groups[i]! | ((groups[i + 1] ?? noGroup) << 4));
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
  { classes }: JoinContext,
): void {
  if (prediction === undefined) writeDouble(writer, timestamp);
  else {
    const delay = timestamp - prediction.timestamp;
    writeVarint(writer, delay < 0 ? -2 * delay - 1 : 2 * delay);
  }
  if (classes > 0) writeByte(writer, value + 1);
  else writeDouble(writer, value);
}

/**
 * Decodes an entry. Undefined where it was made with other classes: then nothing can come of it any more. Throws STATE_INVALID
 * for damaged bytes.
 */
export function decodeJoinEntry(bytes: Uint8Array, context: JoinContext): JoinEntry | undefined {
  const reader = openReader(bytes);
  const head = readByte(reader) - form;
  if (head < 1 || head >= form) damaged('no known form');
  const prediction = head & hasPrediction ? readPrediction(reader, head, context) : undefined;
  if (prediction === 'other classes') return undefined;
  let labels: LabelHistory | undefined;
  if (head & hasLabels) {
    const first = readLabel(reader, prediction, context);
    labels = { first, latest: head & hasLatest ? readLabel(reader, prediction, context) : first };
  }
  const groups = prediction === undefined || prediction.tag === 0 ? noGroups : readGroups(reader);
  if (remaining(reader) > 0) damaged(`${remaining(reader)} bytes at the end`);
  return { prediction: prediction && { ...prediction, groups }, labels };
}

const noGroups = new Uint8Array(0);

function readGroups(reader: ByteReader): Uint8Array {
  const packed = readBytes(reader, remaining(reader));
  const groups = new Uint8Array(2 * packed.length);
  packed.forEach((both, i) => {
    groups[2 * i] = both & 15;
    groups[2 * i + 1] = both >> 4;
  });
  return groups.at(-1) === noGroup ? groups.slice(0, -1) : groups;
}

function damaged(what: string): never {
  throw new Fault('STATE_INVALID', `a stored prediction that waits for its label has ${what}`);
}

function readPrediction(
  reader: ByteReader,
  head: number,
  context: JoinContext,
): AwaitedPrediction | 'other classes' {
  const timestamp = context.bucketStart + readUint32(reader);
  const version = context.versionAt(readVarint(reader));
  if (version === undefined) damaged('a version that nobody knows');
  const common = { timestamp, version, tag: readByte(reader), groups: noGroups };
  if (context.classes === 0) return { ...common, value: readDouble(reader), scores: [] };
  if (readByte(reader) !== context.classesTag) return 'other classes';
  return { ...common, value: readByte(reader) - 1, scores: readScores(reader, head, context.classes) };
}

function readScores(reader: ByteReader, head: number, classes: number): readonly number[] {
  if (head & oneScore) return [readDouble(reader)];
  if (!(head & allScores)) return [];
  return Array.from({ length: classes }, () => singleOf(readUint32(reader)));
}

function readLabel(
  reader: ByteReader,
  prediction: AwaitedPrediction | undefined,
  { classes }: JoinContext,
): TimedLabel {
  let timestamp: number;
  if (prediction === undefined) timestamp = readDouble(reader);
  else {
    const delay = readVarint(reader);
    timestamp = prediction.timestamp + (delay % 2 === 0 ? delay / 2 : -(delay + 1) / 2);
  }
  return { timestamp, value: classes > 0 ? readByte(reader) - 1 : readDouble(reader) };
}

/** Labels that wait for their prediction, and the versions that each of them gives to the window that it changes. */
export interface WaitingLabels {
  readonly labels: LabelHistory;
  readonly versions: Readonly<Record<keyof LabelHistory, number>>;
}

/** Encodes labels that wait: varint version of the first, varint version of the latest, then an entry without a prediction. */
export function encodeWaitingLabels({ labels, versions }: WaitingLabels, context: JoinContext): Uint8Array {
  const writer = openWriter(32);
  writeVarint(writer, versions.first);
  writeVarint(writer, versions.latest);
  for (const byte of encodeJoinEntry({ prediction: undefined, labels }, context)) writeByte(writer, byte);
  return written(writer);
}

/** Decodes labels that wait. Throws STATE_INVALID for damaged bytes. */
export function decodeWaitingLabels(bytes: Uint8Array, context: JoinContext): WaitingLabels {
  const reader = openReader(bytes);
  const versions = { first: readVarint(reader), latest: readVarint(reader) };
  const entry = decodeJoinEntry(readBytes(reader, remaining(reader)), context);
  if (entry?.labels === undefined) damaged('no label');
  return { labels: entry.labels, versions };
}
