// Reads a topic from its beginning to where it ends now, each partition in its order.
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { KafkaMessage } from 'kafkajs';
import type { KafkaClient } from '../../src/io/kafka/client.ts';
import { unique } from '../integration/kafka-rig.ts';

export interface Stretch {
  readonly partition: number;
  readonly messages: readonly KafkaMessage[];
}

/** How many records each partition of a topic has. */
export async function endsOf(client: KafkaClient, topic: string): Promise<readonly number[]> {
  const admin = client.kafka.admin();
  await admin.connect();
  try {
    const offsets = await admin.fetchTopicOffsets(topic);
    return offsets.sort((a, b) => a.partition - b.partition).map(({ high }) => Number(high));
  } finally {
    await admin.disconnect();
  }
}

/** Often against the session of a member of the group, which is half a minute. */
const heartbeatMs = 3_000;

/**
 * Yields what the topic holds, every record once. A reader that does not keep up holds the fetching back; a member that has lost
 * its place in the group for it begins anew, and what it has yielded already is left out.
 */
export async function* readTopic(client: KafkaClient, topic: string): AsyncGenerator<Stretch> {
  const ends = await endsOf(client, topic);
  const next = ends.map(() => 0);
  const left = new Set([...ends.keys()].filter((partition) => ends[partition]! > 0));
  if (left.size === 0) return;
  const consumer = client.kafka.consumer({ groupId: unique('reader'), maxWaitTimeInMs: 100 });
  const waiting = new PassThrough({ objectMode: true, highWaterMark: 4 });
  await consumer.connect();
  try {
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch: { partition, messages }, heartbeat }) => {
        const isNew = (offset: number): boolean => offset >= next[partition]! && offset < ends[partition]!;
        const known = messages.filter(({ offset }) => isNew(Number(offset)));
        if (!left.has(partition) || known.length === 0) return;
        next[partition] = Number(known.at(-1)!.offset) + 1;
        if (!waiting.write({ partition, messages: known } satisfies Stretch))
          await drained(waiting, heartbeat);
        if (next[partition] >= ends[partition]!) left.delete(partition);
        if (left.size === 0) waiting.end();
        await heartbeat();
      },
    });
    yield* waiting;
  } finally {
    await consumer.disconnect();
  }
}

/** Waits for the reader, and keeps the place in the group meanwhile. */
async function drained(waiting: PassThrough, heartbeat: () => Promise<void>): Promise<void> {
  const beating = setInterval(() => void heartbeat().catch(() => undefined), heartbeatMs);
  await once(waiting, 'drain').finally(() => clearInterval(beating));
}
