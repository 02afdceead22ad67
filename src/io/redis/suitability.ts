// What Driftline asks of a Redis server, read from INFO: CONFIG is not among the commands that the documented ACL grants.
import { Fault } from '../../fault.ts';
import type { Clock } from '../../ports.ts';
import type { RedisConnection, ServerReply } from './client.ts';
import type { RedisTopology } from './topology.ts';
import { text } from './value.ts';

type Mode = 'single' | RedisTopology['kind'];

/** Scripts with flags, and the time at which a key expires, came with 7.0. */
const oldestMajor = 7;

/** How `redis_mode` of INFO is called in each mode. */
const modeNames: Readonly<Record<Mode, string>> = {
  single: 'standalone',
  cluster: 'cluster',
  sentinel: 'standalone',
};

/**
 * Throws REDIS_UNSUITABLE with everything that is wrong with any primary, and what to change; the Faults of the connection
 * where one does not answer. What a server does not tell of itself is not held against it.
 */
export async function checkSuitability(connection: RedisConnection, mode: Mode): Promise<void> {
  refuse(await connection.callEach('INFO', []), (info) => [...lossOf(info), ...strangenessOf(info, mode)]);
}

/**
 * Looks again and again whether a primary has begun to evict, which loses state at any moment: it may have been
 * reconfigured, or another server may have taken its place. Rejects with REDIS_UNSUITABLE then; resolves when the signal
 * aborts. A server that does not answer is somebody else's trouble.
 */
export async function watchSuitability(
  connection: RedisConnection,
  everyMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(everyMs, signal);
    const replies = await connection.callEach('INFO', ['memory']).catch((error: unknown) => {
      if (error instanceof Fault) return [];
      throw error;
    });
    refuse(replies, lossOf);
  }
}

/** What would be lost when a primary crashes; nothing where every one keeps an append-only file. */
export async function persistence(connection: RedisConnection): Promise<readonly string[]> {
  return (await connection.callEach('INFO', ['persistence'])).flatMap(({ address, reply }) =>
    fieldsOf(reply).get('aof_enabled') === '0'
      ? [`${address} keeps no append-only file: a crash takes the writes since its last snapshot along`]
      : [],
  );
}

/** How far the clock of the primary that is furthest off is ahead, in milliseconds; 0 where none tells its time. */
export async function clockSkewMs(connection: RedisConnection, clock: Clock): Promise<number> {
  const skews = (await connection.callEach('INFO', ['server'])).map(({ reply }) => {
    const micros = fieldsOf(reply).get('server_time_usec');
    return micros === undefined ? 0 : Number(micros) / 1000 - clock.now();
  });
  return skews.reduce((worst, skew) => (Math.abs(skew) > Math.abs(worst) ? skew : worst), 0);
}

type Info = ReadonlyMap<string, string>;

function refuse(replies: readonly ServerReply[], faultsOf: (info: Info) => readonly string[]): void {
  const faults = replies.flatMap(({ address, reply }) =>
    faultsOf(fieldsOf(reply)).map((fault) => `Redis at ${address} ${fault}`),
  );
  if (faults.length > 0) throw new Fault('REDIS_UNSUITABLE', faults.join('; '));
}

function lossOf(info: Info): readonly string[] {
  const policy = info.get('maxmemory_policy');
  if (policy === undefined || policy === 'noeviction') return [];
  return [
    `evicts keys when its memory is full (maxmemory-policy is ${policy}), and evicted state is wrong state: set maxmemory-policy to noeviction`,
  ];
}

function strangenessOf(info: Info, mode: Mode): readonly string[] {
  const faults: string[] = [];
  const [version, found, role] = ['redis_version', 'redis_mode', 'role'].map((field) => info.get(field));
  if (version !== undefined && Number.parseInt(version, 10) < oldestMajor) {
    faults.push(`is version ${version}: ${oldestMajor}.0 or newer is needed`);
  }
  if (found !== undefined && found !== modeNames[mode]) {
    const fit = found === 'standalone' ? 'single' : found;
    faults.push(`runs as ${found}, which does not fit redis.mode ${mode}: set redis.mode to ${fit}`);
  }
  if (found !== 'sentinel' && role !== undefined && role !== 'master') {
    faults.push('is a replica, which takes no writes: give the address of the primary, or of its sentinels');
  }
  return faults;
}

function fieldsOf(reply: unknown): Info {
  const lines = text(reply)
    .split(/\r?\n/)
    .filter((line) => line.includes(':'));
  return new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)] as const),
  );
}
