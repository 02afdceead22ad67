// `driftline doctor` on a real broker and a real Redis: what it finds of a deployment at each stage of being set up.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { kafkaAddress, redisAddress } from '../../deploy/local/ports.ts';
import type { Finding } from '../../src/app/doctor.ts';
import { finish } from './driftline-process.ts';
import { newTopic, unique } from './kafka-rig.ts';

interface Site {
  readonly kafka: string;
  readonly redis: string;
  readonly topics: Readonly<Record<string, string>>;
}

async function doctor({ kafka, redis, topics }: Site): Promise<{ code: number | null; findings: Finding[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'driftline-doctor-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const config = join(folder, 'driftline.yaml');
  await writeFile(
    config,
    `group: ${unique('doctor')}
kafka: { brokers: ["${kafka}"], topics: ${JSON.stringify(topics)}, connection_timeout: 1s }
redis: { url: "redis://${redis}", connection_timeout: 1s }
models: [{ name: churn, task: binary, features: { x: numeric } }]
`,
  );
  const { code, stdout } = await finish(['doctor', '-c', config, '--json']);
  return { code, findings: JSON.parse(stdout).findings };
}

async function someTopics(): Promise<Record<string, string>> {
  return {
    ...{ predictions: await newTopic('predictions', 2), labels: await newTopic('labels', 2) },
    ...{ results: await newTopic('results', 1), alerts: await newTopic('alerts', 1) },
    dead_letters: await newTopic('dead-letters', 1),
  };
}

const states = (findings: readonly Finding[]) =>
  Object.fromEntries(findings.map(({ check, state }) => [check, state]));

test('a deployment that can run has warnings at the most, each with what to do', async () => {
  const { code, findings } = await doctor({
    ...{ kafka: kafkaAddress, redis: redisAddress },
    topics: await someTopics(),
  });
  expect(code).toBe(0);
  expect(states(findings)).toMatchObject({
    ...{ 'model churn': 'warning', kafka: 'ok', topics: 'ok', workers: 'warning' },
  });
  expect(findings.filter(({ state }) => state === 'failed' || state === 'unknown')).toEqual([]);
  for (const { state, fix } of findings) if (state === 'warning') expect(fix).toBeTruthy();
});

test('topics that are not there fail with the command that makes them', async () => {
  const { predictions: _, ...topics } = await someTopics();
  const { code, findings } = await doctor({
    ...{ kafka: kafkaAddress, redis: redisAddress },
    topics: { ...topics, predictions: unique('nowhere') },
  });
  expect(code).toBe(2);
  expect(findings.find(({ check }) => check === 'topics')).toMatchObject({
    ...{ state: 'failed', code: 'TOPIC_MISSING', fix: expect.stringContaining('topics create') },
  });
});

test('what does not answer fails, and what rests on it is unknown', async () => {
  const nobody = '127.0.0.1:1';
  const { code, findings } = await doctor({ kafka: nobody, redis: nobody, topics: {} });
  expect(code).toBe(3);
  expect(states(findings)).toMatchObject({
    ...{ kafka: 'failed', topics: 'unknown', redis: 'failed', workers: 'unknown' },
  });
});
