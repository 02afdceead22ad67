// The broker and the Redis of a chaos run, which can be ended, killed, paused and put back to an older state.
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startKafka } from '../../deploy/local/kafka.ts';
import { host } from '../../deploy/local/ports.ts';
import { startRedis } from '../../deploy/local/redis.ts';
import type { LocalServer } from '../../deploy/local/server.ts';

export interface Server {
  readonly address: string;
  start(): Promise<void>;
  stop(signal: NodeJS.Signals): Promise<void>;
  /** Sends a signal that does not end it. */
  signal(signal: NodeJS.Signals): void;
}

export interface Broker extends Server {
  /** The port of the listener through which each worker is to come: what it advertises is the worker's proxy. */
  readonly workerPorts: readonly number[];
}

export interface RedisServer extends Server {
  /** Keeps what it holds now; the number of the copy. */
  keep(save: () => Promise<unknown>): Promise<number>;
  /** Puts a copy in the place of what it holds. Only while it does not run. */
  putBack(copy: number): Promise<void>;
  discard(copy: number): Promise<void>;
}

/** Ports that no outgoing connection is given: one could take a server's place while it is down. */
export async function lastingPorts(count: number): Promise<readonly number[]> {
  const from = 20_000 + Math.floor(Math.random() * 12_000);
  const found: number[] = [];
  for (let port = from; found.length < count; port = port >= 32_000 ? 20_000 : port + 1) {
    if (await isFree(port)) found.push(port);
  }
  return found;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });
}

/** A broker with one listener for the run itself and one per worker, each advertised at the address of the worker's proxy. */
export function createBroker(
  folder: string,
  ports: readonly number[],
  advertised: readonly string[],
): Broker {
  const [port, controllerPort, ...workerPorts] = ports as [number, number, ...number[]];
  const listeners = workerPorts.map((workerPort, worker) => ({
    ...{ name: `WORKER${worker}`, port: workerPort, protocol: 'PLAINTEXT' as const },
  }));
  const told = listeners.map(({ name }, worker) => `${name}://${advertised[worker]}`);
  const options = {
    ...{ port, controllerPort, listeners, dataFolder: join(folder, 'kafka') },
    // It is started so often that the better compiler never earns what it costs.
    javaArguments: ['-XX:TieredStopAtLevel=1'],
    extraProperties: { 'advertised.listeners': [`PLAINTEXT://${host}:${port}`, ...told].join(',') },
  };
  return { ...server(() => startKafka(options), `${host}:${port}`), workerPorts };
}

/** A Redis that appends every write to a file and synchronises it each second, as a careful operator runs it. */
export function createRedis(folder: string, port: number): RedisServer {
  const dataFolder = join(folder, 'redis');
  let copies = 0;
  const copyOf = (copy: number): string => join(folder, `copy-${copy}.rdb`);
  return {
    ...server(() => startRedis({ port, dataFolder }), `${host}:${port}`),
    async keep(save) {
      const copy = copies++;
      await save();
      await copyFile(join(dataFolder, 'dump.rdb'), copyOf(copy));
      return copy;
    },
    async putBack(copy) {
      // An append-only file that begins with a dump and has nothing appended yet.
      const appended = join(dataFolder, 'appendonlydir');
      const base = 'appendonly.aof.1.base.rdb';
      await rm(appended, { recursive: true });
      await mkdir(appended);
      await copyFile(copyOf(copy), join(appended, base));
      await writeFile(join(appended, 'appendonly.aof.manifest'), `file ${base} seq 1 type b\n`);
    },
    discard: (copy) => rm(copyOf(copy)),
  };
}

function server(begin: () => Promise<LocalServer>, address: string): Server {
  let running: LocalServer | undefined;
  return {
    address,
    async start() {
      running = await patiently(begin);
    },
    async stop(signal) {
      await running?.stop(signal);
      running = undefined;
    },
    signal(signal) {
      if (running !== undefined) process.kill(running.pid, signal);
    },
  };
}

/** A port may be busy for a moment after its server was killed, and a machine with much to do be slow. */
async function patiently(begin: () => Promise<LocalServer>): Promise<LocalServer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await begin();
    } catch (error) {
      if (attempt === 4) throw error;
      await sleep(1_000 * attempt);
    }
  }
}
