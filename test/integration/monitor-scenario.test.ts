// The classic monitor, from a training table to a job that is started once: a churn classifier whose features drift.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { kafkaAddress, redisAddress } from '../../deploy/local/ports.ts';
import type { AlertEvent } from '../../src/codec/alert-schema.ts';
import { decodeIncidents } from '../../src/codec/incident-history.ts';
import { decodeResult, type ResultDocument } from '../../src/codec/result.ts';
import { connectRedis, type RedisConnection } from '../../src/io/redis/client.ts';
import { createRedisStores } from '../../src/io/redis/stores.ts';
import { uniform } from '../drift/random.ts';
import { startWebhookServer, type WebhookServer } from '../io/webhook-server.ts';
import { finish, type Running, start } from './driftline-process.ts';
import { newTopic, quiet, unique, withProducer } from './kafka-rig.ts';

const model = 'churn_classifier';
const minuteMs = 60_000;
const began = Date.UTC(2026, 2, 2, 12);
const [windows, driftsFrom, rowsPerWindow] = [10, 4, 400];
const drifting = ['monthly_charges', 'tenure', 'support_calls', 'contract', 'payment_method'];

const random = uniform(11);
const group = unique('monitor');
const secret = `whsec_${randomBytes(32).toString('base64')}`;
const processes: Running[] = [];
let folder: string;
let config: string;
let topics: Record<'predictions' | 'labels' | 'results' | 'alerts' | 'dead_letters', string>;
let server: WebhookServer;
let redis: RedisConnection;

/** A customer, before and after the drift: five features move, three do not. */
function customer(hasDrifted: boolean) {
  const [a, b, c] = [random(), random(), random()];
  return {
    monthly_charges: 20 + 80 * (hasDrifted ? a ** 0.4 : a),
    tenure: Math.floor(72 * (hasDrifted ? b ** 3 : b)),
    // More calls, but not so many times as many that it looks like another unit.
    support_calls: Math.floor(-Math.log(1 - c) * 1.5) + (hasDrifted ? 2 : 0),
    contract: random() < (hasDrifted ? 0.85 : 0.5) ? 'monthly' : random() < 0.5 ? 'yearly' : 'two years',
    payment_method: random() < (hasDrifted ? 0.1 : 0.45) ? 'card' : 'transfer',
    age: 18 + Math.floor(60 * random()),
    data_gb: 40 * random(),
    has_phone: random() < 0.9,
  };
}

function prediction(id: string, timestamp: number, hasDrifted: boolean) {
  const features = customer(hasDrifted);
  const score = Math.min(
    0.99,
    Math.max(0.01, 0.1 + 0.6 * random() * (features.contract === 'monthly' ? 1 : 0.4)),
  );
  const churned = random() < score ? 1 : 0;
  const event = {
    prediction_id: id,
    model,
    model_version: '1',
    timestamp,
    features,
    prediction: score > 0.5 ? 1 : 0,
    score,
  };
  return { event, churned };
}

const topicOf = (event: { prediction_id: string }) => ({
  key: event.prediction_id,
  value: JSON.stringify(event),
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'driftline-monitor-'));
  config = join(folder, 'driftline.yaml');
  const named = async (name: string, partitions: number) => newTopic(name, partitions);
  topics = {
    ...{ predictions: await named('predictions', 2), labels: await named('labels', 2) },
    ...{ results: await named('results', 1), alerts: await named('alerts', 1) },
    dead_letters: await named('dead', 1),
  };
  server = await startWebhookServer((response) => response.writeHead(202).end());
  await writeFile(join(folder, 'secret'), `${secret}\n`);
  await writeFile(
    config,
    `
group: ${group}
kafka: { brokers: ["${kafkaAddress}"], topics: ${JSON.stringify(topics)} }
redis: { url: "redis://${redisAddress}", prefix: ${group} }
http: { port: 0 }
windows: { size: 1m, rollups: [], idle_after: 2s }
checkpoint: { interval: 200ms }
evaluation: { interval: 200ms }
forward: { url: "${server.url.href}", allow_private: true, secret_file: secret }
models: [{ name: ${model}, task: binary, baseline: baseline.json }]
`,
  );
  redis = await connectRedis(
    { url: `redis://${redisAddress}`, connectTimeoutMs: 5_000, commandTimeoutMs: 30_000 },
    quiet,
  );
});

afterAll(async () => {
  for (const process of processes) await process.end();
  await server.close();
  await redis.close();
  await rm(folder, { recursive: true });
});

/** Three processes start and a group forms: on a busy machine that takes its time. */
function until<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 100_000, interval: 50 });
}

function run(...args: readonly string[]): Running {
  const process = start(args);
  processes.push(process);
  return process;
}

/** The jobs that the webhook was asked to start; every signature must hold. */
function jobs(): readonly AlertEvent[] {
  return server.received.map(
    ({ headers, body }) => new Webhook(secret).verify(body, headers as Record<string, string>) as AlertEvent,
  );
}

test('five features drift, more than three within a day recommend a retrain once, and its job starts once', async () => {
  run('alerts', 'forward', '-c', config);
  const table = Array.from({ length: 5_000 }, (_, i) => {
    const { event, churned } = prediction(`t${i}`, began - 86_400_000 + i * 1_000, false);
    return JSON.stringify({ ...event, label: churned });
  });
  await writeFile(join(folder, 'training.ndjson'), table.join('\n'));
  const built = await finish([
    'baseline',
    'build',
    join(folder, 'training.ndjson'),
    '--out',
    join(folder, 'baseline.json'),
  ]);
  expect(built.code, built.stderr).toBe(0);

  const rows = Array.from({ length: windows * rowsPerWindow }, (_, i) => {
    const window = Math.floor(i / rowsPerWindow);
    return prediction(`p${i}`, began + Math.floor((i * minuteMs) / rowsPerWindow), window >= driftsFrom);
  });
  const labels = rows.slice(0, 2 * rowsPerWindow).map(({ event, churned }) =>
    topicOf({
      prediction_id: event.prediction_id,
      ...{ model, label: churned, timestamp: event.timestamp + 5 * minuteMs },
    }),
  );
  await withProducer(async (producer) => {
    await producer.sendRecords(
      topics.predictions,
      rows.map(({ event }) => topicOf(event)),
    );
    await producer.sendRecords(topics.labels, labels);
  });
  run('run', '-c', config);

  const { results } = createRedisStores(redis, { prefix: group, group });
  const resultOf = async (window: number): Promise<ResultDocument | undefined> => {
    const found = await results.result(model, { size: minuteMs, start: began + window * minuteMs });
    return found && decodeResult(found.document);
  };
  await until(async () => expect(await resultOf(windows - 1)).toMatchObject({ rows: rowsPerWindow }));
  for (let window = 0; window < windows; window++) {
    const { columns } = (await resultOf(window))!;
    const over = columns.filter(
      ({ feature_name: name, drift_score: score, drift_threshold: threshold }) =>
        !name.startsWith('@') && score !== null && threshold !== null && score > threshold,
    );
    const expected = window < driftsFrom ? [] : drifting.toSorted();
    expect(over.map(({ feature_name }) => feature_name).toSorted(), `window ${window}`).toEqual(expected);
  }

  await until(() => expect(jobs()).toHaveLength(1));
  const [recommended] = jobs();
  expect(recommended!.data).toMatchObject({ model, retrain: { triggers: ['drifted_features'], gates: [] } });
  expect(recommended!.data.columns.map(({ feature_name }) => feature_name).toSorted()).toEqual(
    drifting.toSorted(),
  );
  const { incidents } = await results.state(model);
  const told = decodeIncidents(incidents!).standing.filter(({ rule }) => rule === 'retrain');
  expect(told.map(({ type }) => type)).toEqual(['retrain.recommended']);

  // The alerts topic read again from its beginning: what follows all of it says when it has been read.
  run('alerts', 'forward', '-c', config, '--group', unique('again'));
  const jobKey = 'e'.repeat(64);
  const { data } = recommended!;
  const another = {
    ...recommended!,
    id: jobKey,
    data: { ...data, retrain: { ...data.retrain, job_key: jobKey } },
  };
  await withProducer((producer) =>
    producer.sendRecords(topics.alerts, [{ key: model, value: JSON.stringify(another) }]),
  );
  await until(() => expect(jobs().length).toBeGreaterThanOrEqual(2));
  expect(jobs().map(({ data }) => data.retrain!.job_key)).toEqual([data.retrain!.job_key, jobKey]);
}, 400_000);
