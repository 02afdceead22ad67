// Both stores over one connection to Redis.
import type { ResultStore, ShardStore } from '../../ports.ts';
import type { RedisConnection } from './client.ts';
import type { KeySpace } from './keys.ts';
import { redisResultStore } from './results.ts';
import { redisShardStore } from './shards.ts';

/**
 * The stores of one consumer group under one key prefix. They need Redis 7.0 and `maxmemory-policy noeviction`. Keys are
 * made so that they work in a cluster as well: each script stays in one slot and names its keys.
 */
export function createRedisStores(
  connection: RedisConnection,
  space: KeySpace,
): { readonly shards: ShardStore; readonly results: ResultStore } {
  return { shards: redisShardStore(connection, space), results: redisResultStore(connection, space) };
}
