// The topics as the brokers have them: looked up, checked against what Driftline needs, planned and created.
import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type Admin, type ITopicMetadata } from 'kafkajs';
import { shortestBytesMax } from '../../codec/shortened.ts';
import { Fault } from '../../fault.ts';
import { notCopartitioned } from './assignment.ts';
import type { KafkaClient } from './client.ts';
import { close, isUnknownTopic, kafkaFault, passes, patiently, reach } from './trouble.ts';

export interface TopicSpec {
  readonly topic: string;
  readonly partitions: number;
  /** Copies of each partition; -1 leaves it to the broker's default.replication.factor. */
  readonly replication: number;
  /** Topic settings by Kafka's names, such as cleanup.policy. */
  readonly config: Readonly<Record<string, string>>;
}

/** What one topic needs: nothing, to be created, or a person's decision. */
export type TopicStep =
  | { readonly kind: 'exists'; readonly spec: TopicSpec }
  | { readonly kind: 'create'; readonly spec: TopicSpec }
  | { readonly kind: 'differs'; readonly spec: TopicSpec; readonly found: TopicSpec };

export interface TopicsNeeded {
  readonly predictions: string;
  readonly labels: string;
  /** Topics that are written to; their numbers of partitions do not matter. */
  readonly outbound: readonly string[];
}

/** The topics of these names that exist, with the settings that `doctor` looks at. */
export async function describeTopics(
  client: KafkaClient,
  names: readonly string[],
): Promise<ReadonlyMap<string, TopicSpec>> {
  return withAdmin(client, `describing the topics ${names.join(', ')}`, async (admin) => {
    const existing = new Set(await admin.listTopics());
    const topics = [...new Set(names)].filter((name) => existing.has(name));
    // Kafka takes an empty list for "all topics".
    if (topics.length === 0) return new Map();
    const [metadata, configs] = await Promise.all([
      admin.fetchTopicMetadata({ topics }),
      readConfigs(admin, topics),
    ]);
    return new Map(
      metadata.topics.map((found) => [found.name, specOf(found, configs.get(found.name) ?? {})]),
    );
  });
}

function specOf({ name, partitions }: ITopicMetadata, config: Readonly<Record<string, string>>): TopicSpec {
  return {
    topic: name,
    partitions: partitions.length,
    replication: partitions[0]?.replicas.length ?? 0,
    config,
  };
}

const configNames = [
  'cleanup.policy',
  'retention.ms',
  'retention.bytes',
  'max.message.bytes',
  'min.insync.replicas',
];

async function readConfigs(
  admin: Admin,
  topics: readonly string[],
): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
  // Not among the named exports that Node finds in this CommonJS package.
  const type = kafkajs.ConfigResourceTypes.TOPIC;
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: topics.map((name) => ({ type, name, configNames })),
  });
  return new Map(
    resources.map(({ resourceName, configEntries }) => [
      resourceName,
      Object.fromEntries(configEntries.map(({ configName, configValue }) => [configName, configValue])),
    ]),
  );
}

/**
 * The number of shards. Throws TOPIC_MISSING with every name that is missing, TOPICS_NOT_COPARTITIONED with both
 * counts, MESSAGE_TOO_LARGE for a topic that would not take even a shortened message, or a Fault of the connection.
 */
export async function checkTopics(client: KafkaClient, needed: TopicsNeeded): Promise<number> {
  const names = [needed.predictions, needed.labels, ...needed.outbound];
  const found = await describeTopics(client, names);
  const missing = names.filter((name) => !found.has(name));
  if (missing.length > 0) {
    throw new Fault(
      'TOPIC_MISSING',
      `Kafka at ${client.brokers.join(', ')} has no topic ${missing.join(', ')}.`,
    );
  }
  const predictions = found.get(needed.predictions)!.partitions;
  const labels = found.get(needed.labels)!.partitions;
  if (predictions !== labels) {
    throw notCopartitioned(needed, { predictions, labels });
  }
  for (const name of needed.outbound) checkMessageBytes(found.get(name)!);
  return predictions;
}

/** A message is shortened until its topic takes it, but not without end. */
function checkMessageBytes({ topic, config }: TopicSpec): void {
  const accepted = Number(config['max.message.bytes'] ?? Infinity);
  if (accepted >= shortestBytesMax) return;
  throw new Fault(
    'MESSAGE_TOO_LARGE',
    `Topic ${topic} accepts messages of at most ${accepted} bytes: raise its max.message.bytes to ${shortestBytesMax} or more.`,
  );
}

/**
 * What has to happen so that the topics are as wanted. Only partitions count as a difference, because they decide where
 * keys go; existing settings are the operator's own.
 */
export function planTopics(
  wanted: readonly TopicSpec[],
  existing: ReadonlyMap<string, TopicSpec>,
): readonly TopicStep[] {
  return wanted.map((spec) => {
    const found = existing.get(spec.topic);
    if (found === undefined) return { kind: 'create', spec };
    return found.partitions === spec.partitions ? { kind: 'exists', spec } : { kind: 'differs', spec, found };
  });
}

/**
 * Creates the topics, and resolves when all their partitions can be written and read; one that another process has created meanwhile is
 * left as it is.
 */
export async function createTopics(client: KafkaClient, specs: readonly TopicSpec[]): Promise<void> {
  if (specs.length === 0) return;
  const doing = `creating the topics ${specs.map(({ topic }) => topic).join(', ')}`;
  await withAdmin(client, doing, async (admin) => {
    // One by one: kafkajs reports errors of a list as one, and a topic that exists would hide another's error.
    for (const { topic, partitions, replication, config } of specs) {
      await admin.createTopics({
        validateOnly: false,
        // kafkajs takes a broker that has not heard of the topic yet for an error.
        waitForLeaders: false,
        timeout: 10_000,
        topics: [
          {
            topic,
            numPartitions: partitions,
            replicationFactor: replication,
            configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
          },
        ],
      });
      await untilServed(admin, topic);
    }
  });
}

/**
 * Waits, as long as a person would, until the leader of every partition answers for it. Brokers name a leader a little
 * before it is one, and a producer that comes in between stores records twice: kafkajs repeats a request as a whole where
 * one partition was refused.
 */
async function untilServed(admin: Admin, topic: string): Promise<void> {
  for (let waits = 0; waits < servedWaitsMax; waits++) {
    const isServed = await admin.fetchTopicOffsets(topic).then(
      () => true,
      (error: unknown) => {
        if (isUnknownTopic(error) || passes(error)) return false;
        throw error;
      },
    );
    if (isServed) return;
    await sleep(servedEveryMs);
  }
  const seconds = (servedWaitsMax * servedEveryMs) / 1000;
  throw new Fault(
    'KAFKA_FAILED',
    `Kafka: topic ${topic} was created, but not all of it is served after ${seconds} s.`,
  );
}

const servedWaitsMax = 200;
const servedEveryMs = 50;

async function withAdmin<T>(
  client: KafkaClient,
  doing: string,
  work: (admin: Admin) => Promise<T>,
): Promise<T> {
  const admin = client.kafka.admin();
  await reach(client, admin);
  try {
    return await patiently(() => work(admin));
  } catch (error) {
    throw kafkaFault(error, doing, client);
  } finally {
    await close(admin);
  }
}
