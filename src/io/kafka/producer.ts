// A producer that keeps order, waits for all replicas, and cuts what it is given into batches that brokers accept.
import type { IHeaders, Message, Producer } from 'kafkajs';
import { partitionOf } from '../../codec/partitioner.ts';
import { Fault } from '../../fault.ts';
import type { KafkaClient } from './client.ts';
import { type CompressionName, compressionTypes } from './codecs.ts';
import { close, kafkaFault, reach } from './trouble.ts';

export interface KafkaRecord {
  readonly key: string | Uint8Array;
  readonly value: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TopicRecord extends KafkaRecord {
  readonly topic: string;
  /** What to send where the topic finds the record too large; undefined, or without it, the record is a fault. */
  readonly shorter?: () => TopicRecord | undefined;
}

export interface KafkaProducer {
  /**
   * Stores the records, in this order within each partition, and resolves when all in-sync replicas have them. Calls do
   * not overtake each other. Throws MESSAGE_TOO_LARGE, TOPIC_MISSING or another Fault; records before the one at fault
   * may be stored then, and a call that is repeated stores records twice.
   */
  send(records: readonly TopicRecord[]): Promise<void>;
  sendRecords(topic: string, records: readonly KafkaRecord[]): Promise<void>;
  /** Waits for the calls under way. */
  close(): Promise<void>;
}

/**
 * Bounds of one request. A broker accepts 1 MiB per partition unless told otherwise. kafkajs copies a partition's
 * messages once per message, so time grows with the square of their number; its consumer cannot read a record batch of
 * more than about 120,000 records at all.
 */
const requestBytesMax = 900_000;
const requestRecordsMax = 2_000;
/** Length, offset, timestamp and attributes of a record, at most. */
const recordOverheadBytes = 32;

/** Connects, so that a wrong address is told before there is anything to send. */
export async function createKafkaProducer(
  client: KafkaClient,
  compression: CompressionName,
): Promise<KafkaProducer> {
  const producer = client.kafka.producer({
    createPartitioner:
      () =>
      ({ message, partitionMetadata }) =>
        partitionOf(message.key ?? '', partitionMetadata.length),
    allowAutoTopicCreation: false,
    // Its one advantage, no repeats after a lost answer, comes with ways to die that the id of each message does not have.
    idempotent: false,
    maxInFlightRequests: 1,
    metadataMaxAge: 30_000,
    retry: { retries: 5, initialRetryTime: 300, multiplier: 2, factor: 0.2, maxRetryTime: 5_000 },
  });
  await reach(client, producer);
  let lane: Promise<void> = Promise.resolve();
  const send = (records: readonly TopicRecord[]): Promise<void> => {
    const sent = lane.then(async () => {
      for (const request of requestsOf(records)) await sendRequest(producer, client, compression, request);
    });
    lane = sent.catch(() => undefined);
    return sent;
  };
  return {
    send,
    sendRecords: (topic, records) => send(records.map((record) => ({ ...record, topic }))),
    async close() {
      await lane;
      await close(producer);
    },
  };
}

/** Consecutive runs of records, each within the bounds of one request; a record over the bounds goes alone. */
export function* requestsOf(records: readonly TopicRecord[]): Generator<readonly TopicRecord[]> {
  let start = 0;
  let bytes = 0;
  for (const [index, record] of records.entries()) {
    const size = bytesOf(record);
    if (index > start && (bytes + size > requestBytesMax || index - start >= requestRecordsMax)) {
      yield records.slice(start, index);
      start = index;
      bytes = 0;
    }
    bytes += size;
  }
  if (start < records.length) yield records.slice(start);
}

function bytesOf({ key, value, headers = {} }: KafkaRecord): number {
  const texts = Object.entries(headers).flat();
  return [key, value, ...texts].reduce((sum, part) => sum + Buffer.byteLength(part), recordOverheadBytes);
}

/** Topics may accept less than the bound: a request that is refused as too large is halved until one record is at fault, and that one shortened. */
async function sendRequest(
  producer: Producer,
  client: KafkaClient,
  compression: CompressionName,
  records: readonly TopicRecord[],
): Promise<void> {
  const topics = [...new Set(records.map(({ topic }) => topic))];
  try {
    await producer.sendBatch({
      acks: -1,
      timeout: 30_000,
      compression: compressionTypes[compression],
      topicMessages: topics.map((topic) => ({
        topic,
        messages: records.filter((record) => record.topic === topic).map(messageOf),
      })),
    });
  } catch (error) {
    const fault = kafkaFault(error, `sending to ${topics.join(', ')}`, client);
    if (fault.code !== 'MESSAGE_TOO_LARGE') throw fault;
    if (records.length === 1) {
      const shorter = records[0]!.shorter?.();
      if (shorter === undefined) throw tooLarge(records[0]!, error);
      await sendRequest(producer, client, compression, [shorter]);
      return;
    }
    const middle = records.length >> 1;
    await sendRequest(producer, client, compression, records.slice(0, middle));
    await sendRequest(producer, client, compression, records.slice(middle));
  }
}

function messageOf({ key, value, headers }: TopicRecord): Message {
  return {
    key: bufferOf(key),
    value: bufferOf(value),
    ...(headers === undefined ? {} : { headers: headers as IHeaders }),
  };
}

function bufferOf(part: string | Uint8Array): string | Buffer {
  return typeof part === 'string' ? part : Buffer.from(part.buffer, part.byteOffset, part.byteLength);
}

function tooLarge(record: TopicRecord, cause: unknown): Fault {
  const { topic, key } = record;
  const name = typeof key === 'string' ? key : Buffer.from(key).toString('utf8');
  const message = `The message with key ${name.slice(0, 100)} has ${bytesOf(record)} bytes, more than topic ${topic} accepts: raise its max.message.bytes.`;
  return new Fault('MESSAGE_TOO_LARGE', message, { cause });
}
