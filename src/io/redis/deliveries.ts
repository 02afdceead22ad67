// Deliveries over Redis: one key for each, which goes by itself.
import type { Deliveries } from '../../delivery.ts';
import type { RedisConnection } from './client.ts';

/** Where a group keeps what it delivered to one receiver: another receiver gets all of it. */
export interface DeliverySpace {
  readonly prefix: string;
  readonly group: string;
  /** Names the receiver. */
  readonly receiver: string;
}

/** Throws the Faults of `RedisConnection.call`. */
export function createRedisDeliveries(
  redis: Pick<RedisConnection, 'call'>,
  space: DeliverySpace,
): Deliveries {
  const keyOf = (id: string) => `${space.prefix}:${space.group}:delivered:${space.receiver}:${id}`;
  return {
    isDelivered: async (id) => (await redis.call('GET', [keyOf(id)])) !== null,
    remember: async (id, ttlMs) => {
      await redis.call('SET', [keyOf(id), '1', 'PX', String(ttlMs)]);
    },
  };
}
