// The stores in memory obey the laws of stores.
import { describe } from 'vitest';
import { createMemoryStores } from '../../src/io/memory.ts';
import { storeLaws } from './store.laws.ts';

describe('memory', () => {
  storeLaws(async () => {
    let elapsedMs = 0;
    const stores = createMemoryStores({ elapsed: () => elapsedMs });
    return {
      ...stores,
      passTime: async (ms) => {
        elapsedMs += ms;
      },
      snapshot: async () => {
        const restore = stores.snapshot();
        return async () => restore();
      },
    };
  }, 500);
});
