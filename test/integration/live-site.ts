// Workers on a real broker and a real Redis, events to feed them with in slices, and what an undisturbed replay makes of the same.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { kafkaAddress } from '../../deploy/local/ports.ts';
import { pipelineSettings } from '../../src/app/pipeline-settings.ts';
import { resultContent } from '../../src/codec/result.ts';
import { createMemoryStores } from '../../src/io/memory.ts';
import type { RedisConnection } from '../../src/io/redis/client.ts';
import { createRedisStores } from '../../src/io/redis/stores.ts';
import { replay } from '../../src/pipeline/replay.ts';
import type { OutboundMessage, ResultStore } from '../../src/ports.ts';
import { uniform } from '../drift/random.ts';
import { createHandClock } from '../pipeline/hand-clock.ts';
import { modelsOf, settingsOf, silentLog, silentMeter } from '../pipeline/sample-models.ts';
import { type Running, start } from './driftline-process.ts';
import { newTopic, unique, withProducer } from './kafka-rig.ts';

export interface LiveSite {
  /** Starts a worker with these further options. */
  start(...options: readonly string[]): Running;
  /** Sends the next slice of the events. */
  feed(): Promise<void>;
  /** Up to which prediction each shard is stored, by what this server says; undefined for one that was never written. */
  stored(redis: RedisConnection): Promise<readonly (number | undefined)[]>;
  /** What is not as the replay has it; empty as soon as all is. */
  differences(redis: RedisConnection): Promise<readonly string[]>;
  /** Ends the workers. */
  close(): Promise<void>;
}

const shards = 3;
const models = ['fraud', 'churn'] as const;
const minuteMs = 60_000;
const sizes = [minuteMs, 5 * minuteMs];
const startTime = Date.UTC(2026, 2, 2, 12);
const eventsPerSlice = 3_000;
/** Event time that a slice takes: late events of one reach into those before. */
const sliceMs = 4 * minuteMs;

/** Topics and a configuration with these settings of Redis (YAML in braces), and the events of so many slices. */
export async function openLiveSite(redis: string, slices: number): Promise<LiveSite> {
  const folder = await mkdtemp(join(tmpdir(), 'driftline-site-'));
  const topics = {
    ...{ predictions: await newTopic('predictions', shards), labels: await newTopic('labels', shards) },
    ...{ results: await newTopic('results', 1), alerts: await newTopic('alerts', 1) },
    dead_letters: await newTopic('dead-letters', 1),
  };
  const group = unique('site');
  const config = join(folder, 'driftline.yaml');
  const text = `
group: ${group}
kafka: { brokers: ["${kafkaAddress}"], topics: ${JSON.stringify(topics)} }
redis: ${redis}
http: { port: 0 }
windows: { size: 1m, rollups: [5m], idle_after: 3s, revise_every: 0s, revision_horizon: 12h }
checkpoint: { interval: 200ms }
evaluation: { interval: 200ms, lease: 2s }
models: [${models.map((name) => `{ name: ${name}, task: binary, features: { amount: numeric, country: categorical } }`)}]
`;
  await writeFile(config, text);
  const events = eventsOf(slices * eventsPerSlice);
  const expected = await replayed(text, events);
  const workers: Running[] = [];
  return {
    start(...options) {
      const worker = start(['run', '-c', config, ...options]);
      workers.push(worker);
      return worker;
    },
    feed: () =>
      withProducer((producer) => producer.sendRecords(topics.predictions, events.splice(0, eventsPerSlice))),
    async stored(connection) {
      const { shards: store } = createRedisStores(connection, { prefix: 'driftline', group });
      return (await store.progress(shards)).map(({ offsets }) => offsets?.predictions);
    },
    async differences(connection) {
      const { results } = createRedisStores(connection, { prefix: 'driftline', group });
      const found = await contentOf(results);
      return [...new Set([...expected.keys(), ...found.keys()])].filter(
        (key) => expected.get(key) !== found.get(key),
      );
    },
    async close() {
      for (const worker of workers) await worker.end();
      await rm(folder, { recursive: true });
    },
  };
}

/** Waits until the results are those of the replay; fails with what differs and what the workers said. */
export async function expectReplayed(
  site: LiveSite,
  redis: RedisConnection,
  workers: readonly Running[],
): Promise<void> {
  let differences: readonly string[] = [];
  for (const end = performance.now() + 60_000; performance.now() < end; await sleep(300)) {
    differences = await site.differences(redis);
    if (differences.length === 0) return;
  }
  expect(differences, workers.map((worker) => worker.output()).join('\n')).toEqual([]);
}

interface Sent {
  readonly key: string;
  readonly value: string;
}

function eventsOf(count: number): Sent[] {
  const random = uniform(1);
  return Array.from({ length: count }, (_, i) => {
    const late = random() < 0.05 ? Math.floor(random() * 10 * minuteMs) : Math.floor(random() * 5_000);
    const event = {
      prediction_id: `p${i}`,
      model: models[Math.floor(random() * models.length)],
      model_version: String(Math.floor(random() * 2)),
      timestamp: startTime + Math.floor((i * sliceMs) / eventsPerSlice) - late,
      features: { amount: random() < 0.05 ? null : random() * 100, country: random() < 0.7 ? 'de' : 'fr' },
      prediction: random() < 0.3 ? 1 : 0,
      score: random(),
    };
    return { key: event.prediction_id, value: JSON.stringify(event) };
  });
}

async function replayed(config: string, events: readonly Sent[]): Promise<ReadonlyMap<string, string>> {
  const settings = settingsOf(config);
  const clock = createHandClock(Date.UTC(2030, 0, 1));
  const stores = createMemoryStores(clock);
  const sent: OutboundMessage[] = [];
  let tokens = 0;
  async function* chunks() {
    yield { stream: 'predictions' as const, payloads: events.map(({ value }) => Buffer.from(value)) };
  }
  await replay(chunks(), modelsOf(settings, new Map()), pipelineSettings(settings), {
    ...{ ...stores, clock, log: silentLog, meter: silentMeter, shardCount: shards },
    outbound: { send: async (messages) => void sent.push(...messages) },
    token: () => String(tokens++),
  });
  return contentOf(stores.results);
}

/** Every result with the bytes of its merged profiles. */
async function contentOf(results: ResultStore): Promise<ReadonlyMap<string, string>> {
  const windows = new Map<string, string>();
  for (const model of models) {
    for (const size of sizes) {
      for (const { key, profiles } of await results.profiles(model, size, -Infinity, Infinity)) {
        const bytes = profiles.map((profile) => Buffer.from(profile.bytes).toString('base64'));
        const result = await results.result(model, key);
        windows.set(
          `${model} ${size} ${new Date(key.start).toISOString()}`,
          [resultContent(result?.document ?? '{}'), ...bytes].join('\n'),
        );
      }
    }
  }
  return windows;
}
