// A running Driftline for the benches: its own Kafka and Redis, topics, models and `run` workers, and what can be read off them.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectKafka, type KafkaClient } from '../../src/io/kafka/client.ts';
import { createTopics } from '../../src/io/kafka/topics.ts';
import { connectRedis, type RedisConnection } from '../../src/io/redis/client.ts';
import { type Running, start } from '../integration/driftline-process.ts';
import { silentLog } from '../pipeline/sample-models.ts';
import { startStack } from '../verify/stack.ts';
import { type ResultsReader, readResults } from './results-reader.ts';
import { modelNames, type StreamShape, writeBaselines } from './stream.ts';

export interface DeploymentOptions extends StreamShape {
  readonly shards: number;
  readonly workers: number;
  /** How much of the predictions Kafka keeps, bytes. */
  readonly topicBytes: number;
  /** Configuration beside brokers, store, topics and models, as YAML. */
  readonly configuration: string;
}

export interface Worker {
  readonly process: Running;
  /** The samples of /metrics: name with labels → value. */
  scrape(): Promise<ReadonlyMap<string, number>>;
}

export interface Deployment {
  readonly kafka: KafkaClient;
  readonly redis: RedisConnection;
  readonly workers: readonly Worker[];
  readonly results: ResultsReader;
  /** Ends the workers in good order, then everything else. */
  stop(): Promise<void>;
}

export const topics = {
  predictions: 'predictions',
  labels: 'labels',
  results: 'driftline.results',
  alerts: 'driftline.alerts',
  deadLetters: 'driftline.dead-letters',
} as const;

/** Starts all of it, and resolves when every worker serves its metrics and has joined the group. */
export async function deploy(options: DeploymentOptions): Promise<Deployment> {
  const folder = await mkdtemp(join(tmpdir(), 'driftline-bench-'));
  const stack = await startStack({
    'log.retention.check.interval.ms': '2000',
    'log.segment.delete.delay.ms': '1000',
  });
  const workers: Worker[] = [];
  let redis: RedisConnection | undefined;
  let results: ResultsReader | undefined;
  const stop = async (): Promise<void> => {
    await results?.stop();
    await Promise.all(workers.map(({ process }) => process.end()));
    await redis?.close();
    await stack.stop();
    await rm(folder, { recursive: true });
  };
  try {
    const { DRIFTLINE_KAFKA: broker, DRIFTLINE_REDIS: store } = stack.environment as Record<string, string>;
    const client = { clientId: 'driftline-bench', connectionTimeoutMs: 5_000, requestTimeoutMs: 30_000 };
    const kafka = connectKafka({ brokers: [broker!], ...client }, silentLog);
    await createTopics(kafka, topicsFor(options));
    redis = await connectRedis(
      { url: `redis://${store}`, connectTimeoutMs: 5_000, commandTimeoutMs: 30_000 },
      silentLog,
    );
    // Before the workers: a coordinator that is still loading would make them end, and nobody starts them again here.
    results = await readResults(kafka, topics.results);
    const config = join(folder, 'driftline.yaml');
    const baselines = await writeBaselines(folder, options);
    await writeFile(config, configurationText(options, broker!, store!, baselines));
    for (let i = 0; i < options.workers; i++) workers.push(await startWorker(config));
    await Promise.all(workers.map(({ process }) => process.until(/"msg":"shard claimed"/, 120_000)));
    return { kafka, redis, workers, results, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function topicsFor({ shards, topicBytes }: DeploymentOptions) {
  const bounded = (bytes: number) => ({
    'retention.bytes': String(Math.ceil(bytes)),
    'segment.bytes': String(Math.max(1 << 20, Math.ceil(bytes / 4))),
  });
  const topic = (name: string, partitions: number, config: Readonly<Record<string, string>>) => ({
    ...{ topic: name, partitions, replication: 1, config },
  });
  return [
    topic(topics.predictions, shards, bounded(topicBytes / shards)),
    topic(topics.labels, shards, bounded(1 << 22)),
    // The broker's own time: when a subscriber can have it.
    topic(topics.results, 1, { ...bounded(256 << 20), 'message.timestamp.type': 'LogAppendTime' }),
    topic(topics.alerts, 1, bounded(1 << 24)),
    topic(topics.deadLetters, 1, bounded(1 << 24)),
  ];
}

function configurationText(
  options: DeploymentOptions,
  broker: string,
  store: string,
  baselines: readonly string[],
): string {
  const models = modelNames(options).map(
    (name, i) => `  - {name: ${name}, task: binary, baseline: ${baselines[i]}}`,
  );
  return `
kafka: {brokers: ["${broker}"]}
redis: {url: "redis://${store}"}
http: {port: 0}
${options.configuration}
models:
${models.join('\n')}
`;
}

async function startWorker(config: string): Promise<Worker> {
  const process = start(['run', '-c', config]);
  const [, address] = await process.until(/"address":"(http:[^"]+)"/, 120_000);
  return {
    process,
    scrape: async () => samplesOf(await (await fetch(`${address}/metrics`)).text()),
  };
}

/** The samples of a page in the Prometheus text format. */
export function samplesOf(page: string): ReadonlyMap<string, number> {
  const lines = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

/** The sum over several pages of all samples of one name that have these words among their labels. */
export function sumOf(
  pages: readonly ReadonlyMap<string, number>[],
  name: string,
  ...labels: readonly string[]
): number {
  let sum = 0;
  for (const page of pages) {
    for (const [sample, value] of page) {
      if (sample !== name && !sample.startsWith(`${name}{`)) continue;
      if (labels.every((label) => sample.includes(label))) sum += value;
    }
  }
  return sum;
}
