// The run that nothing disturbs: a replay of what lies in the topics, record by record as it lies there.
import { randomUUID } from 'node:crypto';
import { systemClock } from '../../src/io/clock.ts';
import type { KafkaClient } from '../../src/io/kafka/client.ts';
import { createMemoryStores } from '../../src/io/memory.ts';
import { type EventChunk, replay } from '../../src/pipeline/replay.ts';
import type { OutboundMessage } from '../../src/ports.ts';
import { silentLog, silentMeter } from '../pipeline/sample-models.ts';
import { type Ending, readEnding } from '../simulation/ending.ts';
import { type Deployment, topics } from './deployment.ts';
import { partitions } from './events.ts';
import { readTopic } from './topic-reader.ts';

/** Replays the topics and says how that ends. */
export async function undisturbed(client: KafkaClient, deployment: Deployment): Promise<Ending> {
  const stores = createMemoryStores(systemClock);
  const sent: OutboundMessage[] = [];
  const { models, settings } = deployment;
  await replay(chunks(client), models, settings, {
    ...{ ...stores, clock: systemClock, log: silentLog, meter: silentMeter, shardCount: partitions },
    outbound: { send: async (messages) => void sent.push(...messages) },
    token: randomUUID,
  });
  return readEnding(stores.results, sent, deployment);
}

/** The producer chose partitions by the key, as a replay does: the records of a partition come together again, in their order. */
async function* chunks(client: KafkaClient): AsyncGenerator<EventChunk> {
  for (const stream of ['predictions', 'labels'] as const) {
    for await (const { messages } of readTopic(client, topics[stream])) {
      yield { stream, payloads: messages.map(({ value }) => value!) };
    }
  }
}
