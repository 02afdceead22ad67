// One worker of the pipeline on a real broker and a real Redis: what it has counted, said and sent.
import { afterEach, expect } from 'vitest';
import { redisAddress } from '../../deploy/local/ports.ts';
import { pipelineSettings } from '../../src/app/pipeline-settings.ts';
import { decodeProfile } from '../../src/codec/profile.ts';
import { systemClock } from '../../src/io/clock.ts';
import type { TopicNames } from '../../src/io/kafka/offsets.ts';
import { createKafkaOutbound } from '../../src/io/kafka/outbound.ts';
import { createKafkaSource, type KafkaSourceOptions } from '../../src/io/kafka/source.ts';
import { connectRedis } from '../../src/io/redis/client.ts';
import { createRedisStores } from '../../src/io/redis/stores.ts';
import { createTally, type Tally } from '../../src/io/tally.ts';
import { run } from '../../src/pipeline/run.ts';
import type { Log, OutboundTopic } from '../../src/ports.ts';
import { modelsOf, settingsOf } from '../pipeline/sample-models.ts';
import { newClient, newPair, newTopic, unique } from './kafka-rig.ts';

/** A group with its topics, and its state in Redis: what workers share. */
export interface Site {
  readonly group: string;
  readonly shards: number;
  readonly topics: TopicNames & Readonly<Record<OutboundTopic, string>>;
}

export interface Said {
  readonly level: keyof Log;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface LiveWorker {
  readonly tally: Tally;
  readonly said: readonly Said[];
  /** How it ended: undefined when it was stopped. */
  readonly done: Promise<unknown>;
  /** Rows of the window at `noon` over all shards, as the store holds them. */
  rows(): Promise<number>;
  /** Whether the store says of every shard that it is idle: everything read, and nothing more came. */
  isIdle(): Promise<boolean>;
  /** Saves what it holds, leaves the group and resolves. */
  stop(): Promise<void>;
}

export const noon = Date.UTC(2026, 2, 2, 12);

const configuration = `
windows: { size: 1h, rollups: [], idle_after: 1s, revise_every: 0s }
checkpoint: { interval: 100ms }
evaluation: { interval: 200ms }
models:
  - { name: fraud, task: binary, features: { amount: numeric } }
`;

/** A prediction of the window at `noon`, with its key; `padding` makes it longer by so many bytes. */
export function prediction(id: string, padding = 0): { key: string; value: string } {
  const event = {
    prediction_id: id,
    model: 'fraud',
    timestamp: noon,
    features: { amount: 1 },
    prediction: 1,
  };
  return { key: id, value: JSON.stringify({ ...event, note: ' '.repeat(padding) }) };
}

/** Topics of their own for a new group; the settings are for those that are read, and for those that are written. */
export async function newSite(shards: number, read = {}, written = {}): Promise<Site> {
  const topics = {
    ...(await newPair(shards, read)),
    results: await newTopic('results', 1, written),
    alerts: await newTopic('alerts', 1, written),
    dead_letters: await newTopic('dead', 1, written),
  };
  return { group: unique('group'), shards, topics };
}

/** Starts a worker of the site; `changes` is configuration over the usual one. */
export async function startWorker(
  site: Site,
  changes = '{}',
  source: Partial<KafkaSourceOptions> = {},
): Promise<LiveWorker> {
  const { topics, group, shards } = site;
  const settings = settingsOf(configuration, JSON.stringify({ group, kafka: { topics } }), changes);
  const models = modelsOf(settings, new Map());
  const said: Said[] = [];
  const log = logTo(said);
  const redisSettings = { url: `redis://${redisAddress}`, connectTimeoutMs: 5_000, commandTimeoutMs: 30_000 };
  const redis = await connectRedis(redisSettings, log);
  const stores = createRedisStores(redis, { prefix: group, group });
  const outbound = await createKafkaOutbound({ client: newClient(), topics, compression: 'none' });
  const tally = createTally();
  const ending = new AbortController();
  const ports = {
    ...{ ...stores, outbound, clock: systemClock, meter: tally.meter, log, token: () => unique('token') },
    source: createKafkaSource({
      ...{
        client: newClient(),
        groupId: group,
        topics,
        shards,
        log,
        watchdogMs: 60_000,
        sessionTimeoutMs: 10_000,
        metadataMaxAgeMs: 1_000,
        ...source,
      },
    }),
    shardCount: shards,
  };
  const done = run(models, pipelineSettings(settings), ports, ending.signal).then(
    () => undefined,
    (error: unknown) => error,
  );
  return {
    ...{ tally, said, done },
    async rows() {
      const window = { model: 'fraud', start: noon };
      const all = await Promise.all(
        Array.from({ length: shards }, (_, shard) => stores.shards.read(shard, window)),
      );
      const { schema } = models.get('fraud')!;
      return all
        .flatMap(({ parts }) => parts)
        .reduce((sum, { bytes }) => sum + decodeProfile(bytes, schema).rows, 0);
    },
    isIdle: async () => (await stores.shards.progress(shards)).every(({ idle }) => idle),
    async stop() {
      ending.abort();
      await done;
      await outbound.close();
      await redis.close();
    },
  };
}

/** `startWorker` for the tests of one file: after each its workers are stopped, and must have ended for no other reason. */
export function stoppedAfterEach(): typeof startWorker {
  const workers: LiveWorker[] = [];
  afterEach(async () => {
    const ended = workers.splice(0);
    await Promise.all(ended.map((worker) => worker.stop()));
    for (const { done } of ended) expect(await done).toBeUndefined();
  });
  return async (...options) => {
    const started = await startWorker(...options);
    workers.push(started);
    return started;
  };
}

function logTo(said: Said[]): Log {
  const at =
    (level: keyof Log): Log['info'] =>
    (fields, message) =>
      void said.push({ level, message, fields });
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
