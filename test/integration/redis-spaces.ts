// Empty stores for the laws, each under a key prefix of its own on one real Redis.
import type { RedisConnection } from '../../src/io/redis/client.ts';
import { createRedisStores } from '../../src/io/redis/stores.ts';
import type { OpenEmptyStores } from '../laws/store-samples.ts';

/** A connection for the stores, and one that may do everything. */
export interface RedisSite {
  readonly connection: RedisConnection;
  readonly admin: RedisConnection;
}

let spaces = 0;

/** Opens stores that hold nothing. */
export function emptyStoresOf(site: () => RedisSite): OpenEmptyStores {
  return async () => {
    spaces += 1;
    const space = { prefix: `driftline:laws-${spaces}`, group: 'group {1}' };
    const { admin, connection } = site();
    return {
      ...createRedisStores(connection, space),
      passTime: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      snapshot: () => snapshot(admin, `${space.prefix}:*`),
    };
  };
}

/** Remembers all keys of a pattern. */
async function snapshot(admin: RedisConnection, pattern: string): Promise<() => Promise<void>> {
  const keys = async () =>
    (await admin.callEach('KEYS', [pattern])).flatMap(({ reply }) => reply as Buffer[]);
  const dumps = await Promise.all(
    (await keys()).map(async (key) => [key, (await admin.call('DUMP', [key])) as Buffer] as const),
  );
  return async () => {
    for (const key of await keys()) await admin.call('DEL', [key]);
    for (const [key, dump] of dumps) await admin.call('RESTORE', [key, '0', dump]);
  };
}
