// What stands between a configuration and a healthy deployment: checks that change nothing, each with its fix.
import type { Settings } from '../config/settings.ts';
import { Fault, type FaultCode } from '../fault.ts';
import { checkTopics, describeTopics, type TopicSpec } from '../io/kafka/topics.ts';
import type { RedisConnection } from '../io/redis/client.ts';
import { createRedisStores } from '../io/redis/stores.ts';
import { clockSkewMs, persistence } from '../io/redis/suitability.ts';
import type { Models } from '../pipeline/model.ts';
import type { Clock, ShardProgress } from '../ports.ts';
import { kafkaClient, keySpace, redisConnection } from './clients.ts';
import { readCredentials } from './credentials.ts';
import { loadModels } from './models.ts';
import { quiet } from './quiet-log.ts';

export interface Finding {
  readonly check: string;
  /** `failed`: it does not work; `warning`: it works, at a risk; `unknown`: what it rests on has failed. */
  readonly state: 'ok' | 'warning' | 'failed' | 'unknown';
  readonly detail: string;
  /** What to do about it; undefined where there is nothing to do. */
  readonly fix?: string;
  readonly code?: FaultCode;
}

/** What a deployment of these settings needs of topics, as `topics create` would make them. */
export type WantedTopics = (existing: ReadonlyMap<string, TopicSpec>) => readonly TopicSpec[];

const ok = (check: string, detail: string): Finding => ({ check, state: 'ok', detail });
const warning = (check: string, detail: string, fix: string): Finding => ({
  ...{ check, state: 'warning', detail, fix },
});

/** A Fault as a finding. Throws what is none. */
function failed(check: string, error: unknown, fix: string): Finding {
  if (!(error instanceof Fault) || error.domain === 'bug') throw error;
  return { check, state: 'failed', detail: error.message, fix, code: error.code };
}

/** Every check in the order in which things are needed. Rejects only for bugs. */
export async function examine(
  settings: Settings,
  wanted: WantedTopics,
  clock: Clock,
): Promise<readonly Finding[]> {
  return [
    ...(await examineModels(settings)),
    ...(await examineKafka(settings, wanted)),
    ...(await examineRedis(settings, clock)),
  ];
}

async function examineModels(settings: Settings): Promise<readonly Finding[]> {
  if (settings.models.length === 0)
    return [warning('models', 'none is configured: every event is refused', 'list them under `models`')];
  try {
    const { categoryKey } = await readCredentials(settings);
    return [...(await loadModels(settings, categoryKey?.reveal()))].map(([name, model]) =>
      examineModel(name, model),
    );
  } catch (error) {
    return [failed('models', error, 'see the message; `driftline config check` names files and lines')];
  }
}

function examineModel(name: string, { baseline }: NonNullable<ReturnType<Models['get']>>): Finding {
  const check = `model ${name}`;
  if (baseline === undefined) {
    return warning(
      check,
      'has no baseline: windows are summarised and never drifted',
      '`driftline baseline build`, then models[].baseline',
    );
  }
  const { schema, profile, chunks } = baseline.baseline;
  const size = `${profile.rows} rows, ${schema.columns.length} columns`;
  if (chunks === undefined) {
    return warning(
      check,
      `baseline of ${size} without chunks: rows are taken as independent`,
      'build it from more rows in order of time (--timestamp)',
    );
  }
  return ok(check, `baseline of ${size}`);
}

async function examineKafka(settings: Settings, wanted: WantedTopics): Promise<readonly Finding[]> {
  const { topics, brokers } = settings.kafka;
  try {
    const { kafka } = await readCredentials(settings);
    const client = kafkaClient(settings.kafka, kafka, quiet);
    const outbound = [topics.results, topics.alerts, topics.deadLetters];
    const existing = await describeTopics(client, [topics.predictions, topics.labels, ...outbound]);
    const reached = ok('kafka', `${brokers.join(', ')} answers`);
    try {
      const shards = await checkTopics(client, { ...topics, outbound });
      return [
        reached,
        ok('topics', `all there, ${shards} shards`),
        ...examineTopics(wanted(existing), existing),
      ];
    } catch (error) {
      return [reached, failed('topics', error, '`driftline topics plan`, then `driftline topics create`')];
    }
  } catch (error) {
    return [
      failed(
        'kafka',
        error,
        'kafka.brokers, kafka.tls and kafka.sasl; is a listener advertised that this host reaches?',
      ),
      { check: 'topics', state: 'unknown', detail: 'Kafka has to answer first' },
    ];
  }
}

/** What a topic does not keep long enough, or in enough copies. */
function examineTopics(
  wanted: readonly TopicSpec[],
  existing: ReadonlyMap<string, TopicSpec>,
): readonly Finding[] {
  return wanted.flatMap(({ topic, config }) => {
    const found = existing.get(topic);
    if (found === undefined) return [];
    const check = `topic ${topic}`;
    const findings: Finding[] = [];
    const [keeps, needs] = [found.config['retention.ms'], config['retention.ms']].map(Number) as [
      number,
      number,
    ];
    if (keeps >= 0 && keeps < needs) {
      findings.push(
        warning(
          check,
          `keeps records for ${hours(keeps)}, ${hours(needs)} are advised: what is deleted unread is lost`,
          `kafka-configs --alter --topic ${topic} --add-config retention.ms=${needs}`,
        ),
      );
    }
    if (found.replication < 2)
      findings.push(
        warning(
          check,
          'has one copy: a broker that is lost takes it along',
          'three copies, min.insync.replicas 2',
        ),
      );
    return findings;
  });
}

function hours(ms: number): string {
  return `${Math.round(ms / 3_600_000)} h`;
}

async function examineRedis(settings: Settings, clock: Clock): Promise<readonly Finding[]> {
  let connection: RedisConnection;
  try {
    const { redis } = await readCredentials(settings);
    connection = await redisConnection(settings.redis, redis, quiet);
  } catch (error) {
    return [
      failed(
        'redis',
        error,
        'redis.url, redis.mode and its credentials; docs/redis.md says what Redis must be',
      ),
      { check: 'workers', state: 'unknown', detail: 'Redis has to answer first' },
    ];
  }
  try {
    const { shards } = createRedisStores(connection, keySpace(settings));
    return [
      ok('redis', 'answers, and is fit to hold state'),
      ...(await persistence(connection)).map((detail) =>
        warning('redis', detail, 'appendonly yes, or keep Kafka long enough for `run --rebuild-from`'),
      ),
      ...skewFinding(await clockSkewMs(connection, clock)),
      workersFinding(await shards.progress(1), clock.now()),
    ];
  } catch (error) {
    return [failed('redis', error, 'docs/redis.md lists the commands that the user must be allowed')];
  } finally {
    await connection.close();
  }
}

const skewMaxMs = 1_000;

function skewFinding(skewMs: number): readonly Finding[] {
  if (Math.abs(skewMs) <= skewMaxMs) return [];
  const detail = `this host's clock and that of Redis are ${Math.round(skewMs / 1000)} s apart`;
  return [warning('clock', detail, 'run an NTP client on both; events from the future are refused')];
}

/** Shards are claimed in turn, so that the first says whether workers have ever run. */
function workersFinding([first]: readonly ShardProgress[], nowMs: number): Finding {
  if (first?.offsets === undefined)
    return warning('workers', 'none has written a checkpoint in this group yet', '`driftline run -c …`');
  const lagMs = nowMs - first.watermark;
  const passed = Number.isFinite(lagMs) ? `, event time ${Math.round(lagMs / 1000)} s ago` : '';
  return ok('workers', `have written checkpoints${passed}`);
}
