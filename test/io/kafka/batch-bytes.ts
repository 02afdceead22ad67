// Record batches as brokers store them: written by kafkajs' own encoder, and changed where it has no setting.
import { createRequire } from 'node:module';
import type { IHeaders } from 'kafkajs';
import { type CompressionName, compressionTypes, registerCodecs } from '../../../src/io/kafka/codecs.ts';

const require = createRequire(import.meta.url);
const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0/index.js');
const encodeRecord = require('kafkajs/src/protocol/recordBatch/record/v0/index.js');
const decodeRecordBatch = require('kafkajs/src/protocol/recordBatch/v0/decoder.js');
const Encoder = require('kafkajs/src/protocol/encoder.js');
const Decoder = require('kafkajs/src/protocol/decoder.js');

registerCodecs();

export interface SampleRecord {
  readonly offset: number;
  readonly key?: Buffer | null;
  readonly value?: Buffer | null;
  readonly headers?: IHeaders;
  /** Milliseconds after the first timestamp of the batch. */
  readonly later?: number;
}

export interface SampleBatch {
  readonly from: number;
  /** The last offset that it covers, whatever is left of it. */
  readonly to: number;
  readonly records: readonly SampleRecord[];
  readonly codec?: CompressionName;
  /** The transaction's producer; no transaction where undefined. */
  readonly producerId?: number;
  readonly marker?: 'abort' | 'commit';
}

export const firstTimestamp = 1_700_000_000_000;

/** The bytes of one batch. */
export async function batchBytes(batch: SampleBatch): Promise<Buffer> {
  const { from, to, codec = 'none', producerId, marker } = batch;
  const records = marker === undefined ? batch.records : [markerRecord(from, marker)];
  const encoded = await RecordBatch({
    ...{ compression: compressionTypes[codec], firstOffset: from, lastOffsetDelta: to - from },
    ...{ firstTimestamp, maxTimestamp: firstTimestamp, transactional: producerId !== undefined },
    producerId: producerId ?? -1,
    records: records.map(({ offset, key = null, value = null, headers = {}, later = 0 }) =>
      encodeRecord({ offsetDelta: offset - from, timestampDelta: later, key, value, headers }),
    ),
  });
  const bytes = Buffer.from(encoded.buffer);
  if (marker !== undefined) bytes.writeInt16BE(bytes.readInt16BE(21) | 0x20, 21);
  return bytes;
}

/** Version 0, and a type: an abort is 0, a commit 1. */
function markerRecord(offset: number, marker: 'abort' | 'commit'): SampleRecord {
  return { offset, key: Buffer.from([0, 0, 0, marker === 'abort' ? 0 : 1]), value: Buffer.alloc(6) };
}

/** What kafkajs itself reads of the bytes of one batch. */
export async function readByKafkajs(bytes: Buffer): Promise<readonly object[]> {
  const { records } = await decodeRecordBatch(new Decoder(bytes));
  return records;
}

/** A fetch response of version 11 with one partition, 0 of `p`, and these batches. */
export function fetchResponseBytes(
  batches: Buffer,
  {
    highWatermark = 0,
    errorCode = 0,
    aborted = [] as readonly (readonly [producer: number, from: number])[],
  } = {},
): Buffer {
  const encoder = new Encoder();
  // Throttle time, error, session; one topic with one partition.
  encoder.writeInt32(70).writeInt16(0).writeInt32(0).writeInt32(1).writeString('p').writeInt32(1);
  encoder
    .writeInt32(0)
    .writeInt16(errorCode)
    .writeInt64(highWatermark)
    .writeInt64(highWatermark)
    .writeInt64(0);
  encoder.writeInt32(aborted.length);
  for (const [producerId, from] of aborted) encoder.writeInt64(producerId).writeInt64(from);
  encoder.writeInt32(-1).writeBytes(batches);
  return Buffer.from(encoder.buffer);
}
