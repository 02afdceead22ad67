// `npm run stack:up` and `npm run stack:down`: a real Kafka and a real Redis on this machine, without Docker.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './install.ts';
import { kafkaVersion, startKafka } from './kafka.ts';
import { host, kafkaControllerPort, kafkaPort, redisPort } from './ports.ts';
import { startRedis } from './redis.ts';
import { type LocalServer, runningServer, stopServer } from './server.ts';

const stackFolder = join(cacheFolder, 'stack');

interface Member {
  /** Also its folder, so that data which were kept are never read by another version. */
  readonly name: string;
  readonly port: number;
  readonly start: (dataFolder: string) => Promise<LocalServer>;
}

const members: readonly Member[] = [
  {
    name: 'redis',
    port: redisPort,
    start: (dataFolder) => startRedis({ port: redisPort, dataFolder, detached: true }),
  },
  {
    name: `kafka-${kafkaVersion}`,
    port: kafkaPort,
    start: (dataFolder) =>
      startKafka({ port: kafkaPort, controllerPort: kafkaControllerPort, dataFolder, detached: true }),
  },
];

async function up(): Promise<void> {
  const unexpected = startedNames().filter((name) => {
    const member = members.find((one) => one.name === name);
    const running = runningServer(join(stackFolder, name));
    return running !== undefined && running.port !== member?.port;
  });
  if (unexpected.length > 0) {
    throw new Error(
      `${unexpected.join(' and ')} runs with another version or port: end it with npm run stack:down`,
    );
  }
  for (const member of members) await ensure(member);
}

async function ensure({ name, port, start }: Member): Promise<void> {
  const startedMs = performance.now();
  const folder = join(stackFolder, name);
  const wasUp = runningServer(folder) !== undefined;
  if (!wasUp) await start(folder);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`${name.padEnd(12)} ${host}:${port}  ${wasUp ? 'was up' : `up in ${seconds} s`}`);
}

/** Ends what `up` has started, and nothing else; its data go too, unless they are to be kept. */
async function down(keep: boolean): Promise<void> {
  for (const name of startedNames()) {
    const folder = join(stackFolder, name);
    const ran = await stopServer(folder);
    if (!keep) rmSync(folder, { recursive: true });
    console.log(`${name.padEnd(12)} ${ran ? 'stopped' : 'was not running'}${keep ? '' : ', data removed'}`);
  }
}

function startedNames(): readonly string[] {
  if (!existsSync(stackFolder)) return [];
  const entries = readdirSync(stackFolder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

async function main(command: string | undefined, options: readonly string[]): Promise<number> {
  try {
    if (command === 'up' && options.length === 0) await up();
    else if (command === 'down' && options.every((option) => option === '--keep'))
      await down(options.length > 0);
    else {
      console.error('usage: stack.ts up | down [--keep]');
      return 2;
    }
    return 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
}

process.exitCode = await main(process.argv[2], process.argv.slice(3));
