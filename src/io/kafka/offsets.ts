// What the brokers know of positions: the bounds of every partition's log, and the offsets that the group committed.
import type { Admin } from 'kafkajs';
import type { Offsets, Stream } from '../../ports.ts';
import { systemClock } from '../clock.ts';
import type { KafkaClient } from './client.ts';
import { firstSince } from './since.ts';
import { close, kafkaFault, patiently, reach } from './trouble.ts';

export type TopicNames = Readonly<Record<Stream, string>>;

/** `low` is the first offset that the log still holds, `high` one past the last that a reader may see. */
export interface LogBounds {
  readonly low: number;
  readonly high: number;
}

export interface GroupOffsets {
  /** Resolves when the coordinator of the group answers: for a while after a start or a move it only says that it is loading. */
  coordinated(): Promise<void>;
  /** How many partitions each topic has at this moment. */
  partitions(): Promise<Readonly<Record<Stream, number>>>;
  bounds(stream: Stream, shard: number): Promise<LogBounds>;
  beginning(shard: number): Promise<Offsets>;
  ends(shards: readonly number[]): Promise<ReadonlyMap<number, Offsets>>;
  /** Undefined when the group has committed neither stream of the shard; a stream without commit counts from its beginning. */
  committed(shard: number): Promise<Offsets | undefined>;
  /** See LogSource: `wholeFrom` is that of the predictions, which windows are made of. */
  since(shard: number, time: number): Promise<{ offsets: Offsets; wholeFrom: number }>;
  close(): Promise<void>;
}

/** Opens its connection with the first question. Questions asked at the same time share one answer. */
export function openGroupOffsets(client: KafkaClient, groupId: string, topics: TopicNames): GroupOffsets {
  let admin: Promise<Admin> | undefined;
  const ask: Ask = async (doing, question) => {
    admin ??= connectAdmin(client);
    const connected = await admin.catch((error: unknown) => {
      admin = undefined;
      throw error;
    });
    return patiently(() => question(connected)).catch((error: unknown) => {
      throw kafkaFault(error, doing, client);
    });
  };
  const boundsOf = {
    predictions: shared(() =>
      ask(`reading the offsets of ${topics.predictions}`, (admin) => readBounds(admin, topics.predictions)),
    ),
    labels: shared(() =>
      ask(`reading the offsets of ${topics.labels}`, (admin) => readBounds(admin, topics.labels)),
    ),
  };
  const commits = shared(() =>
    ask(`reading the commits of group ${groupId}`, (admin) => readCommits(admin, groupId, topics)),
  );

  async function bounds(stream: Stream, shard: number): Promise<LogBounds> {
    const found = (await boundsOf[stream]()).get(shard);
    if (found !== undefined) return found;
    throw kafkaFault(new Error(`no partition ${shard}`), `reading the offsets of ${topics[stream]}`, client);
  }
  async function both(shard: number, side: keyof LogBounds): Promise<Offsets> {
    const [predictions, labels] = await Promise.all([bounds('predictions', shard), bounds('labels', shard)]);
    return { predictions: predictions[side], labels: labels[side] };
  }
  const first = async (stream: Stream, shard: number, time: number) => {
    const { low } = await bounds(stream, shard);
    return firstSince(time, low, offsetsByTime(ask, topics[stream], shard), systemClock.now());
  };
  return {
    coordinated: async () => void (await commits()),
    partitions: () =>
      ask(`looking up ${topics.predictions} and ${topics.labels}`, (admin) => countPartitions(admin, topics)),
    bounds,
    beginning: (shard) => both(shard, 'low'),
    async ends(shards) {
      return new Map(
        await Promise.all(shards.map(async (shard) => [shard, await both(shard, 'high')] as const)),
      );
    },
    async committed(shard) {
      const found = await commits();
      const predictions = found.predictions.get(shard);
      const labels = found.labels.get(shard);
      if (predictions === undefined && labels === undefined) return undefined;
      const beginning = await both(shard, 'low');
      return { predictions: predictions ?? beginning.predictions, labels: labels ?? beginning.labels };
    },
    async since(shard, time) {
      const { offset: predictions, wholeFrom } = await first('predictions', shard, time);
      const { offset: labels } = await first('labels', shard, time);
      return { offsets: { predictions, labels }, wholeFrom };
    },
    async close() {
      const connected = await admin?.catch(() => undefined);
      admin = undefined;
      if (connected !== undefined) await close(connected);
    },
  };
}

/** Asks the brokers something; `doing` says what, for the Fault that it fails with. */
type Ask = <T>(doing: string, question: (admin: Admin) => Promise<T>) => Promise<T>;

/** The first offset of a partition that was stored at or after a time; the end of the log where there is none. */
function offsetsByTime(ask: Ask, topic: string, shard: number): (time: number) => Promise<number> {
  return async (time) => {
    const found = await ask(`looking up offsets of ${topic} by time`, (admin) =>
      admin.fetchTopicOffsetsByTimestamp(topic, time),
    );
    return Number(found.find(({ partition }) => partition === shard)?.offset);
  };
}

async function connectAdmin(client: KafkaClient): Promise<Admin> {
  const admin = client.kafka.admin();
  await reach(client, admin);
  return admin;
}

/** Asked of the brokers each time: what kafkajs remembers of topics may be minutes old. */
async function countPartitions(admin: Admin, topics: TopicNames): Promise<Readonly<Record<Stream, number>>> {
  const found = await admin.fetchTopicMetadata({ topics: [topics.predictions, topics.labels] });
  const count = (topic: string): number =>
    found.topics.find(({ name }) => name === topic)?.partitions.length ?? 0;
  return { predictions: count(topics.predictions), labels: count(topics.labels) };
}

async function readBounds(admin: Admin, topic: string): Promise<ReadonlyMap<number, LogBounds>> {
  const partitions = await admin.fetchTopicOffsets(topic);
  return new Map(
    partitions.map(({ partition, low, high }) => [partition, { low: Number(low), high: Number(high) }]),
  );
}

async function readCommits(
  admin: Admin,
  groupId: string,
  topics: TopicNames,
): Promise<Readonly<Record<Stream, ReadonlyMap<number, number>>>> {
  const found = await admin.fetchOffsets({ groupId, topics: [topics.predictions, topics.labels] });
  const of = (topic: string): ReadonlyMap<number, number> => {
    const partitions = found.find((entry) => entry.topic === topic)?.partitions ?? [];
    // -1 is "none"; kafkajs itself commits -2 ("the beginning") when retention has overtaken a reader.
    const commits = partitions.map(({ partition, offset }) => [partition, Number(offset)] as const);
    return new Map(commits.filter(([, offset]) => offset >= 0));
  };
  return { predictions: of(topics.predictions), labels: of(topics.labels) };
}

function shared<T>(read: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined;
  return () => {
    asked ??= read().finally(() => {
      asked = undefined;
    });
    return asked;
  };
}
