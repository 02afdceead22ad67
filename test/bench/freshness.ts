// `npm run bench:freshness`: how long after event time has passed the end of a window its result is published, on a real
// Kafka and Redis, with every model's window closing at the same moment while events go on coming.
import { parseArgs } from 'node:util';
import { createKafkaProducer } from '../../src/io/kafka/producer.ts';
import { deploy, sumOf, topics } from './deployment.ts';
import type { SeenResult } from './results-reader.ts';
import { eventStream, produce } from './stream.ts';

const { values: flags } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    rate: { type: 'string', default: '20000' },
    models: { type: 'string', default: '100' },
    features: { type: 'string', default: '50' },
    workers: { type: 'string', default: '2' },
    shards: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
  },
});
const shape = { models: Number(flags.models), features: Number(flags.features) };
const [minutes, rate] = [Number(flags.minutes), Number(flags.rate)];
const windowMs = 60_000;
const outOfOrdernessMs = 10_000;

/** Windows that are not measured: the first is cut, and code is not warm before the end of the second. */
const warmUpWindows = 2;

const deployment = await deploy({
  ...shape,
  shards: Number(flags.shards),
  workers: Number(flags.workers),
  topicBytes: 2 ** 30,
  configuration: `
windows: {size: 1m, rollups: [], out_of_orderness: ${outOfOrdernessMs / 1000}s, revision_horizon: 2m}
retention: {windows: 4m, results: 4m, rollups: 1h}
`,
});
try {
  process.exitCode = await measure();
} finally {
  await deployment.stop();
}

async function measure(): Promise<number> {
  const { kafka, redis, workers, results } = deployment;
  const producer = await createKafkaProducer(kafka, 'none');
  const stream = eventStream(shape);
  const startedAt = Date.now();
  const firstEnd = Math.ceil(startedAt / windowMs + warmUpWindows) * windowMs;
  const cpuBefore = await scrapeAll();
  const produced = await produce(
    producer,
    topics.predictions,
    stream,
    rate,
    AbortSignal.timeout(minutes * 60_000),
  );
  const pages = await scrapeAll();
  // The last window closes out_of_orderness after its end.
  await new Promise((wake) => setTimeout(wake, 5_000));
  const lastEnd = startedAt + minutes * 60_000 - outOfOrdernessMs - 1_000;
  const measured = results.seen.filter(
    ({ revisions, end }) => revisions === 0 && end >= firstEnd && end <= lastEnd,
  );
  const delays = measured.map(({ at, end }) => (at - end - outOfOrdernessMs) / 1000).sort((a, b) => a - b);
  const windows = Math.max(0, Math.floor((lastEnd - firstEnd) / windowMs) + 1);
  const expected = windows * shape.models;
  const seconds = (name: string) => sumOf(pages, name) - sumOf(cpuBefore, name);
  const summary = {
    models: shape.models,
    features: shape.features,
    event_bytes: stream.eventBytes,
    workers: workers.length,
    events: produced.events,
    events_per_second: Math.round(produced.events / produced.seconds),
    events_per_second_read: Math.round(readEvents(pages) / produced.seconds),
    windows,
    results: delays.length,
    results_missing: expected - delays.length,
    p50: quantile(delays, 0.5),
    p99: quantile(delays, 0.99),
    max: quantile(delays, 1),
    metric_p50: histogramQuantile(pages, 0.5),
    metric_p99: histogramQuantile(pages, 0.99),
    contradictions: results.contradictions(),
    lag_records: sumOf(pages, 'driftline_consumer_lag_records'),
    worker_cpu_cores: Number((seconds('process_cpu_seconds_total') / produced.seconds).toFixed(2)),
    worker_rss_mb: Math.round(sumOf(pages, 'process_resident_memory_bytes') / 1e6),
    redis_mb: Math.round((await redisBytes()) / 1e6),
  };
  await producer.close();
  console.log(
    `${summary.results} results of ${summary.windows} windows at ${summary.events_per_second} events/s: p50 ${summary.p50} s, p99 ${summary.p99} s, max ${summary.max} s`,
  );
  for (const [end, group] of Map.groupBy(measured, (result) => result.end))
    console.log(windowLine(end, group));
  if (flags.json) console.log(JSON.stringify(summary));
  return summary.results_missing === 0 && summary.results > 0 && summary.contradictions === 0 ? 0 : 1;

  async function redisBytes(): Promise<number> {
    const info = String(await redis.call('INFO', ['memory']));
    return Number(/used_memory:(\d+)/.exec(info)![1]);
  }
}

function scrapeAll() {
  return Promise.all(deployment.workers.map((worker) => worker.scrape()));
}

function readEvents(pages: Awaited<ReturnType<typeof scrapeAll>>): number {
  return sumOf(pages, 'driftline_events_total', 'stream="predictions"', 'outcome="accepted"');
}

function windowLine(end: number, results: readonly SeenResult[]): string {
  const delays = results.map(({ at }) => (at - end - outOfOrdernessMs) / 1000).sort((a, b) => a - b);
  const rows = results.reduce((sum, result) => sum + result.rows, 0);
  return `  ${new Date(end).toISOString()}: ${results.length} results, ${rows} rows, first ${delays[0]} s, last ${delays.at(-1)} s`;
}

/** Nearest rank. */
function quantile(sorted: readonly number[], q: number): number | null {
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? null;
}

/** As Prometheus' histogram_quantile: linear within the bucket. */
function histogramQuantile(pages: Awaited<ReturnType<typeof scrapeAll>>, q: number): number | null {
  const counts = new Map<number, number>();
  for (const page of pages) {
    for (const [sample, value] of page) {
      const bound = /^driftline_event_to_result_seconds_bucket\{.*le="([^"]+)"/.exec(sample)?.[1];
      if (bound === undefined) continue;
      const le = bound === '+Inf' ? Infinity : Number(bound);
      counts.set(le, (counts.get(le) ?? 0) + value);
    }
  }
  const buckets = [...counts].sort(([a], [b]) => a - b);
  const wanted = q * (buckets.at(-1)?.[1] ?? 0);
  const at = buckets.findIndex(([, count]) => count >= wanted);
  if (at < 0 || wanted === 0) return null;
  const [lower, before] = buckets[at - 1] ?? [0, 0];
  const [upper, count] = buckets[at]!;
  if (upper === Infinity) return lower;
  return Number((lower + ((upper - lower) * (wanted - before)) / (count - before)).toFixed(3));
}
