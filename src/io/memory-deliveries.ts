// Deliveries in memory: the twin that tests and laws hold against Redis.
import type { Deliveries } from '../delivery.ts';
import type { Clock } from '../ports.ts';

/** Empty at first; what was remembered goes when its time has come. */
export function createMemoryDeliveries(clock: Pick<Clock, 'now'>): Deliveries {
  const until = new Map<string, number>();
  return {
    isDelivered: async (id) => (until.get(id) ?? -Infinity) > clock.now(),
    remember: async (id, ttlMs) => {
      until.set(id, clock.now() + ttlMs);
    },
  };
}
