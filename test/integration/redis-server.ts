// Redis servers and sentinels of its own for a test: on free ports, with empty directories, ended by their process ids.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface RedisServer {
  readonly port: number;
  readonly url: string;
  /** Where dump.rdb is. */
  readonly directory: string;
  /** Ends the server as a crash does: nothing is saved. */
  kill(): Promise<void>;
  /** Starts it again on the same port with what is in the directory, and resolves when it has loaded that. */
  start(more?: readonly string[]): Promise<void>;
  /** Stops its process where it is, as a host that swaps does, until `wake`. */
  freeze(): void;
  wake(): void;
  /** Ends it and removes the directory. */
  remove(): Promise<void>;
}

/** Starts redis-server with these further options (`'--maxmemory', '50mb'`); nothing is persisted but by SAVE. */
export function startRedisServer(options: readonly string[] = []): Promise<RedisServer> {
  const settings = ['--save', '', '--appendonly', 'no', ...options];
  return startServer((directory) => Promise.resolve(['--dir', directory, ...settings]));
}

/**
 * Starts a sentinel, alone in its quorum, that holds a primary for dead after a second of silence. A
 * replica takes over only if its link was not down for ten times as long before.
 */
export function startSentinel(name: string, primaryPort: number): Promise<RedisServer> {
  const lines = [
    `sentinel monitor ${name} 127.0.0.1 ${primaryPort} 1`,
    `sentinel down-after-milliseconds ${name} 1000`,
    `sentinel failover-timeout ${name} 5000`,
  ];
  return startServer(async (directory) => {
    // What a sentinel learns, it writes into its own configuration.
    const file = join(directory, 'sentinel.conf');
    await writeFile(file, `${lines.join('\n')}\n`);
    return [file, '--sentinel'];
  });
}

async function startServer(
  argumentsIn: (directory: string) => Promise<readonly string[]>,
): Promise<RedisServer> {
  const directory = await mkdtemp(join(tmpdir(), 'driftline-redis-'));
  const port = await freePort();
  const common = [...(await argumentsIn(directory)), '--bind', '127.0.0.1', '--port', String(port)];
  let server: ChildProcess | undefined;
  // A test that fails before it could remove the server leaves none behind.
  const abandon = (): void => void server?.kill('SIGKILL');
  const start = async (more: readonly string[] = []): Promise<void> => {
    server = spawn('redis-server', [...common, ...more], { stdio: ['ignore', 'pipe', 'inherit'] });
    process.once('exit', abandon);
    await ready(server);
  };
  const kill = async (): Promise<void> => {
    process.off('exit', abandon);
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, 'exit');
    server.kill('SIGKILL');
    await exited;
  };
  await start();
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    directory,
    kill,
    start,
    freeze: () => void server?.kill('SIGSTOP'),
    wake: () => void server?.kill('SIGCONT'),
    remove: async () => {
      await kill();
      await rm(directory, { recursive: true });
    },
  };
}

/** A port that nothing listens on at this moment. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

function ready(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    server.once('error', reject);
    server.once('exit', () => reject(new Error(`redis-server ended:\n${output}`)));
    server.stdout?.on('data', (chunk) => {
      output += chunk;
      if (/Ready to accept connections|Sentinel ID is/.test(output)) resolve();
    });
  });
}
