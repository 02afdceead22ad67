import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort, kafkaAddress, redisAddress } from '../../deploy/local/ports.ts';
import { createTopics } from '../../src/io/kafka/topics.ts';
import { finish } from './driftline-process.ts';
import { newClient } from './kafka-rig.ts';

let folder: string;
const name = `faults-${randomUUID()}`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'driftline-faults-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** A configuration whose topics begin with `prefix`. */
async function configure(prefix: string, kafka = kafkaAddress, redis = redisAddress): Promise<string> {
  const path = join(folder, `${randomUUID()}.yaml`);
  const topics = ['predictions', 'labels', 'results', 'alerts', 'dead_letters'].map(
    (topic) => `${topic}: ${prefix}.${topic}`,
  );
  await writeFile(
    path,
    `group: ${prefix}
kafka: {brokers: ["${kafka}"], topics: {${topics.join(', ')}}}
redis: {url: "redis://${redis}", connection_timeout: 2s}
http: {enabled: false}
models: [{name: m, task: regression, features: {x: numeric}}]
`,
  );
  return path;
}

test('run says which broker does not answer, and exits with 3', async () => {
  const nowhere = `127.0.0.1:${await freePort()}`;
  const { code, stderr } = await finish(['run', '-c', await configure(name, nowhere)]);
  expect(stderr).toContain('KAFKA_UNREACHABLE');
  expect(stderr).toContain(nowhere);
  expect(code).toBe(3);
});

test('run names every topic that is missing, and exits with 2', async () => {
  const { code, stderr } = await finish(['run', '-c', await configure(name)]);
  expect(stderr).toContain(`TOPIC_MISSING`);
  expect(stderr).toContain(`${name}.predictions`);
  expect(stderr).toContain(`${name}.alerts`);
  expect(code).toBe(2);
});

test('run refuses topics that are not partitioned alike, and exits with 2', async () => {
  const prefix = `uneven-${randomUUID()}`;
  const spec = (topic: string, partitions: number) => ({
    topic: `${prefix}.${topic}`,
    partitions,
    replication: 1,
    config: {},
  });
  await createTopics(newClient(), [
    ...[spec('predictions', 3), spec('labels', 2)],
    ...['results', 'alerts', 'dead_letters'].map((topic) => spec(topic, 1)),
  ]);
  const { code, stderr } = await finish(['run', '-c', await configure(prefix)]);
  expect(stderr).toContain('TOPICS_NOT_COPARTITIONED');
  expect(stderr).toMatch(/3 partitions.* 2/);
  expect(code).toBe(2);
});

test('run says which Redis does not answer, and exits with 3', async () => {
  const prefix = `stateless-${randomUUID()}`;
  const nowhere = `127.0.0.1:${await freePort()}`;
  const config = await configure(prefix, kafkaAddress, nowhere);
  expect(
    (await finish(['topics', 'create', '-c', config, '--partitions', '2', '--replication', '1'])).code,
  ).toBe(0);
  const { code, stderr } = await finish(['run', '-c', config]);
  expect(stderr).toContain('REDIS_UNREACHABLE');
  expect(stderr).toContain(nowhere);
  expect(code).toBe(3);
});

test('a wrong key is told with its line and the key that was meant, and exits with 2', async () => {
  const config = join(folder, 'typo.yaml');
  await writeFile(config, 'group: x\nwindos:\n  size: 5m\nkafka:\n  broker: [a:1]\n');
  const { code, stderr } = await finish(['run', '-c', config]);
  expect(stderr).toMatch(/typo\.yaml:2:\d+.*windos/);
  expect(stderr).toContain('windows');
  expect(stderr).toMatch(/typo\.yaml:5:\d+.*broker/);
  expect(code).toBe(2);
});

test('a file that is not there is named, and exits with 2', async () => {
  for (const args of [
    ['replay', 'nowhere.ndjson', '-c', await configure(name)],
    ['produce', 'nowhere.parquet', '-c', await configure(name)],
    ['baseline', 'build', 'nowhere.csv', '-o', join(folder, 'b.json')],
    ['replay', 'nowhere.ndjson', '--baseline', join(folder, 'nowhere.json')],
  ]) {
    const { code, stderr } = await finish(args);
    expect(stderr, args.join(' ')).toMatch(/nowhere/);
    expect(code, args.join(' ')).toBe(2);
  }
});

test('a replay that finds drift exits with 4 when asked to, and with 0 otherwise', async () => {
  const reference = join(folder, 'reference.ndjson');
  const shifted = join(folder, 'shifted.ndjson');
  await writeFile(
    reference,
    events(5_000, Date.UTC(2024, 0, 1), (i) => i % 97),
  );
  await writeFile(
    shifted,
    events(5_000, Date.UTC(2024, 1, 1), (i) => (i % 97) + 40),
  );
  const baseline = join(folder, 'baseline.json');
  expect((await finish(['baseline', 'build', reference, '-o', baseline])).code).toBe(0);
  const replay = ['--baseline', baseline, '--window', '1h', '--json'];
  const quiet = await finish(['replay', reference, ...replay, '--fail-on', 'drift']);
  expect(quiet.code, quiet.stderr).toBe(0);
  expect((await finish(['replay', shifted, ...replay])).code).toBe(0);
  const drifted = await finish(['replay', shifted, ...replay, '--fail-on', 'drift']);
  expect(drifted.code).toBe(4);
  expect(JSON.parse(drifted.stdout.trim().split('\n').at(-1)!)).toMatchObject({
    events: 5_000,
    incidents: 1,
  });
});

/** One event a second with one feature. */
function events(count: number, from: number, value: (i: number) => number): string {
  const lines = Array.from({ length: count }, (_, i) =>
    JSON.stringify({
      prediction_id: `${i}`,
      model: 'm',
      timestamp: from + i * 1000,
      features: { x: value(i) },
      prediction: (i % 7) + 0.5,
    }),
  );
  return `${lines.join('\n')}\n`;
}
