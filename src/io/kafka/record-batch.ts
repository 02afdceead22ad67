// The record batches of one partition in a fetch response: the records that a reader may see, and how far they cover.
// Format: https://kafka.apache.org/documentation/#recordbatch, magic 2 (Kafka 0.11 and later).
import type { IHeaders, RecordBatchEntry } from 'kafkajs';
import { isTooLarge, unpack, unpackedBytesMax } from './codecs.ts';

/** A transaction that was rolled back: records of this producer from that offset on, up to its abort marker, do not count. */
export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: number;
}

/** Stands for all records of a batch that is too large to be unpacked: its value is the batch as it is packed. */
export interface PackedRecords extends RecordBatchEntry {
  readonly packedRecords: number;
}

export interface RecordStretch {
  /** Committed records in order of their offsets, without control records. */
  readonly records: readonly RecordBatchEntry[];
  /** The last offset of the last complete batch, whether or not anything is left at it; undefined without a complete batch. */
  readonly lastOffset: number | undefined;
}

/** A batch as its header describes it. */
interface BatchHeader {
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly attributes: number;
  readonly firstTimestamp: bigint;
  readonly maxTimestamp: bigint;
  readonly producerId: bigint;
  readonly count: number;
}

const codecMask = 0x07;
const appendTimeFlag = 0x08;
const transactionalFlag = 0x10;
const controlFlag = 0x20;
const magic = 2;

/** Each costs some hundred bytes, however few of its own it has. */
const recordsMax = 500_000;

/** Offset and length, which stand before what the length counts. */
const prefixBytes = 12;
/** Everything before the first record. */
const headerBytes = 61;
const magicAt = 16;

/**
 * Reads every complete batch; brokers cut the last one off where a response would become too long. A batch says itself
 * how far it covers, which compaction does not change: a reader that goes by the records alone stays before a batch that
 * has none left.
 *
 * A transaction begins to be skipped with the batch that reaches its first offset, and ends with its marker. The broker
 * lists transactions in the order in which they ended, and a reader may begin in the midst of several: all that have begun
 * by the end of a batch are taken, as org.apache.kafka.clients.consumer.internals.CompletedFetch does.
 *
 * A few kilobytes unpack to any amount, and a response holds many such batches: reading stops where they become more than
 * memory should hold, and goes on there with the next response. Throws for bytes that are no record batches.
 */
export async function readRecordBatches(
  bytes: Buffer,
  aborted: readonly AbortedTransaction[],
): Promise<RecordStretch> {
  const upcoming = aborted.toSorted((a, b) => a.firstOffset - b.firstOffset);
  const skipped = new Set<bigint>();
  const records: RecordBatchEntry[] = [];
  let lastOffset: number | undefined;
  let begun = 0;
  let unpackedBytes = 0;
  for (let at = 0; at + prefixBytes <= bytes.length; ) {
    const length = bytes.readInt32BE(at + 8);
    const end = at + prefixBytes + length;
    if (length >= 0 && end > bytes.length) break;
    const batch = headerOf(bytes, at, end);
    for (; begun < upcoming.length && upcoming[begun]!.firstOffset <= batch.lastOffset; begun += 1) {
      skipped.add(upcoming[begun]!.producerId);
    }
    if ((batch.attributes & controlFlag) !== 0) {
      if (isAbortMarker(batch, bytes.subarray(at + headerBytes, end))) skipped.delete(batch.producerId);
    } else if ((batch.attributes & transactionalFlag) === 0 || !skipped.has(batch.producerId)) {
      const packed = bytes.subarray(at + headerBytes, end);
      const unpacked = await unpackedRecords(batch, packed);
      unpackedBytes += unpacked?.length ?? 0;
      const isTooMuch = unpackedBytes > unpackedBytesMax || records.length + batch.count > recordsMax;
      if (isTooMuch && records.length > 0) break;
      if (unpacked === undefined) records.push(packedRecords(batch, packed));
      else readRecords(batch, unpacked, records);
    }
    lastOffset = batch.lastOffset;
    at = end;
  }
  return { records, lastOffset };
}

function headerOf(bytes: Buffer, at: number, end: number): BatchHeader {
  if (end - at < headerBytes) throw new Error('a record batch is shorter than its header');
  if (bytes[at + magicAt] !== magic) {
    throw new Error(
      `a record batch has format ${bytes[at + magicAt]}, of before Kafka 0.11; ${magic} is read`,
    );
  }
  const firstOffset = offsetAt(bytes, at);
  return {
    firstOffset,
    lastOffset: firstOffset + bytes.readInt32BE(at + 23),
    attributes: bytes.readInt16BE(at + 21),
    firstTimestamp: bytes.readBigInt64BE(at + 27),
    maxTimestamp: bytes.readBigInt64BE(at + 35),
    producerId: bytes.readBigInt64BE(at + 43),
    count: bytes.readInt32BE(at + 57),
  };
}

/** An offset fits into a double until a partition has held 2^53 records. */
export function offsetAt(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4);
}

function readRecords(batch: BatchHeader, bytes: Buffer, into: RecordBatchEntry[]): void {
  const reader: Reader = { bytes, at: 0 };
  for (let i = 0; i < batch.count; i++) into.push(readRecord(batch, reader));
}

/** Undefined for more than memory should be asked for: a batch that nobody can read would come again for ever. */
async function unpackedRecords(batch: BatchHeader, packed: Buffer): Promise<Buffer | undefined> {
  if (batch.count > recordsMax) return undefined;
  const codec = batch.attributes & codecMask;
  if (codec === 0 || batch.count <= 0) return packed;
  try {
    return await unpack(codec, packed);
  } catch (error) {
    if (isTooLarge(error)) return undefined;
    throw error;
  }
}

function packedRecords({ lastOffset, maxTimestamp, count }: BatchHeader, packed: Buffer): PackedRecords {
  return {
    ...{
      offset: String(lastOffset),
      key: null,
      value: packed,
      timestamp: String(maxTimestamp),
      attributes: 0,
    },
    ...{ headers: {}, packedRecords: count },
  };
}

/** The key of a control record is its version and its type: 0 is an abort, 1 a commit (ControlRecordType). */
function isAbortMarker(batch: BatchHeader, bytes: Buffer): boolean {
  if (batch.count <= 0) return false;
  const { key } = readRecord(batch, { bytes, at: 0 });
  return key !== null && key.length >= 4 && key.readInt16BE(2) === 0;
}

interface Reader {
  readonly bytes: Buffer;
  at: number;
}

function readRecord(batch: BatchHeader, reader: Reader): StoredRecord {
  const { bytes } = reader;
  const length = readVarint(reader);
  const start = reader.at;
  const end = start + length;
  if (length < 0 || end > bytes.length) throw new Error('a record is cut off');
  skipAttributesAndTime(reader);
  const offset = batch.firstOffset + readVarint(reader);
  skipField(reader);
  const value = readField(reader);
  if (reader.at > end) throw new Error('the fields of a record are longer than the record');
  reader.at = end;
  return new StoredRecord(String(offset), value, batch, bytes, start);
}

function skipAttributesAndTime(reader: Reader): void {
  reader.at += 1;
  while (reader.bytes[reader.at]! >= 0x80) reader.at += 1;
  reader.at += 1;
}

function skipField(reader: Reader): void {
  const length = readVarint(reader);
  if (length > 0) reader.at += length;
}

/** Null where the length is -1. */
function readField(reader: Reader): Buffer | null {
  const length = readVarint(reader);
  if (length < 0) return null;
  const start = reader.at;
  reader.at += length;
  return reader.bytes.subarray(start, reader.at);
}

/** A zigzag varint of at most 32 bits. */
function readVarint(reader: Reader): number {
  const { bytes } = reader;
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = bytes[reader.at++];
    if (byte === undefined) break;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
  }
  throw new Error('a number in a record does not end');
}

/** A zigzag varint of at most 64 bits. */
function readVarlong({ bytes, at }: Reader): bigint {
  let value = 0n;
  for (let i = 0; i < 10; i++) {
    const byte = bytes[at + i]!;
    value |= BigInt(byte & 0x7f) << BigInt(7 * i);
    if (byte < 0x80) break;
  }
  return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
}

/** A record whose offset and value are at hand; the rest, which Driftline itself does not need, is read when it is asked for. */
class StoredRecord implements RecordBatchEntry {
  readonly offset: string;
  readonly value: Buffer | null;
  readonly attributes = 0;
  readonly #batch: BatchHeader;
  readonly #bytes: Buffer;
  readonly #start: number;

  constructor(offset: string, value: Buffer | null, batch: BatchHeader, bytes: Buffer, start: number) {
    this.offset = offset;
    this.value = value;
    this.#batch = batch;
    this.#bytes = bytes;
    this.#start = start;
  }

  get timestamp(): string {
    const { attributes, firstTimestamp, maxTimestamp } = this.#batch;
    if ((attributes & appendTimeFlag) !== 0) return String(maxTimestamp);
    return String(firstTimestamp + readVarlong({ bytes: this.#bytes, at: this.#start + 1 }));
  }

  get key(): Buffer | null {
    return readField(this.#atKey());
  }

  /** Several of one name become a list. */
  get headers(): IHeaders {
    const reader = this.#atKey();
    skipField(reader);
    skipField(reader);
    const headers: IHeaders = Object.create(null);
    for (let left = readVarint(reader); left > 0; left--) {
      const name = readField(reader)?.toString('utf8') ?? '';
      const value = readField(reader) ?? undefined;
      const before = headers[name];
      headers[name] = before === undefined || value === undefined ? value : [before, value].flat();
    }
    return headers;
  }

  #atKey(): Reader {
    const reader: Reader = { bytes: this.#bytes, at: this.#start };
    skipAttributesAndTime(reader);
    readVarint(reader);
    return reader;
  }
}
