import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kafkaAddress, redisAddress } from '../../deploy/local/ports.ts';
import { resultContent } from '../../src/codec/result.ts';
import { referenceFile } from '../reference-file.ts';
import { finish, type Running, start } from './driftline-process.ts';
import { newClient } from './kafka-rig.ts';

const cases = [
  { dataSet: 'hotel_booking', model: 'hotel_cancellation', window: '7d', windows: 22 },
  { dataSet: 'telco_churn', model: 'churn_predictions', window: '1d', windows: 13 },
] as const;

const shards = 4;

describe.each(cases)(
  '$dataSet through Kafka, Redis and two processes',
  ({ dataSet, model, window, windows }) => {
    const isHere = existsSync(referenceFile(dataSet, 'predictions.ndjson.gz'));
    const test_ = test.skipIf(!isHere && process.env.CI === undefined);
    const name = `live-${dataSet.replace('_', '-')}-${randomUUID()}`;
    const topics = { results: `${name}.results`, alerts: `${name}.alerts`, dead: `${name}.dead-letters` };
    let folder: string;
    let config: string;
    const workers: Running[] = [];

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'driftline-live-'));
      config = join(folder, 'driftline.yaml');
      await writeFile(config, configuration(join(folder, 'baseline.json')));
    });

    afterAll(async () => {
      for (const worker of workers) await worker.end();
      await rm(folder, { recursive: true, force: true });
    });

    function configuration(baseline: string): string {
      return `
group: ${name}
kafka:
  brokers: ["${kafkaAddress}"]
  topics: {predictions: ${name}.predictions, labels: ${name}.labels, results: ${topics.results}, alerts: ${topics.alerts}, dead_letters: ${topics.dead}}
redis: {url: "redis://${redisAddress}", prefix: ${name}}
http: {port: 0}
windows: {size: ${window}, rollups: [], idle_after: 2s, revise_every: 0s}
retention: {windows: 30d, results: 30d}
checkpoint: {interval: 200ms}
evaluation: {interval: 200ms}
models:
  - {name: ${model}, task: binary, baseline: ${baseline}}
`;
    }

    test_('gives the same final results as a replay over as many shards, byte for byte', async () => {
      const file = (part: string) => referenceFile(dataSet, part);
      const [predictions, labels] = [file('predictions.ndjson.gz'), file('labels.ndjson.gz')];
      await succeed([
        'baseline',
        'build',
        file('baseline.ndjson.gz'),
        '--schema',
        file('schema.json'),
        '-o',
        join(folder, 'baseline.json'),
      ]);
      await succeed(['topics', 'create', '-c', config, '--partitions', String(shards), '--replication', '1']);
      const replay = await succeed([
        'replay',
        predictions,
        '--labels',
        labels,
        '-c',
        config,
        '--shards',
        String(shards),
        '--ndjson',
        '--out',
        join(folder, 'replay'),
      ]);
      const expected = finalResults(replay.stdout.trim().split('\n'));
      expect(expected.size).toBe(windows);

      workers.push(start(['run', '-c', config]), start(['run', '-c', config]));
      await Promise.all([
        succeed(['produce', predictions, '-c', config, '--stream', 'predictions']),
        succeed(['produce', labels, '-c', config, '--stream', 'labels']),
      ]);
      const live = await settled(topics.results, (lines) => {
        const found = finalResults(lines);
        return [...expected].every(([key, content]) => found.get(key) === content);
      });
      // By hash first: a difference then says which windows, not a megabyte of text.
      expect(hashes(finalResults(live)), workers.map((worker) => worker.output()).join('\n')).toEqual(
        hashes(expected),
      );
      expect(finalResults(live)).toEqual(expected);
    });

    test_('both processes serve the same results, say that they are ready, and end when asked', async () => {
      const addresses = await Promise.all(
        workers.map(async (worker) => (await worker.until(/"address":"(http:[^"]+)"/))[1]!),
      );
      const pages = await Promise.all(
        addresses.map(async (address) => (await fetch(`${address}/metrics/results`)).text()),
      );
      expect(pages[0]).toContain(`driftline_window_end_timestamp_seconds{model="${model}"`);
      expect(pages[1]).toBe(pages[0]);
      for (const address of addresses) {
        expect((await fetch(`${address}/healthz`)).status).toBe(200);
        expect((await fetch(`${address}/readyz`)).status).toBe(200);
        expect(await (await fetch(`${address}/metrics`)).text()).toContain(
          'driftline_checkpoints_total{outcome="written"}',
        );
      }
      expect(await Promise.all(workers.map((worker) => worker.end()))).toEqual([0, 0]);
    });
  },
);

async function succeed(args: readonly string[]) {
  const finished = await finish(args);
  expect(finished, `driftline ${args.join(' ')}\n${finished.stderr}`).toMatchObject({ code: 0 });
  return finished;
}

function hashes(results: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries(
    [...results].map(([key, content]) => [key, createHash('sha256').update(content).digest('hex')]),
  );
}

/** The content of the last revision of every window. */
function finalResults(lines: readonly string[]): ReadonlyMap<string, string> {
  const latest = new Map<string, { revision: string; content: string }>();
  for (const line of lines) {
    const document = JSON.parse(line) as {
      window_start_time: string;
      window_seconds: number;
      revision: string;
    };
    const key = `${document.window_seconds} ${document.window_start_time}`;
    const before = latest.get(key);
    if (before === undefined || before.revision < document.revision) {
      latest.set(key, { revision: document.revision, content: resultContent(line) });
    }
  }
  return new Map(
    [...latest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, { content }]) => [key, content]),
  );
}

/** Reads a topic until what was read satisfies the condition and nothing more comes for a while, or until time is up. */
async function settled(
  topic: string,
  isEnough: (lines: readonly string[]) => boolean,
): Promise<readonly string[]> {
  const consumer = newClient().kafka.consumer({ groupId: `${topic}-${randomUUID()}`, maxWaitTimeInMs: 100 });
  const lines: string[] = [];
  let lastAt = performance.now();
  await consumer.connect();
  try {
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message }) => {
        lines.push(message.value!.toString());
        lastAt = performance.now();
      },
    });
    for (const started = performance.now(); performance.now() - started < 90_000; ) {
      await new Promise((wake) => setTimeout(wake, 200));
      if (performance.now() - lastAt > 3_000 && isEnough(lines)) break;
    }
  } finally {
    await consumer.disconnect();
  }
  return lines;
}
