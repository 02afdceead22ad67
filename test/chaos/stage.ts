// Everything that a chaos run runs on: servers, proxies and workers, started together and ended together.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createTopics } from '../../src/io/kafka/topics.ts';
import { connectRedis, type RedisConnection } from '../../src/io/redis/client.ts';
import { createRedisStores } from '../../src/io/redis/stores.ts';
import { newClient, quiet } from '../integration/kafka-rig.ts';
import { createDeployment, type Deployment, group, redisPrefix, topics } from './deployment.ts';
import type { Stores } from './drain.ts';
import { partitions } from './events.ts';
import type { World } from './faults.ts';
import { type PlantName, programWith } from './plants.ts';
import { type Link, openLink } from './proxy.ts';
import { createBroker, createRedis, lastingPorts } from './servers.ts';
import { createSnapshots } from './snapshots.ts';
import { createWitness } from './witness.ts';
import { createWorker, emptyTally, type Tally } from './workers.ts';

export interface Stage {
  readonly folder: string;
  readonly deployment: Deployment;
  readonly world: World;
  readonly tally: Tally;
  /** Past all proxies. */
  readonly redis: RedisConnection;
  readonly stores: Stores;
  /** Ends everything; the folder is left where somebody wants to look at it. */
  close(keepFolder: boolean): Promise<void>;
}

const workerCount = 3;
const guestCount = 2;

/** Starts the servers and makes the topics; no worker runs yet. Leaves nothing behind when it fails. */
export async function openStage(plant: PlantName | undefined, tell: (text: string) => void): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'driftline-chaos-'));
  const closers: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true })];
  const close = async (keepFolder: boolean): Promise<void> => {
    for (const closer of (keepFolder ? closers.slice(1) : closers).reverse()) await closer();
  };
  try {
    return await build(folder, plant, tell, closers, close);
  } catch (error) {
    await close(false);
    throw error;
  }
}

async function build(
  folder: string,
  plant: PlantName | undefined,
  tell: (text: string) => void,
  closers: (() => Promise<unknown>)[],
  close: Stage['close'],
): Promise<Stage> {
  const members = workerCount + guestCount;
  const [redisPort, ...kafkaPorts] = (await lastingPorts(3 + members)) as [number, ...number[]];
  const main = programWith(plant, join(folder, 'program'));
  const witness = createWitness(join(dirname(main), 'io/redis'), () => performance.now());
  const toRedis: Link[] = [];
  const toKafka: Link[] = [];
  for (const [worker, port] of kafkaPorts.slice(2).entries()) {
    toRedis.push(await openLink(redisPort, () => witness.tap(worker)));
    toKafka.push(await openLink(port));
  }
  closers.push(...[...toRedis, ...toKafka].map((link) => () => link.close()));
  const redis = createRedis(folder, redisPort);
  const broker = createBroker(
    folder,
    kafkaPorts,
    toKafka.map(({ address }) => address),
  );
  closers.push(
    () => redis.stop('SIGKILL'),
    () => broker.stop('SIGKILL'),
  );
  await Promise.all([redis.start(), broker.start()]);
  const specs = Object.entries(topics).map(([name, topic]) => ({
    ...{ topic, replication: 1, config: {} },
    partitions: name === 'predictions' || name === 'labels' ? partitions : 1,
  }));
  await createTopics(newClient([broker.address]), specs);
  const connection = await connectRedis(
    { url: `redis://${redis.address}`, connectTimeoutMs: 5_000, commandTimeoutMs: 60_000 },
    quiet,
  );
  closers.push(() => connection.close());

  const deployment = await createDeployment(folder);
  const tally = emptyTally();
  const workers = await Promise.all(
    toKafka.map(async (kafka, number) => {
      const addresses = { kafka: kafka.address, redis: toRedis[number]!.address };
      const config = await deployment.configure(number, addresses);
      return createWorker({ number, main, config, folder, kafka, redis: toRedis[number]! }, tally);
    }),
  );
  closers.push(() => Promise.all(workers.map((worker) => worker.end('SIGKILL'))));
  return {
    ...{ folder, deployment, tally, close, redis: connection },
    stores: createRedisStores(connection, { prefix: redisPrefix, group }),
    world: {
      ...{ broker, redis, witness, tell, busy: new Map(), rollbacks: [] },
      snapshots: createSnapshots(redis, () => connection.call('SAVE', [])),
      workers: workers.slice(0, workerCount),
      guests: workers.slice(workerCount),
    },
  };
}
