import { spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { kafkaAddress } from '../../deploy/local/ports.ts';
import { checkTopics, createTopics, describeTopics } from '../../src/io/kafka/topics.ts';
import type { Offsets } from '../../src/ports.ts';
import {
  newClient,
  newPair,
  newTopic,
  numbered,
  startReader,
  unique,
  until,
  withProducer,
} from './kafka-rig.ts';

const start: Offsets = { predictions: 0, labels: 0 };
describe('the end of a run', () => {
  test('stop ends it after the batch in hand, and the group is empty at once', async () => {
    const topics = await newPair(1);
    await withProducer((producer) => producer.sendRecords(topics.predictions, numbered(10)));
    const groupId = unique('group');
    let finished = 0;
    const { source, batches, done } = startReader(topics, 1, {
      groupId,
      resumeAt: () => start,
      onBatch: async () => {
        await sleep(700);
        finished += 1;
      },
    });
    await until(() => expect(batches).toHaveLength(1));
    await source.stop();
    expect(finished).toBe(1);
    expect(await done).toBeUndefined();
    expect(await membersOf(groupId)).toBe(0);
  });

  test('stop works while the group is being joined', async () => {
    const topics = await newPair(1);
    const { source, done } = startReader(topics, 1);
    await source.stop();
    expect(await done).toBeUndefined();
  });

  test('the error of a handler is what run rejects with, and nothing is delivered after it', async () => {
    const topics = await newPair(4);
    await withProducer((producer) => producer.sendRecords(topics.predictions, numbered(100)));
    const trouble = new Error('the store is gone');
    const { batches, done } = startReader(topics, 4, {
      resumeAt: () => start,
      onBatch: () => Promise.reject(trouble),
    });
    expect(await done).toBe(trouble);
    expect(batches).toHaveLength(1);
  });

  test('the error of the batch in hand is not lost when the source is stopped meanwhile', async () => {
    const topics = await newPair(1);
    await withProducer((producer) => producer.sendRecords(topics.predictions, numbered(1)));
    const trouble = new Error('the last checkpoint failed');
    const { source, batches, done } = startReader(topics, 1, {
      resumeAt: () => start,
      onBatch: () => sleep(500).then(() => Promise.reject(trouble)),
    });
    await until(() => expect(batches).toHaveLength(1));
    await source.stop();
    expect(await done).toBe(trouble);
  });

  test('an error in assigned ends it too', async () => {
    const topics = await newPair(1);
    const trouble = new Error('cannot claim');
    const { done } = startReader(topics, 1, {
      resumeAt: () => {
        throw trouble;
      },
    });
    expect(await done).toBe(trouble);
  });

  test('a handler that hangs is told by the watchdog', async () => {
    const topics = await newPair(1);
    await withProducer((producer) => producer.sendRecords(topics.predictions, numbered(1)));
    const { done } = startReader(topics, 1, {
      watchdogMs: 3_000,
      resumeAt: () => start,
      onBatch: () => new Promise(() => undefined),
    });
    expect(await done).toMatchObject({
      code: 'KAFKA_FAILED',
      message: expect.stringContaining('still in hand'),
    });
  });

  test('a handler that waits for what a restart would not mend is not given up', async () => {
    const topics = await newPair(1);
    await withProducer((producer) => producer.sendRecords(topics.predictions, numbered(1)));
    let waiting = true;
    const { done } = startReader(topics, 1, {
      watchdogMs: 2_000,
      isWaiting: () => waiting,
      resumeAt: () => start,
      onBatch: () => new Promise(() => undefined),
    });
    expect(await Promise.race([done, sleep(7_000).then(() => 'not given up')])).toBe('not given up');
    waiting = false;
    expect(await done).toMatchObject({ code: 'KAFKA_FAILED' });
  });

  test('a slow handler does not cost the member its place in the group', async () => {
    const topics = await newPair(1);
    await withProducer((producer) => producer.sendRecords(topics.predictions, numbered(1)));
    const { source, batches, generations } = startReader(topics, 1, {
      resumeAt: () => start,
      onBatch: () => sleep(13_000),
    });
    await until(() => expect(batches).toHaveLength(1));
    await sleep(14_000);
    expect(generations).toHaveLength(1);
    await source.stop();
  });
});

describe('trouble with the connection', () => {
  test('a refused connection is told with its addresses within ten seconds', async () => {
    const client = newClient(['127.0.0.1:1', 'localhost:2']);
    const before = performance.now();
    await expect(describeTopics(client, ['a'])).rejects.toMatchObject({
      code: 'KAFKA_UNREACHABLE',
      message: expect.stringContaining('127.0.0.1:1, localhost:2'),
    });
    expect(performance.now() - before).toBeLessThan(10_000);
  });

  test('an address that accepts and never answers is told within ten seconds too', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await until(() => expect(server.listening).toBe(true));
    const { port } = server.address() as { port: number };
    const { done } = startReader({ predictions: 'p', labels: 'l' }, 1, {
      client: newClient([`127.0.0.1:${port}`]),
    });
    const before = performance.now();
    expect(await done).toMatchObject({
      code: 'KAFKA_UNREACHABLE',
      message: expect.stringContaining(`${port}`),
    });
    expect(performance.now() - before).toBeLessThan(10_000);
    server.close();
  });
});

describe('topics', () => {
  test('a source of a topic that does not exist is a fault with its name', async () => {
    const labels = await newTopic('labels', 1);
    const predictions = unique('nowhere');
    const { done } = startReader({ predictions, labels }, 1);
    expect(await done).toMatchObject({
      code: 'TOPIC_MISSING',
      message: expect.stringContaining(predictions),
    });
  });

  test('the check tells the number of shards, every missing topic, and both counts where they differ', async () => {
    const [four, other, three] = [await newTopic('a', 4), await newTopic('b', 4), await newTopic('c', 3)];
    expect(await checkTopics(newClient(), { predictions: four, labels: other, outbound: [three] })).toBe(4);
    await expect(
      checkTopics(newClient(), { predictions: 'no-such', labels: other, outbound: ['nor-this'] }),
    ).rejects.toMatchObject({ code: 'TOPIC_MISSING', message: expect.stringContaining('no-such, nor-this') });
    await expect(
      checkTopics(newClient(), { predictions: four, labels: three, outbound: [] }),
    ).rejects.toMatchObject({
      code: 'TOPICS_NOT_COPARTITIONED',
      message: expect.stringMatching(/4 partitions .* has 3/),
    });
  });

  test('what is created is described, and creating it again changes nothing', async () => {
    const spec = {
      topic: unique('made'),
      partitions: 3,
      replication: 1,
      config: { 'cleanup.policy': 'compact,delete' },
    };
    await createTopics(newClient(), [spec]);
    await createTopics(newClient(), [{ ...spec, partitions: 5 }]);
    const found = (await describeTopics(newClient(), [spec.topic, 'no-such'])).get(spec.topic);
    expect(found).toMatchObject({ topic: spec.topic, partitions: 3, replication: 1 });
    expect(found?.config).toMatchObject({ 'cleanup.policy': 'compact,delete', 'min.insync.replicas': '1' });
  });

  test('a topic that cannot be created is a fault that says why', async () => {
    const spec = { topic: unique('wide'), partitions: 1, replication: 7, config: {} };
    await expect(createTopics(newClient(), [spec])).rejects.toMatchObject({
      code: 'KAFKA_FAILED',
      message: expect.stringMatching(/[Rr]eplication/),
    });
  });
});

test("Node's warning of kafkajs' timers is not shown, and that of others' timers is", () => {
  const client = new URL('../../src/io/kafka/client.ts', import.meta.url).href;
  const settings = {
    brokers: [kafkaAddress],
    clientId: 'c',
    connectionTimeoutMs: 3000,
    requestTimeoutMs: 3000,
  };
  const stderrOf = (use: string): string => {
    const script = `
      import { connectKafka } from ${JSON.stringify(client)};
      const silent = () => undefined;
      const log = { debug: silent, info: silent, warn: silent, error: silent };
      const { kafka } = connectKafka(${JSON.stringify(settings)}, log);
      ${use}`;
    const options = ['--input-type=module', '--eval', script];
    return spawnSync(process.execPath, options, { encoding: 'utf8' }).stderr;
  };
  const asked =
    'const a = kafka.admin(); await a.connect(); await a.describeCluster(); await a.disconnect();';
  expect(stderrOf(asked)).toBe('');
  expect(stderrOf('setTimeout(silent, -7)')).toContain('TimeoutNegativeWarning: -7 is a negative number');
});

async function membersOf(groupId: string): Promise<number> {
  const admin = newClient().kafka.admin();
  await admin.connect();
  const { groups } = await admin.describeGroups([groupId]);
  await admin.disconnect();
  return groups[0]!.members.length;
}
