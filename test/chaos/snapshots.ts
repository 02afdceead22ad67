// Copies of what Redis held at some moments of the run, to one of which it can be put back.
import type { RedisServer } from './servers.ts';

export interface Snapshots {
  /** Keeps what Redis holds now. */
  take(): Promise<void>;
  /** Puts back one of the copies, the older the smaller the chance is. What came after it has never been: no later one leads there. */
  putBack(chance: number): Promise<void>;
}

/** How many copies are within reach. */
const copiesMax = 6;

/** No copies yet; `save` makes Redis write its dump. */
export function createSnapshots(redis: RedisServer, save: () => Promise<unknown>): Snapshots {
  const copies: number[] = [];
  return {
    async take() {
      copies.push(await redis.keep(save));
      for (const old of copies.splice(0, copies.length - copiesMax)) await redis.discard(old);
    },
    async putBack(chance) {
      const at = Math.floor(chance * copies.length);
      const copy = copies[at];
      if (copy === undefined) throw new Error('there is no copy yet');
      for (const newer of copies.splice(at + 1)) await redis.discard(newer);
      await redis.putBack(copy);
    },
  };
}
