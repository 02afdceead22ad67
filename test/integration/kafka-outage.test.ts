// A broker that stops answering, or is gone: the source ends with the reason, and does not come back by itself.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startKafka } from '../../deploy/local/kafka.ts';
import { freePorts } from '../../deploy/local/ports.ts';
import type { LocalServer } from '../../deploy/local/server.ts';
import { createKafkaProducer } from '../../src/io/kafka/producer.ts';
import { createTopics } from '../../src/io/kafka/topics.ts';
import { newClient, numbered, startReader, type TestReader, until } from './kafka-rig.ts';

const topics = { predictions: 'p', labels: 'l' };
let folder: string;
let broker: LocalServer;
let start: () => Promise<LocalServer>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'driftline-outage-'));
  const [port, controllerPort] = (await freePorts(2)) as [number, number];
  start = () => startKafka({ port, controllerPort, dataFolder: join(folder, 'kafka') });
  broker = await start();
  const specs = Object.values(topics).map((topic) => ({ topic, partitions: 1, replication: 1, config: {} }));
  await createTopics(newClient([broker.address]), specs);
});

afterAll(async () => {
  await broker.stop('SIGKILL');
  await rm(folder, { recursive: true });
});

async function produce(from: number, to: number): Promise<void> {
  const producer = await createKafkaProducer(newClient([broker.address]), 'none');
  await producer.sendRecords(topics.predictions, numbered(to - from, from));
  await producer.close();
}

function reader(watchdogMs: number): TestReader {
  return startReader(topics, 1, {
    client: newClient([broker.address]),
    watchdogMs,
    resumeAt: () => ({ predictions: 0, labels: 0 }),
  });
}

describe('a source', () => {
  test('joins a group although the coordinator of a new broker is still loading', async () => {
    await produce(0, 10);
    const { source, values, done } = reader(60_000);
    await until(() => expect(values('predictions')).toHaveLength(10));
    await source.stop();
    expect(await done).toBeUndefined();
  });

  test('whose client has stopped fetching is ended by the watchdog', async () => {
    const { values, done } = reader(2_000);
    await until(() => expect(values('predictions')).toHaveLength(10));
    process.kill(broker.pid, 'SIGSTOP');
    try {
      expect(await done).toMatchObject({
        code: 'KAFKA_FAILED',
        message: expect.stringContaining('nothing was fetched for 2 s: the client has stopped fetching'),
      });
    } finally {
      process.kill(broker.pid, 'SIGCONT');
    }
  });

  test('whose broker is gone ends, and stays so when the broker is back: the process is to start anew', async () => {
    const { values, done, generations } = reader(60_000);
    await until(() => expect(values('predictions')).toHaveLength(10));
    await broker.stop('SIGKILL');
    expect(await done).toMatchObject({ code: 'KAFKA_UNREACHABLE' });
    broker = await start();
    await produce(10, 20);
    await sleep(2_000);
    expect(values('predictions')).toHaveLength(10);
    expect(generations).toHaveLength(1);
  });
});
