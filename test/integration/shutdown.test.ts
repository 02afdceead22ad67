// The end of a worker whose broker or whose Redis has stopped answering: in time, and with nothing lost or counted twice.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startKafka } from '../../deploy/local/kafka.ts';
import { freePorts } from '../../deploy/local/ports.ts';
import type { LocalServer } from '../../deploy/local/server.ts';
import { createKafkaProducer } from '../../src/io/kafka/producer.ts';
import { createTopics } from '../../src/io/kafka/topics.ts';
import { connectRedis, type RedisConnection } from '../../src/io/redis/client.ts';
import { createRedisStores } from '../../src/io/redis/stores.ts';
import { type Running, start } from './driftline-process.ts';
import { newClient, quiet, until } from './kafka-rig.ts';
import { type RedisServer, startRedisServer } from './redis-server.ts';
import { prediction } from './worker-rig.ts';

/** Kubernetes kills after 30 s; five of them are for whoever asks late. */
const withinMs = 25_000;

const topics = { predictions: 'p', labels: 'l', results: 'r', alerts: 'a', dead_letters: 'd' };
let folder: string;
let broker: LocalServer;
let redis: RedisServer;
let admin: RedisConnection;
let config: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'driftline-shutdown-'));
  const [port, controllerPort] = (await freePorts(2)) as [number, number];
  broker = await startKafka({ port, controllerPort, dataFolder: join(folder, 'kafka') });
  redis = await startRedisServer();
  admin = await connectRedis({ url: redis.url, connectTimeoutMs: 5_000, commandTimeoutMs: 60_000 }, quiet);
  const specs = Object.values(topics).map((topic) => ({ topic, partitions: 1, replication: 1, config: {} }));
  await createTopics(newClient([broker.address]), specs);
  config = join(folder, 'driftline.yaml');
  // So long without a checkpoint that the one at the end is the only one.
  await writeFile(
    config,
    `
group: g
kafka: { brokers: ["${broker.address}"], topics: ${JSON.stringify(topics)}, request_timeout: 2s }
redis: { url: "${redis.url}", command_timeout: 1s }
http: { port: 0 }
windows: { size: 1h, rollups: [], idle_after: 5m }
checkpoint: { interval: 1m }
models: [{ name: fraud, task: binary, features: { amount: numeric } }]
`,
  );
});

afterAll(async () => {
  await admin.close();
  await redis.remove();
  await broker.stop('SIGKILL');
  await rm(folder, { recursive: true });
});

async function produce(count: number): Promise<void> {
  const producer = await createKafkaProducer(newClient([broker.address]), 'none');
  await producer.sendRecords(
    topics.predictions,
    Array.from({ length: count }, (_, i) => prediction(`p${i}`)),
  );
  await producer.close();
}

/** A worker that has read so many events, and saved none of them. */
async function workerWith(events: number): Promise<Running> {
  const worker = start(['run', '-c', config]);
  const [, address] = await worker.until(/"address":"(http:[^"]+)"/);
  await until(async () => {
    const page = await (await fetch(`${address}/metrics`)).text();
    const read = /^driftline_events_total\{stream="predictions",outcome="accepted"\} (\d+)$/m.exec(page)?.[1];
    expect(read, worker.output()).toBe(String(events));
  });
  return worker;
}

/** Asks it to end; how long that takes. */
async function endOf(worker: Running): Promise<number> {
  const askedAt = performance.now();
  await worker.end();
  return performance.now() - askedAt;
}

async function stored(): Promise<number | undefined> {
  const { shards } = createRedisStores(admin, { prefix: 'driftline', group: 'g' });
  return (await shards.progress(1))[0]!.offsets?.predictions;
}

describe('a worker that is asked to end', () => {
  test('while Redis answers nothing ends in time, and the next one counts what it had read', async () => {
    await produce(50);
    const worker = await workerWith(50);
    redis.freeze();
    const tookMs = await endOf(worker).finally(() => redis.wake());
    expect(tookMs, worker.output()).toBeLessThan(withinMs);
    expect(await stored()).toBeUndefined();
    const next = await workerWith(50);
    expect(await next.end(), next.output()).toBe(0);
    expect(await stored()).toBe(50);
  });

  test('while Kafka answers nothing ends in time, with what it has read saved', async () => {
    await produce(20);
    const worker = await workerWith(20);
    process.kill(broker.pid, 'SIGSTOP');
    const tookMs = await endOf(worker).finally(() => process.kill(broker.pid, 'SIGCONT'));
    expect(tookMs, worker.output()).toBeLessThan(withinMs);
    expect(await stored()).toBe(70);
  });
});
