// One topic read value by value: by a consumer group that goes on where it was, or by a look at it that leaves no trace.
import { randomUUID } from 'node:crypto';
import type { Consumer, EachBatchPayload } from 'kafkajs';
import type { KafkaClient } from './client.ts';
import { kafkaFault, patiently, reach, settle } from './trouble.ts';

export interface TopicReaderOptions {
  readonly client: KafkaClient;
  readonly topic: string;
  /** Undefined reads under a name of its own, and commits nothing. */
  readonly groupId: string | undefined;
  /** Where a group without a position begins. */
  readonly from: 'beginning' | 'end';
  readonly sessionTimeoutMs: number;
  readonly signal: AbortSignal;
}

/** True goes on, and the record is done with; false ends the reading, and the group is given it again. */
export type Handle = (value: string) => Promise<boolean>;

interface Reading {
  readonly options: TopicReaderOptions;
  readonly consumer: Consumer;
  readonly handle: Handle;
  /** Resolves with the error that ended it; undefined when it was stopped. */
  readonly ended: PromiseWithResolvers<{ readonly error: unknown } | undefined>;
  /** The batch in hand; never rejects. */
  lane: Promise<void>;
}

/**
 * Calls the handler for one record after the other until the signal aborts or the handler says false; a record is
 * committed after its handler is done. Rejects with the handler's Fault, or with one of Kafka's.
 */
export async function readTopic(options: TopicReaderOptions, handle: Handle): Promise<void> {
  const { client, topic, signal } = options;
  const groupId = options.groupId ?? `driftline-look-${randomUUID()}`;
  const consumer = client.kafka.consumer(consumerSettings(groupId, options));
  const reading: Reading = {
    ...{ options, consumer, handle, ended: Promise.withResolvers(), lane: Promise.resolve() },
  };
  const { ended } = reading;
  const stop = () => ended.resolve(undefined);
  const fail = (error: unknown) => ended.resolve({ error });
  await reach(client, consumer);
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  consumer.on(consumer.events.CRASH, ({ payload }) => fail(payload.error));
  let joined: Promise<void> = Promise.resolve();
  try {
    // kafkajs ends with the first "not now" when it joins.
    await coordinated(client, groupId, topic);
    await consumer.subscribe({ topics: [topic], fromBeginning: options.from === 'beginning' });
    joined = start(reading);
  } catch (error) {
    fail(error);
  }
  joined.catch(fail);
  const ending = await ended.promise;
  signal.removeEventListener('abort', stop);
  // What is in hand is finished, or it would be done twice.
  await reading.lane;
  await settle(joined.catch(() => undefined).then(() => consumer.disconnect()));
  if (options.groupId === undefined) await forget(client, groupId);
  if (ending !== undefined) throw kafkaFault(ending.error, `reading ${topic}`, client);
}

function consumerSettings(groupId: string, { sessionTimeoutMs }: TopicReaderOptions) {
  return {
    groupId,
    sessionTimeout: sessionTimeoutMs,
    rebalanceTimeout: 2 * sessionTimeoutMs,
    heartbeatInterval: heartbeatMs(sessionTimeoutMs),
    maxWaitTimeInMs: 200,
    allowAutoTopicCreation: false,
    readUncommitted: false,
    retry: { retries: 5, restartOnFailure: async () => false },
  };
}

function heartbeatMs(sessionTimeoutMs: number): number {
  return Math.min(1_000, sessionTimeoutMs / 4);
}

function start(reading: Reading): Promise<void> {
  return reading.consumer.run({
    autoCommit: false,
    partitionsConsumedConcurrently: 1,
    eachBatchAutoResolve: false,
    eachBatch: async (payload) => {
      const { heartbeat } = payload;
      // A receiver that is down for hours must not cost the group its member; a rebalance is told after the batch.
      const beating = setInterval(
        () => void heartbeat().catch(() => undefined),
        heartbeatMs(reading.options.sessionTimeoutMs),
      );
      reading.lane = take(reading, payload).catch((error: unknown) => reading.ended.resolve({ error }));
      await reading.lane.finally(() => clearInterval(beating));
      await heartbeat();
    },
  });
}

async function take(
  { options, consumer, handle, ended }: Reading,
  { batch, resolveOffset, isRunning, isStale }: EachBatchPayload,
): Promise<void> {
  for (const { value, offset } of batch.messages) {
    if (!isRunning() || isStale() || options.signal.aborted) return;
    if (value !== null && !(await handle(value.toString()))) return ended.resolve(undefined);
    resolveOffset(offset);
    if (options.groupId === undefined) continue;
    const { topic, partition } = batch;
    await consumer.commitOffsets([{ topic, partition, offset: String(Number(offset) + 1) }]);
  }
}

/** Resolves when the coordinator of the group answers: for a while after a start or a move it only says that it is loading. */
async function coordinated({ kafka }: KafkaClient, groupId: string, topic: string): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    await patiently(() => admin.fetchOffsets({ groupId, topics: [topic] }));
  } finally {
    await settle(admin.disconnect());
  }
}

/** A look leaves no group behind; what goes wrong is of no use to anybody: the broker drops an empty one in its own time. */
async function forget({ kafka }: KafkaClient, groupId: string): Promise<void> {
  const admin = kafka.admin();
  const deleted = admin.connect().then(() => admin.deleteGroups([groupId]));
  await settle(deleted.catch(() => undefined).then(() => admin.disconnect()));
}
