// Every codec through a real broker, in both directions, with kafkajs' producer, ours, and Kafka's own Java clients.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { compressionTypes } from '../../src/io/kafka/codecs.ts';
import { createKafkaProducer } from '../../src/io/kafka/producer.ts';
import type { RecordBatch } from '../../src/log-source.ts';
import { readByJava, writeByJava } from './java-client.ts';
import { expectNoGaps, newClient, newPair, newTopic, startReader, type TestReader } from './kafka-rig.ts';

const codecs = ['gzip', 'snappy', 'lz4', 'zstd'] as const;
type Codec = (typeof codecs)[number];

const readers: TestReader[] = [];

afterEach(async () => {
  await Promise.all(readers.splice(0).map(({ source }) => source.stop()));
});

/** More than one block of any codec, and than one batch: every value is another, and compresses only so far. */
function records(codec: Codec): { key: string; value: string }[] {
  return Array.from({ length: 1_000 }, (_, i) => {
    const value = Array.from({ length: 20 }, (_, j) => ((i * 7919 + j * 104_729) % 65_521).toString(36));
    return { key: `${codec}-${i}`, value: value.join(' ') };
  });
}

/** Everything that a source delivers of a topic with so many records. */
async function readBySource(topic: string, count: number): Promise<readonly RecordBatch[]> {
  const reader = startReader({ predictions: topic, labels: (await newPair(1)).labels }, 1, {
    resumeAt: () => ({ predictions: 0, labels: 0 }),
  });
  readers.push(reader);
  await vi.waitFor(() => expect(reader.values('predictions')).toHaveLength(count), { timeout: 30_000 });
  expectNoGaps(reader.batches);
  return reader.batches;
}

function valuesOf(batches: readonly RecordBatch[]): string[] {
  return batches.flatMap((batch) => batch.records.map(({ payload }) => String(payload)));
}

describe.each(codecs)('%s', (codec) => {
  const sent = records(codec);
  const values = sent.map(({ value }) => value);

  test('as kafkajs packs it is read', async () => {
    const topic = await newTopic(`kafkajs-${codec}`, 1);
    const producer = newClient().kafka.producer({ allowAutoTopicCreation: false });
    await producer.connect();
    await producer.send({ topic, messages: sent, compression: compressionTypes[codec] });
    await producer.disconnect();
    expect(valuesOf(await readBySource(topic, sent.length))).toEqual(values);
  });

  test('as the Java client packs it is read', async () => {
    const topic = await newTopic(`java-${codec}`, 1);
    await writeByJava(topic, codec, sent);
    expect(valuesOf(await readBySource(topic, sent.length))).toEqual(values);
  });
});

test('what our producer packs is read by the Java client, in every codec', async () => {
  const topics = await Promise.all(codecs.map((codec) => newTopic(`own-${codec}`, 1)));
  for (const [i, codec] of codecs.entries()) {
    const producer = await createKafkaProducer(newClient(), codec);
    await producer.sendRecords(topics[i]!, records(codec));
    await producer.close();
  }
  const expected = codecs.flatMap(records).map(({ key, value }) => `${key}: ${value}`);
  const found = await readByJava(topics, expected.length);
  expect([...found].sort()).toEqual(expected.sort());
});
