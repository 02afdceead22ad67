// The Kafka broker and the Redis server of one verification: on free ports, with data that go when it ends.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKafka } from '../../deploy/local/kafka.ts';
import { freePorts } from '../../deploy/local/ports.ts';
import { startRedis } from '../../deploy/local/redis.ts';
import type { LocalServer } from '../../deploy/local/server.ts';

export interface Stack {
  /** The variables that deploy/local/ports.ts reads. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/**
 * Starts both servers, the broker with these further properties. Throws when one does not start, and leaves nothing behind
 * then.
 */
export async function startStack(kafkaProperties: Readonly<Record<string, string>> = {}): Promise<Stack> {
  const folder = await mkdtemp(join(tmpdir(), 'driftline-verify-'));
  const servers: LocalServer[] = [];
  const stop = async (): Promise<void> => {
    // Nobody will read their data again: there is nothing that an orderly end would save.
    await Promise.all(servers.map((server) => server.stop('SIGKILL')));
    await rm(folder, { recursive: true });
  };
  try {
    const [port, controllerPort, redisPort] = (await freePorts(3)) as [number, number, number];
    const redis = await startRedis({ port: redisPort, dataFolder: join(folder, 'redis') });
    servers.push(redis);
    const kafka = await startKafka({
      ...{ port, controllerPort, dataFolder: join(folder, 'kafka') },
      extraProperties: kafkaProperties,
    });
    servers.push(kafka);
    return { environment: { DRIFTLINE_KAFKA: kafka.address, DRIFTLINE_REDIS: redis.address }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
