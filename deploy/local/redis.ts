// One Redis server on this machine, from Debian's package.
import { connect } from 'node:net';
import { installPrograms } from './install.ts';
import { host } from './ports.ts';
import { type LocalServer, startServer } from './server.ts';

/** The release of Debian 12, which tests run against. */
export const redisVersion = '7.0.15';

export interface RedisOptions {
  readonly port: number;
  /** Its append-only file and output. What is there already is loaded. */
  readonly dataFolder: string;
  /** Further options as on the command line: `['--maxmemory', '50mb']`. */
  readonly extraArguments?: readonly string[];
  /** Whether it outlives this process; by default it ends when this process exits. */
  readonly detached?: boolean;
}

/**
 * Starts a server that evicts nothing and appends every write to a file, and resolves when it has loaded what was there.
 * Installs the package where it is missing. Throws when the port is taken or the server does not start.
 */
export async function startRedis(options: RedisOptions): Promise<LocalServer> {
  const { port, dataFolder, extraArguments = [], detached = false } = options;
  installPrograms(['redis-server']);
  const settings = {
    port: String(port),
    bind: host,
    dir: dataFolder,
    save: '',
    appendonly: 'yes',
    'maxmemory-policy': 'noeviction',
  };
  return startServer({
    name: 'redis',
    program: 'redis-server',
    args: [...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]), ...extraArguments],
    ports: [port],
    folder: dataFolder,
    ready: () => answersPing(port),
    waitMs: 30_000,
    detached,
  });
}

/** Whether the server has done loading: until then it answers LOADING. One that wants a password is up as well. */
function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port }, () => socket.write('PING\r\n'));
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(2_000, () => done(false));
    socket.once('data', (reply) => done(/^(\+PONG|-NOAUTH)/.test(reply.toString('latin1'))));
    socket.once('error', () => done(false));
    socket.once('close', () => done(false));
  });
}
