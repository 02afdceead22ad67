// The answer to a fetch, read in place of kafkajs' own reader, which gives aborted records and stays before empty batches.
import { createRequire } from 'node:module';
import type { RecordBatchEntry } from 'kafkajs';
import { Fault } from '../../fault.ts';
import { type AbortedTransaction, offsetAt, readRecordBatches } from './record-batch.ts';

/** What kafkajs makes batches of. */
interface FetchResponse {
  readonly throttleTime: number;
  readonly clientSideThrottleTime: number;
  readonly errorCode: number;
  readonly sessionId: number;
  readonly responses: readonly {
    readonly topicName: string;
    readonly partitions: readonly FetchedPartition[];
  }[];
}

interface FetchedPartition {
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: string;
  /** Always empty: what was aborted is left out already. */
  readonly abortedTransactions: readonly [];
  readonly preferredReadReplica: number;
  readonly messages: readonly RecordBatchEntry[];
}

/** The version of the fetch API that Kafka 2.3 brought; kafkajs knows no later one, and brokers will keep it. */
const fetchVersion = 11;
const olderVersions = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

/**
 * Stands behind the records of a stretch whose last offset holds none that may be seen, so that the stretch is
 * delivered, and reading goes on behind it. A record to kafkajs; `isCovered` tells it from one.
 */
interface CoveredOffset extends RecordBatchEntry {
  readonly covered: true;
}

function coveredOffset(offset: string): CoveredOffset {
  return { offset, key: null, value: null, timestamp: '-1', attributes: 0, headers: {}, covered: true };
}

/** True for what is no record, but the end of what a stretch covers. */
export function isCovered(message: object): boolean {
  return (message as Partial<CoveredOffset>).covered === true;
}

/**
 * Reads a fetch response of version 11.
 *
 * kafkajs 2.2.4 takes the aborted transactions in the order in which the broker lists them, which is that of their
 * ends, and one per record: of transactions that overlap, records that were rolled back come through. And it goes by the
 * records alone: before a batch of which compaction has left none it stays for ever (kafkajs#1072), and behind one whose last
 * records are gone it comes forward by one offset per fetch.
 */
export async function decodeFetchResponse(bytes: Buffer): Promise<FetchResponse> {
  const reader: Reader = { bytes, at: 0 };
  const clientSideThrottleTime = int32(reader);
  const errorCode = int16(reader);
  const sessionId = int32(reader);
  const responses: { topicName: string; partitions: FetchedPartition[] }[] = [];
  for (let topics = int32(reader); topics > 0; topics--) {
    const topicName = string(reader);
    const partitions: FetchedPartition[] = [];
    for (let left = int32(reader); left > 0; left--) partitions.push(await partitionOf(topicName, reader));
    responses.push({ topicName, partitions });
  }
  // The broker asks for patience and has not waited itself (KIP-219): kafkajs waits by the second of the two.
  return { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses };
}

async function partitionOf(topic: string, reader: Reader): Promise<FetchedPartition> {
  const partition = int32(reader);
  const errorCode = int16(reader);
  const highWatermark = String(offset(reader));
  // The last stable offset and the first of the log.
  reader.at += 16;
  const aborted: AbortedTransaction[] = [];
  for (let left = int32(reader); left > 0; left--) {
    aborted.push({ producerId: int64(reader), firstOffset: offset(reader) });
  }
  const preferredReadReplica = int32(reader);
  const size = Math.max(0, int32(reader));
  const start = reader.at;
  reader.at += size;
  if (reader.at > reader.bytes.length) throw new Error('a fetch response is cut off');
  const batches = reader.bytes.subarray(start, reader.at);
  const messages = await messagesOf(batches, aborted).catch((cause: unknown) => {
    throw damaged(topic, partition, batches, cause);
  });
  return { partition, errorCode, highWatermark, abortedTransactions: [], preferredReadReplica, messages };
}

async function messagesOf(
  batches: Buffer,
  aborted: readonly AbortedTransaction[],
): Promise<readonly RecordBatchEntry[]> {
  const { records, lastOffset } = await readRecordBatches(batches, aborted);
  const last = lastOffset === undefined ? undefined : String(lastOffset);
  if (last === undefined || records.at(-1)?.offset === last) return records;
  return [...records, coveredOffset(last)];
}

function damaged(topic: string, partition: number, batches: Buffer, cause: unknown): Fault {
  const from = batches.length < 8 ? '' : ` from offset ${offsetAt(batches, 0)} on`;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Fault('KAFKA_FAILED', `Kafka: ${topic}/${partition}${from} cannot be read: ${reason}.`, {
    cause,
  });
}

interface Reader {
  readonly bytes: Buffer;
  at: number;
}

function int16(reader: Reader): number {
  reader.at += 2;
  return reader.bytes.readInt16BE(reader.at - 2);
}

function int32(reader: Reader): number {
  reader.at += 4;
  return reader.bytes.readInt32BE(reader.at - 4);
}

function int64(reader: Reader): bigint {
  reader.at += 8;
  return reader.bytes.readBigInt64BE(reader.at - 8);
}

function offset(reader: Reader): number {
  reader.at += 8;
  return offsetAt(reader.bytes, reader.at - 8);
}

function string(reader: Reader): string {
  const length = int16(reader);
  reader.at += length;
  return reader.bytes.toString('utf8', reader.at - length, reader.at);
}

interface ResponseReader {
  decode: (bytes: Buffer) => Promise<unknown>;
}

let replaced = false;

/**
 * Makes every consumer of this process read by `decodeFetchResponse`. kafkajs has no setting for it: its modules are
 * reached by their path, which its release (2.2.4, the last since 2023, required by that very number) will not move.
 * A broker that only speaks an older version is refused: what stands above would be true of it.
 */
export function replaceFetchDecoder(): void {
  if (replaced) return;
  replaced = true;
  const require = createRequire(import.meta.url);
  const readerOf = (version: number) =>
    require(`kafkajs/src/protocol/requests/fetch/v${version}/response.js`) as ResponseReader;
  readerOf(fetchVersion).decode = decodeFetchResponse;
  for (const version of olderVersions) readerOf(version).decode = refuse;
}

async function refuse(): Promise<never> {
  throw new Fault(
    'KAFKA_FAILED',
    'Kafka: the brokers are older than Kafka 2.3, which Driftline cannot read from.',
  );
}
