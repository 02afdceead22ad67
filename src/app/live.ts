// The live process: Kafka, Redis and HTTP put together with the pipeline.
import { randomUUID } from 'node:crypto';
import { decodeIncidents } from '../codec/incident-history.ts';
import type { Settings } from '../config/settings.ts';
import { systemClock } from '../io/clock.ts';
import { type HttpOptions, type HttpServer, startHttp } from '../io/http.ts';
import type { KafkaClient } from '../io/kafka/client.ts';
import { createKafkaOutbound } from '../io/kafka/outbound.ts';
import { createKafkaSource } from '../io/kafka/source.ts';
import { checkTopics } from '../io/kafka/topics.ts';
import { type ProcessMetrics, processMetrics } from '../io/prometheus.ts';
import type { RedisConnection } from '../io/redis/client.ts';
import { patient } from '../io/redis/patience.ts';
import { createRedisStores } from '../io/redis/stores.ts';
import { watchSuitability } from '../io/redis/suitability.ts';
import { resultsSnapshot } from '../io/results-snapshot.ts';
import { refuseNeedlessRebuild } from '../pipeline/rebuild.ts';
import { run } from '../pipeline/run.ts';
import type { Log, ResultStore } from '../ports.ts';
import { kafkaClient, keySpace, redisConnection } from './clients.ts';
import type { Credentials } from './credentials.ts';
import { loadModels } from './models.ts';
import { pipelineSettings } from './pipeline-settings.ts';

export interface LiveOptions {
  readonly settings: Settings;
  readonly credentials: Credentials;
  readonly log: Log;
  readonly version: string;
  /** See IngestSettings. */
  readonly rebuildFrom?: number | undefined;
  /** Aborts when the process shall end: it then saves what it holds, leaves the group and resolves. */
  readonly signal: AbortSignal;
}

/** No fetch for so long, rebalances included, means that the client is stuck; a rebalance waits for sessions to end. */
const watchdogMs = 60_000;

/** New partitions are noticed within it, at the price of one small request. */
const metadataMaxAgeMs = 30_000;

/** Nothing moved for so long, and the process says that it is not alive. */
const stalledAfterMs = 60_000;

/** A Redis that begins to evict is noticed within this time. */
const watchRedisEveryMs = 15_000;

const exposeForWindows = 3;

/** Runs one worker until the signal aborts. Rejects with the Fault of whatever is missing, unreachable or broken. */
export async function runLive(options: LiveOptions): Promise<void> {
  const { settings, credentials, log } = options;
  const { topics } = settings.kafka;
  const models = await loadModels(settings, credentials.categoryKey?.reveal());
  const client = kafkaClient(settings.kafka, credentials.kafka, log);
  const outboundTopics = [topics.results, topics.alerts, topics.deadLetters];
  const shards = await checkTopics(client, { ...topics, outbound: outboundTopics });
  const redis = await redisConnection(settings.redis, credentials.redis, log);
  try {
    await whileSuitable(redis, options.signal, (signal) =>
      runConnected({ ...options, signal }, models, client, shards, redis),
    );
  } finally {
    await redis.close();
  }
}

/** Ends the work when Redis is no longer fit to hold the state, and rejects with what it is then. */
async function whileSuitable(
  redis: RedisConnection,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const ending = new AbortController();
  const until = AbortSignal.any([signal, ending.signal]);
  const watch = watchSuitability(redis, watchRedisEveryMs, systemClock, until).finally(() => ending.abort());
  const done = work(until).finally(() => ending.abort());
  await Promise.allSettled([watch, done]);
  await watch;
  await done;
}

async function runConnected(
  options: LiveOptions,
  models: Awaited<ReturnType<typeof loadModels>>,
  client: KafkaClient,
  shards: number,
  redis: RedisConnection,
): Promise<void> {
  const { settings, log, version, rebuildFrom, signal } = options;
  const { topics, compression, sessionTimeoutMs } = settings.kafka;
  const metrics = processMetrics(version);
  const waiting = patient(redis, { clock: systemClock, meter: metrics.meter, log, signal });
  const space = keySpace(settings);
  const stores = createRedisStores(waiting, space);
  if (rebuildFrom !== undefined) refuseNeedlessRebuild(await stores.shards.progress(shards));
  const outbound = await createKafkaOutbound({
    client,
    compression,
    topics: { results: topics.results, alerts: topics.alerts, dead_letters: topics.deadLetters },
    onShortened: ({ topic, id }) => {
      metrics.meter.count('driftline_shortened_messages_total', { topic }, 1);
      log.warn({ topic, id }, 'a message was too large for its topic: less of it is sent');
    },
  });
  const progress = { movedAt: systemClock.elapsed(), joined: false, reads: true };
  const waits = (): boolean => waiting.waitsSince() !== undefined;
  const source = createKafkaSource({
    client,
    groupId: settings.group,
    topics,
    shards,
    log,
    sessionTimeoutMs,
    watchdogMs: Math.max(watchdogMs, 3 * sessionTimeoutMs),
    metadataMaxAgeMs,
    // A batch that waits for Redis goes on when Redis does; a restart would only wait again.
    isWaiting: waits,
    onEvent: (event) => {
      progress.movedAt = systemClock.elapsed();
      if (event.kind === 'joined') progress.joined = true;
      if (event.kind === 'rebalancing') progress.joined = false;
    },
  });
  // Whoever asks over HTTP is told at once that Redis does not answer.
  const { results } = createRedisStores(redis, space);
  const health: Health = {
    isLive: () => waits() || (progress.reads && systemClock.elapsed() - progress.movedAt < stalledAfterMs),
    hasJoined: () => progress.joined,
  };
  const http = await serve(options, [...models.keys()], results, redis, metrics, health);
  try {
    await run(
      models,
      pipelineSettings(settings, rebuildFrom),
      {
        ...stores,
        source,
        outbound,
        clock: systemClock,
        meter: metrics.meter,
        log,
        token: randomUUID,
        shardCount: shards,
        storeWaits: waiting.waitsSince,
        stalled: (reasons) => {
          progress.reads = !reasons.has('reading');
        },
      },
      signal,
    );
  } finally {
    await http?.close();
    await outbound.close();
  }
}

/** What the process knows of itself without asking anybody. */
interface Health {
  isLive(): boolean;
  hasJoined(): boolean;
}

function accessOf({ token, tls }: Credentials['http']): Pick<HttpOptions, 'token' | 'tls'> {
  return {
    ...(token === undefined ? {} : { token: token.reveal() }),
    ...(tls === undefined ? {} : { tls }),
  };
}

async function serve(
  { settings: { http, limits }, credentials, log }: LiveOptions,
  models: readonly string[],
  results: ResultStore,
  redis: RedisConnection,
  metrics: ProcessMetrics,
  health: Health,
): Promise<HttpServer | undefined> {
  if (!http.enabled) return undefined;
  const snapshot = resultsSnapshot({
    ...{ store: results, models, clock: systemClock, log, live: true },
    ...{ exposeForWindows, maxSeries: limits.resultSeries },
  });
  // Loaded before the first scrape, so that a restart leaves no gap.
  await snapshot.page();
  const server = await startHttp({
    host: http.host,
    port: http.port,
    ...accessOf(credentials.http),
    metrics: metrics.page,
    results: snapshot.page,
    models,
    latest: (model) => results.latest(model),
    incidents: async (model) => {
      const { incidents } = await results.state(model);
      return incidents === undefined ? [] : [decodeIncidents(incidents)];
    },
    live: health.isLive,
    ready: [
      { name: 'group', check: health.hasJoined },
      { name: 'redis', check: async () => redis.ping().then(() => true) },
      { name: 'results', check: () => snapshot.loaded() },
    ],
    log,
  });
  log.info({ address: server.address }, 'serving metrics');
  return server;
}
