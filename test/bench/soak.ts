// `npm run soak`: whether memory and Redis stay as they are while events go on coming, also faster than they can be read.
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createKafkaProducer } from '../../src/io/kafka/producer.ts';
import { deploy, sumOf, topics } from './deployment.ts';
import { median } from './rounds.ts';
import { eventStream, produce } from './stream.ts';

const { values: flags } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    rate: { type: 'string', default: '20000' },
    models: { type: 'string', default: '20' },
    features: { type: 'string', default: '20' },
    workers: { type: 'string', default: '2' },
    shards: { type: 'string', default: '4' },
    json: { type: 'boolean', default: false },
  },
});
const shape = { models: Number(flags.models), features: Number(flags.features) };
const [minutes, rate] = [Number(flags.minutes), Number(flags.rate)];
const sampleEveryMs = 5_000;

/** Twice as long as the longest retention below: by then everything that is kept has been replaced once. */
const warmUpMs = Math.min(4 * 60_000, (minutes * 60_000) / 2);

/** How much the second half after the warm-up may lie above the first, as a share of it. */
const growthMax = 0.1;

interface Sample {
  readonly atMs: number;
  readonly workerBytes: number;
  readonly redisBytes: number;
  readonly lag: number;
  readonly read: number;
}

const deployment = await deploy({
  ...shape,
  shards: Number(flags.shards),
  workers: Number(flags.workers),
  topicBytes: 2 ** 28,
  configuration: `
windows: {size: 10s, rollups: [1m], out_of_orderness: 2s, revision_horizon: 30s}
retention: {windows: 1m, results: 1m, rollups: 2m}
`,
});
try {
  process.exitCode = await soak();
} finally {
  await deployment.stop();
}

async function soak(): Promise<number> {
  const producer = await createKafkaProducer(deployment.kafka, 'none');
  const samples: Sample[] = [];
  const startedAt = performance.now();
  const over = AbortSignal.timeout(minutes * 60_000);
  const sampling = (async () => {
    while (!over.aborted) {
      samples.push(await sample(performance.now() - startedAt));
      tell(samples.at(-1)!);
      await sleep(sampleEveryMs, undefined, { signal: over }).catch(() => undefined);
    }
  })();
  const produced = await produce(producer, topics.predictions, eventStream(shape), rate, over);
  await sampling;
  await producer.close();
  const steady = samples.filter(({ atMs }) => atMs >= warmUpMs);
  const [first, second] = [steady.slice(0, steady.length >> 1), steady.slice(steady.length >> 1)];
  const growth = (of: (one: Sample) => number): number =>
    Number((median(second.map(of)) / median(first.map(of)) - 1).toFixed(3));
  const last = samples.at(-1)!;
  const summary = {
    ...{ minutes, ...shape, workers: deployment.workers.length, events: produced.events },
    events_per_second: Math.round(produced.events / produced.seconds),
    events_per_second_read: Math.round(last.read / (last.atMs / 1000)),
    lag_records: last.lag,
    worker_mb: megabytes(median(second.map(({ workerBytes }) => workerBytes))),
    worker_growth: growth(({ workerBytes }) => workerBytes),
    redis_mb: megabytes(median(second.map(({ redisBytes }) => redisBytes))),
    redis_growth: growth(({ redisBytes }) => redisBytes),
  };
  console.log(
    `after ${warmUpMs / 60_000} minutes of warm-up: workers ${summary.worker_mb} MB (${summary.worker_growth} more in the second half), Redis ${summary.redis_mb} MB (${summary.redis_growth} more)`,
  );
  if (flags.json) console.log(JSON.stringify(summary));
  return Math.max(summary.worker_growth, summary.redis_growth) <= growthMax ? 0 : 1;
}

async function sample(atMs: number): Promise<Sample> {
  const pages = await Promise.all(deployment.workers.map((worker) => worker.scrape()));
  const memory = String(await deployment.redis.call('INFO', ['memory']));
  return {
    atMs,
    workerBytes: sumOf(pages, 'process_resident_memory_bytes'),
    redisBytes: Number(/used_memory:(\d+)/.exec(memory)![1]),
    lag: sumOf(pages, 'driftline_consumer_lag_records'),
    read: sumOf(pages, 'driftline_events_total'),
  };
}

function tell({ atMs, workerBytes, redisBytes, lag, read }: Sample): void {
  const seconds = (atMs / 1000).toFixed(0).padStart(6);
  console.error(
    `${seconds} s  workers ${megabytes(workerBytes)} MB  Redis ${megabytes(redisBytes)} MB  read ${read}  behind ${lag}`,
  );
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}
