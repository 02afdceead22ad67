// How to make a real Redis say "not now", and how to make it stop.
import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultCode } from '../../src/fault.ts';
import { connectRedis, type RedisConnection } from '../../src/io/redis/client.ts';
import { quiet } from './kafka-rig.ts';
import type { RedisServer } from './redis-server.ts';

export interface Trouble {
  /** What the server has to be started with. */
  readonly options?: readonly string[];
  readonly code: FaultCode;
  /** As the metric calls it. */
  readonly reason: string;
  /** What the message of a refused command says. */
  readonly says: RegExp;
  /** Makes the trouble; the function returned ends it. */
  begin(server: RedisServer, admin: RedisConnection): Promise<() => Promise<unknown>>;
}

function setting(name: string, during: string, after: string): Trouble['begin'] {
  return async (_, admin) => {
    await admin.call('CONFIG', ['SET', name, during]);
    return () => admin.call('CONFIG', ['SET', name, after]);
  };
}

export const troubles: Readonly<Record<string, Trouble>> = {
  'a full memory': {
    ...{ code: 'REDIS_UNAVAILABLE', reason: 'out_of_memory', says: /checkpoint: OOM/ },
    begin: setting('maxmemory', '1', '0'),
  },
  'a primary that became a replica': {
    ...{ code: 'REDIS_UNAVAILABLE', reason: 'read_only', says: /checkpoint: READONLY/ },
    async begin(_, admin) {
      await admin.call('REPLICAOF', ['127.0.0.1', '1']);
      return () => admin.call('REPLICAOF', ['NO', 'ONE']);
    },
  },
  'a disk that takes no snapshots': {
    ...{ code: 'REDIS_UNAVAILABLE', reason: 'not_persisting', says: /checkpoint: MISCONF/ },
    async begin({ directory }, admin) {
      const inTheWay = join(directory, 'dump.rdb');
      await mkdir(inTheWay);
      await admin.call('CONFIG', ['SET', 'save', '3600 1']);
      await saved(admin, 'err');
      return async () => {
        await rmdir(inTheWay);
        await saved(admin, 'ok');
      };
    },
  },
  'too few replicas': {
    ...{ code: 'REDIS_UNAVAILABLE', reason: 'too_few_replicas', says: /checkpoint: NOREPLICAS/ },
    begin: setting('min-replicas-to-write', '1', '0'),
  },
  'a script of somebody else that does not end': {
    ...{ code: 'REDIS_UNAVAILABLE', reason: 'busy_script', says: /checkpoint: BUSY/ },
    options: ['--busy-reply-threshold', '50'],
    async begin({ url }, admin) {
      // The one that runs it cannot end it: its commands wait behind the script.
      const other = await connectRedis({ url, connectTimeoutMs: 5_000, commandTimeoutMs: 60_000 }, quiet);
      const endless = other.call('EVAL', ['while true do end', '0']).catch(() => undefined);
      await sleep(200);
      return async () => {
        await admin.call('SCRIPT', ['KILL']);
        await endless;
        await other.close();
      };
    },
  },
  'a server that is loading': {
    ...{ code: 'REDIS_UNREACHABLE', reason: 'unreachable', says: /checkpoint: Command timed out/ },
    async begin(server, admin) {
      const keys = Array.from({ length: 40 }, (_, i) => [`other:${i}`, 'x'.repeat(2_000)]).flat();
      await admin.call('MSET', keys);
      await admin.call('SAVE', []);
      await server.kill();
      const slowly = ['--key-load-delay', '100000', '--loading-process-events-interval-bytes', '1024'];
      const loaded = server.start([...slowly, '--rdbcompression', 'no']);
      return () => loaded;
    },
  },
  'a server that is gone': {
    ...{ code: 'REDIS_UNREACHABLE', reason: 'unreachable', says: /checkpoint: Command timed out/ },
    async begin(server, admin) {
      await admin.call('SAVE', []);
      await server.kill();
      return () => server.start();
    },
  },
  'a server that hangs': {
    ...{ code: 'REDIS_UNREACHABLE', reason: 'unreachable', says: /checkpoint: Command timed out/ },
    async begin(server) {
      server.freeze();
      return async () => server.wake();
    },
  },
};

async function saved(admin: RedisConnection, status: 'ok' | 'err'): Promise<void> {
  await admin.call('BGSAVE', []);
  for (const end = performance.now() + 10_000; performance.now() < end; await sleep(20)) {
    const info = String(await admin.call('INFO', ['persistence']));
    if (info.includes('rdb_bgsave_in_progress:0') && info.includes(`rdb_last_bgsave_status:${status}`))
      return;
  }
  throw new Error(`the snapshot did not end with ${status}`);
}
