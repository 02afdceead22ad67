// What the Kafka tests share: clients, topics with random names, and a reader that keeps all that its source tells.
import { randomUUID } from 'node:crypto';
import type { IHeaders, KafkaMessage } from 'kafkajs';
import { expect, vi } from 'vitest';
import { kafkaAddress } from '../../deploy/local/ports.ts';
import { connectKafka, type KafkaClient } from '../../src/io/kafka/client.ts';
import type { TopicNames } from '../../src/io/kafka/offsets.ts';
import { createKafkaProducer, type KafkaProducer } from '../../src/io/kafka/producer.ts';
import { createKafkaSource, type KafkaSourceOptions } from '../../src/io/kafka/source.ts';
import { createTopics } from '../../src/io/kafka/topics.ts';
import type { LogSource, RecordBatch } from '../../src/log-source.ts';
import type { Log, Offsets, Stream } from '../../src/ports.ts';

export const quiet: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Resolves once the check no longer throws; rejects with its last error after half a minute. */
export function until<T>(check: () => T): Promise<Awaited<T>> {
  return vi.waitFor(check, { timeout: 30_000, interval: 20 }) as Promise<Awaited<T>>;
}

export function newClient(brokers: readonly string[] = [kafkaAddress], log: Log = quiet): KafkaClient {
  return connectKafka(
    { brokers, clientId: 'driftline-test', connectionTimeoutMs: 3_000, requestTimeoutMs: 30_000 },
    log,
  );
}

export function unique(name: string): string {
  return `test-${name}-${randomUUID()}`;
}

export async function newTopic(name: string, partitions: number, config = {}): Promise<string> {
  const topic = unique(name);
  await createTopics(newClient(), [{ topic, partitions, replication: 1, config }]);
  return topic;
}

export async function newPair(partitions: number, config = {}): Promise<TopicNames> {
  return {
    predictions: await newTopic('predictions', partitions, config),
    labels: await newTopic('labels', partitions, config),
  };
}

export async function withProducer<T>(work: (producer: KafkaProducer) => Promise<T>): Promise<T> {
  const producer = await createKafkaProducer(newClient(), 'none');
  try {
    return await work(producer);
  } finally {
    await producer.close();
  }
}

/** Removes the records of partition 0 before an offset, as retention does. */
export async function deleteUpTo(topic: string, offset: number): Promise<void> {
  const admin = newClient().kafka.admin();
  await admin.connect();
  // kafkajs deletes by metadata that it does not load by itself.
  await admin.fetchTopicOffsets(topic);
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(offset) }] });
  await admin.disconnect();
}

/** Gives a topic so many partitions in all. */
export async function addPartitions(topic: string, count: number): Promise<void> {
  const admin = newClient().kafka.admin();
  await admin.connect();
  await admin.createPartitions({ topicPartitions: [{ topic, count }] });
  await admin.disconnect();
}

/** `count` small records with keys from-0, from-1, … */
export function numbered(count: number, from = 0): { key: string; value: string }[] {
  return Array.from({ length: count }, (_, i) => ({ key: `k${from + i}`, value: `v${from + i}` }));
}

export interface TestReader {
  readonly source: LogSource;
  readonly batches: RecordBatch[];
  /** The shards of each generation, the latest last. */
  readonly generations: (readonly number[])[];
  /** How `run` ended. */
  readonly done: Promise<unknown>;
  latest(): readonly number[] | undefined;
  values(stream: Stream, shard?: number): string[];
}

interface ReaderOptions extends Partial<KafkaSourceOptions> {
  /** Where to resume an assigned shard at once; left paused where undefined. */
  readonly resumeAt?: (shard: number) => Offsets | undefined;
  readonly onBatch?: (batch: RecordBatch) => Promise<void>;
}

export function startReader(topics: TopicNames, shards: number, options: ReaderOptions = {}): TestReader {
  const { resumeAt, onBatch, ...rest } = options;
  const source = createKafkaSource({
    client: newClient(),
    groupId: unique('group'),
    topics,
    shards,
    log: quiet,
    watchdogMs: 60_000,
    sessionTimeoutMs: 10_000,
    metadataMaxAgeMs: 30_000,
    ...rest,
  });
  const batches: RecordBatch[] = [];
  const generations: (readonly number[])[] = [];
  const done = source
    .run({
      assigned(now) {
        generations.push(now);
        for (const shard of now) {
          const offsets = resumeAt?.(shard);
          if (offsets !== undefined) source.resume(shard, offsets);
        }
      },
      async batch(batch) {
        batches.push(batch);
        await onBatch?.(batch);
      },
    })
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  return {
    source,
    batches,
    generations,
    done,
    latest: () => generations.at(-1),
    values: (stream, shard) =>
      batches
        .filter((batch) => batch.stream === stream && (shard === undefined || batch.shard === shard))
        .flatMap(({ records }) =>
          records.map(({ payload }) => Buffer.from(payload as Uint8Array).toString()),
        ),
  };
}

/** Fails when a batch does not begin where the one before it of its partition ended. Returns the end of each. */
export function expectNoGaps(batches: readonly RecordBatch[], from = 0): ReadonlyMap<string, number> {
  const ends = new Map<string, number>();
  for (const { stream, shard, firstOffset, nextOffset } of batches) {
    const place = `${stream}/${shard}`;
    expect(firstOffset, place).toBe(ends.get(place) ?? from);
    ends.set(place, nextOffset);
  }
  return ends;
}

export type ReadMessage = Pick<KafkaMessage, 'offset' | 'key' | 'value' | 'timestamp'> & {
  readonly partition: number;
  readonly headers: IHeaders;
};

/** The first `count` messages of a topic, by kafkajs as it comes. */
export async function readTopic(topic: string, count: number): Promise<readonly ReadMessage[]> {
  const consumer = newClient().kafka.consumer({ groupId: unique('reader'), maxWaitTimeInMs: 100 });
  const messages: ReadMessage[] = [];
  const full = Promise.withResolvers<void>();
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ partition, message: { offset, key, value, timestamp, headers = {} } }) => {
      messages.push({ offset, key, value, timestamp, headers, partition });
      if (messages.length >= count) full.resolve();
    },
  });
  await full.promise;
  await consumer.disconnect();
  return messages;
}
