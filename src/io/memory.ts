// Both stores in memory: for replay, demonstrations and simulations, and as the twin of Redis in the laws.
import type { Clock, ResultStore, ShardStore } from '../ports.ts';
import { emptyResultState, memoryResultStore } from './memory-results.ts';
import { emptyShardState, memoryShardStore } from './memory-shards.ts';

export interface MemoryStores {
  readonly shards: ShardStore;
  readonly results: ResultStore;
  /** Remembers the content of both stores; the function returned puts it back, as a database restored from a backup. */
  snapshot(): () => void;
}

/**
 * Empty stores. Arrays of bytes that are handed over belong to the store and must not be written to any more; arrays
 * that it hands out are copies and belong to the reader. Nothing expires but leases, by the elapsed time of `clock`:
 * retention is wall-clock time, of which a replay spends next to none.
 */
export function createMemoryStores(clock: Pick<Clock, 'elapsed'>): MemoryStores {
  const shards = emptyShardState();
  const results = emptyResultState();
  return {
    shards: memoryShardStore(shards),
    results: memoryResultStore(results, clock),
    snapshot: () => {
      const restoreShards = shards.snapshot();
      const restoreResults = results.snapshot();
      return () => {
        restoreShards();
        restoreResults();
      };
    },
  };
}
