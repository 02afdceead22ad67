// Where the local stack listens, and where integration tests find a broker and a Redis server.
import { createServer } from 'node:net';

export const host = '127.0.0.1';

/** Ports of `npm run stack:up`, none of them the one that a Kafka or Redis of the machine itself would have. */
export const kafkaPort = portFrom('DRIFTLINE_STACK_KAFKA_PORT', 19_092);
/** Only the broker itself connects to its controller. */
export const kafkaControllerPort = portFrom('DRIFTLINE_STACK_KAFKA_CONTROLLER_PORT', kafkaPort + 1);
export const redisPort = portFrom('DRIFTLINE_STACK_REDIS_PORT', 16_379);

/** `host:port` of the broker: DRIFTLINE_KAFKA where tests shall use another one than the stack's. */
export const kafkaAddress = process.env.DRIFTLINE_KAFKA ?? `${host}:${kafkaPort}`;
/** `host:port` of the Redis server: DRIFTLINE_REDIS where tests shall use another one than the stack's. */
export const redisAddress = process.env.DRIFTLINE_REDIS ?? `${host}:${redisPort}`;

/** The port that an environment variable names, or `preset` where it is not set. Throws for what is no port. */
export function portFrom(variable: string, preset: number, environment = process.env): number {
  const text = environment[variable];
  if (text === undefined) return preset;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new Error(`${variable}: expected a port, found "${text}"`);
}

/** A port that nothing listens on at this moment. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  return port!;
}

/** Several different free ports: all are held until the last is found. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const probes = await Promise.all(Array.from({ length: count }, listenAnywhere));
  await Promise.all(probes.map(({ close }) => close()));
  return probes.map(({ port }) => port);
}

function listenAnywhere(): Promise<{ port: number; close: () => Promise<void> }> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
      resolve({ port: address.port, close: () => new Promise((closed) => server.close(() => closed())) });
    });
  });
}
