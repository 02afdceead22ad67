// `driftline query` as a user asks a live deployment: the command itself, on a real Redis.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { redisAddress } from '../../deploy/local/ports.ts';
import { encodeResult } from '../../src/codec/result.ts';
import { prepareBaseline } from '../../src/drift/prepared-baseline.ts';
import { connectRedis } from '../../src/io/redis/client.ts';
import { createRedisStores } from '../../src/io/redis/stores.ts';
import { baselineOf, evaluate, profileOf, rows } from '../drift/build.ts';
import { uniform } from '../drift/random.ts';
import { commitOf } from '../laws/store-samples.ts';
import { finish } from './driftline-process.ts';
import { quiet, unique } from './kafka-rig.ts';

const minuteMs = 60_000;

test('the results of a deployment are asked in SQL, and no worker is needed for that', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'driftline-query-live-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const group = unique('query');
  const config = join(folder, 'driftline.yaml');
  await writeFile(
    config,
    `group: ${group}
redis: { url: "redis://${redisAddress}" }
windows: { size: 1m, rollups: [5m] }
models: [{ name: churn, task: binary, features: { x: numeric } }]
`,
  );
  const redis = await connectRedis(
    { url: `redis://${redisAddress}`, connectTimeoutMs: 5_000, commandTimeoutMs: 5_000 },
    quiet,
  );
  onTestFinished(() => redis.close());
  const { results } = createRedisStores(redis, { prefix: 'driftline', group });
  const random = uniform(1);
  const baseline = prepareBaseline(
    baselineOf(
      rows(3_000, () => ({ x: random() })),
      [['x', 'numeric']],
    ),
  );
  for (const [i, shift] of [0, 0.5].entries()) {
    const profile = profileOf(
      baseline.baseline.schema,
      rows(500, () => ({ x: random() + shift })),
    );
    const result = {
      ...evaluate(baseline, profile),
      model: 'churn',
      start: i * minuteMs,
      end: (i + 1) * minuteMs,
    };
    const { document, revision } = encodeResult(
      result,
      { position: BigInt(i), revisions: 0 },
      () => undefined,
    );
    const key = { size: minuteMs, start: i * minuteMs };
    const commit = commitOf(i, key);
    expect(
      await results.commit('churn', { ...commit, result: { ...commit.result, revision, document } }),
    ).toBe(true);
  }
  const sql =
    'SELECT window_start_time, feature_name, drift_score > drift_threshold AS drifted FROM drift_metrics ORDER BY 1';
  const { code, stdout, stderr } = await finish(['query', sql, '-c', config, '--format', 'csv']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toBe(
    'window_start_time,feature_name,drifted\n1970-01-01 00:00:00,x,false\n1970-01-01 00:01:00,x,true\n',
  );
});
