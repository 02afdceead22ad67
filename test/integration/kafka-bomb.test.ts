// A few kilobytes that unpack to more than a process should hold: brokers let them pass, and a reader has to get past them.
import { afterEach, expect, test, vi } from 'vitest';
import { compressionTypes, unpackedBytesMax } from '../../src/io/kafka/codecs.ts';
import { newClient, newPair, numbered, startReader, type TestReader, withProducer } from './kafka-rig.ts';

const readers: TestReader[] = [];

afterEach(async () => {
  await Promise.all(readers.splice(0).map(({ source }) => source.stop()));
});

async function sendBomb(topic: string, codec: 'gzip' | 'zstd'): Promise<void> {
  const producer = newClient().kafka.producer();
  await producer.connect();
  const messages = [{ key: 'bomb', value: Buffer.alloc(unpackedBytesMax + 1) }];
  await producer.send({ topic, messages, compression: compressionTypes[codec] });
  await producer.disconnect();
}

/** A reader with its shard; one that ends before is begun anew, as its supervisor does it: a new broker has no groups yet. */
async function readerOf(topics: Parameters<typeof startReader>[0]): Promise<TestReader> {
  const reader = startReader(topics, 1, { resumeAt: () => ({ predictions: 0, labels: 0 }) });
  readers.push(reader);
  const assigned = vi.waitFor(() => expect(reader.latest()).toEqual([0]), { timeout: 60_000, interval: 20 });
  const error = await Promise.race([reader.done, assigned.then(() => undefined)]);
  return error === undefined ? reader : readerOf(topics);
}

test.each(['gzip', 'zstd'] as const)(
  'a batch of %s that unpacks to any size is refused as one record, and reading goes on',
  async (codec) => {
    const topics = await newPair(1);
    await sendBomb(topics.predictions, codec);
    await withProducer((producer) => producer.sendRecords(topics.predictions, numbered(3)));
    const { values } = await readerOf(topics);
    await vi.waitFor(() => expect(values('predictions')).toHaveLength(4), { timeout: 60_000, interval: 50 });
    expect(values('predictions').slice(1)).toEqual(['v0', 'v1', 'v2']);
    expect(values('predictions')[0]!.length).toBeLessThan(1_000_000);
  },
);
