// Defects on purpose: what the pipeline would be without one of its guards. A simulation must notice each of them.
import type { MemoryStores } from '../../src/io/memory.ts';
import type { RunPorts } from '../../src/pipeline/run.ts';
import type { Offsets, OutboundMessage, ShardStore } from '../../src/ports.ts';
import type { Defect } from './world.ts';

/**
 * The token alone cannot be missed by what it leads to: what two owners make of the same offsets is the same, and the
 * expected offsets let only one of them go on. It is missed together with them.
 */
export const defects: Readonly<Record<string, Defect>> = {
  'a checkpoint that ignores the expected offsets': { storesOf: ignoringOffsets },
  'a checkpoint that ignores the token and the expected offsets': {
    storesOf: (stores) => ignoringOffsets(ignoringTokens(stores)),
  },
  'dead letters sent after the checkpoint that passes them': { portsOf: deadLettersLast },
  'a commit that ignores the head': { storesOf: ignoringHeads },
  'an acknowledgement that takes newer changes too': { storesOf: acknowledgingAll },
  'outbox rows that are gone before they are sent': { portsOf: rowsLost },
};

/** What a defective store knows besides; it goes back with the store. */
function remembering<Value>(
  stores: MemoryStores,
  shardsOf: (shards: ShardStore, known: Map<number, Value>) => Partial<ShardStore>,
): MemoryStores {
  const known = new Map<number, Value>();
  return {
    ...stores,
    shards: { ...stores.shards, ...shardsOf(stores.shards, known) },
    snapshot: () => {
      const restore = stores.snapshot();
      const remembered = [...known];
      return () => {
        restore();
        known.clear();
        for (const [shard, value] of remembered) known.set(shard, value);
      };
    },
  };
}

function ignoringTokens(stores: MemoryStores): MemoryStores {
  return remembering<string>(stores, (shards, owners) => ({
    claim: (shard, token) => {
      owners.set(shard, token);
      return shards.claim(shard, token);
    },
    checkpoint: (shard, checkpoint) =>
      shards.checkpoint(shard, { ...checkpoint, token: owners.get(shard) ?? checkpoint.token }),
  }));
}

function ignoringOffsets(stores: MemoryStores): MemoryStores {
  return remembering<Offsets>(stores, (shards, stored) => ({
    checkpoint: async (shard, checkpoint) => {
      const expected = stored.get(shard) ?? checkpoint.expected;
      const outcome = await shards.checkpoint(shard, { ...checkpoint, expected });
      if (outcome.kind === 'written') stored.set(shard, checkpoint.meta.offsets);
      return outcome;
    },
  }));
}

function ignoringHeads(stores: MemoryStores): MemoryStores {
  const { results } = stores;
  return {
    ...stores,
    results: {
      ...results,
      commit: async (model, commit) => {
        const { head } = await results.state(model);
        return results.commit(model, { ...commit, expected: head });
      },
    },
  };
}

function acknowledgingAll(stores: MemoryStores): MemoryStores {
  const { shards } = stores;
  return {
    ...stores,
    shards: {
      ...shards,
      acknowledge: async (shard, changed) => {
        const listed = (await shards.progress(shard + 1))[shard]!.changed;
        const taken = listed.filter((window) =>
          changed.some(({ model, start }) => model === window.model && start === window.start),
        );
        await shards.acknowledge(shard, taken);
      },
    },
  };
}

function deadLettersLast(ports: RunPorts): RunPorts {
  const waiting: OutboundMessage[] = [];
  return {
    ...ports,
    outbound: {
      send: async (messages) => {
        waiting.push(...messages.filter(({ topic }) => topic === 'dead_letters'));
        const others = messages.filter(({ topic }) => topic !== 'dead_letters');
        if (others.length > 0) await ports.outbound.send(others);
      },
    },
    shards: {
      ...ports.shards,
      checkpoint: async (shard, checkpoint) => {
        const passed = waiting.splice(0);
        const outcome = await ports.shards.checkpoint(shard, checkpoint);
        if (passed.length > 0) await ports.outbound.send(passed);
        return outcome;
      },
    },
  };
}

function rowsLost(ports: RunPorts): RunPorts {
  return {
    ...ports,
    results: {
      ...ports.results,
      outbox: async (model, limit) => {
        const rows = await ports.results.outbox(model, limit);
        await ports.results.sent(model, rows);
        return rows;
      },
    },
  };
}
