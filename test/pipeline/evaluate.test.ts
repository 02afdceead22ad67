import { describe, expect, test } from 'vitest';
import { decodeResult } from '../../src/codec/result.ts';
import { Fault } from '../../src/fault.ts';
import { newEvaluator } from '../../src/pipeline/due.ts';
import { evaluateDue } from '../../src/pipeline/evaluate.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import type { EvaluatePorts, Round } from '../../src/pipeline/round.ts';
import { save } from '../../src/pipeline/save.ts';
import { firstMeta, openShard, type Shard } from '../../src/pipeline/shard.ts';
import type { OutboundMessage } from '../../src/ports.ts';
import { batchOf, noon, openRig, prediction, type Rig } from './rig.ts';

const minute = 60_000;
const key = { size: minute, start: noon };

async function openOwned(rig: Rig): Promise<Shard> {
  await rig.stores.shards.claim(0, 'owner');
  const start = { predictions: 0, labels: 0 };
  return openShard(0, 'owner', firstMeta(start), start, 0);
}

/** Adds events at these milliseconds after noon to what the store holds. */
async function add(rig: Rig, shard: Shard, ...times: readonly number[]): Promise<void> {
  const batch = batchOf(
    shard.next.predictions,
    times.map((time) => prediction(time)),
  );
  await ingest(shard, batch, rig.models, rig.settings.ingest, rig.ports);
  await save(shard, rig.models, rig.settings.ingest, rig.ports);
}

/** A rig whose first window has two rows and is due. */
async function openDue(changes = '{}'): Promise<{ rig: Rig; shard: Shard }> {
  const rig = openRig(1, changes);
  const shard = await openOwned(rig);
  await add(rig, shard, 1, 2, 65_000);
  return { rig, shard };
}

const live: Round = { whenIdle: -Infinity, final: false };

function evaluate(rig: Rig, changed: Partial<EvaluatePorts> = {}, round = live): Promise<number> {
  const evaluator = newEvaluator();
  return evaluateDue(evaluator, rig.models, rig.settings.evaluation, { ...rig.ports, ...changed }, round);
}

async function published(rig: Rig): Promise<unknown> {
  const stored = await rig.stores.results.result('fraud', key);
  if (stored === undefined) return undefined;
  return { revisions: stored.revisions, rows: decodeResult(stored.document).rows };
}

async function listed(rig: Rig): Promise<readonly number[]> {
  const [progress] = await rig.stores.shards.progress(1);
  return progress!.changed.map(({ start }) => start - noon).sort((a, b) => a - b);
}

describe('a due window', () => {
  test('is published once, sent, and taken off the list', async () => {
    const { rig } = await openDue();
    expect(await evaluate(rig)).toBe(1);
    expect(await published(rig)).toEqual({ revisions: 0, rows: 2 });
    expect(await listed(rig)).toEqual([minute]);
    expect(rig.sent.map(({ topic, id }) => [topic, id])).toEqual([
      ['results', expect.stringMatching(new RegExp(`^fraud/all/${minute}/${noon}/\\d{20}-[0-9a-f]{16}$`))],
    ]);
    expect(await evaluate(rig)).toBe(0);
    expect(rig.sent).toHaveLength(1);
  });

  test('costs a round in which nothing is due no more than one read', async () => {
    const { rig } = await openDue();
    const evaluator = newEvaluator();
    const { evaluation } = rig.settings;
    await evaluateDue(evaluator, rig.models, evaluation, rig.ports, live);
    const refused = () => {
      throw new Error('not needed');
    };
    const results = { ...rig.stores.results, lease: refused, state: refused };
    await evaluateDue(evaluator, rig.models, evaluation, { ...rig.ports, results }, live);
    // Every so often all the same: what a crash left half done would stay so.
    rig.clock.advance(10_000);
    const sweep = evaluateDue(evaluator, rig.models, evaluation, { ...rig.ports, results }, live);
    await expect(sweep).rejects.toThrow('not needed');
  });

  test('is left to whoever holds the lease', async () => {
    const { rig } = await openDue();
    await rig.stores.results.lease('fraud', 'another', 15_000);
    expect(await evaluate(rig)).toBe(0);
    rig.clock.advance(15_000);
    expect(await evaluate(rig)).toBe(1);
  });

  test('is not published when somebody else has committed since it was read', async () => {
    const { rig } = await openDue();
    const { results } = rig.stores;
    const late = {
      ...results,
      commit: async (...[model, commit]: Parameters<typeof results.commit>) => {
        rig.clock.advance(20_000);
        await evaluate(rig);
        return results.commit(model, commit);
      },
    };
    expect(await evaluate(rig, { results: late })).toBe(0);
    expect(await published(rig)).toEqual({ revisions: 0, rows: 2 });
    expect(rig.tally.sum('driftline_evaluations_total', { outcome: 'conflict' })).toBe(1);
    expect(rig.sent).toHaveLength(1);
  });

  test('keeps the newest content when a slow evaluator comes with an older one', async () => {
    const { rig, shard } = await openDue();
    const { shards } = rig.stores;
    const slow = {
      ...shards,
      read: async (...args: Parameters<typeof shards.read>) => {
        const parts = await shards.read(...args);
        // Its lease runs out here; another one sees a newer window and publishes that.
        rig.clock.advance(20_000);
        await add(rig, shard, 3);
        await evaluate(rig);
        return parts;
      },
    };
    expect(await evaluate(rig, { shards: slow })).toBe(0);
    expect(await published(rig)).toEqual({ revisions: 0, rows: 3 });
    expect(await listed(rig)).toEqual([minute]);
  });
});

describe('a window that changes after its publication', () => {
  test('is published again only after the distance that is set, and at once in the end', async () => {
    const { rig, shard } = await openDue('windows: { revise_every: 20s }');
    await evaluate(rig);
    await add(rig, shard, 3);
    expect(await evaluate(rig)).toBe(0);
    expect(await listed(rig)).toEqual([0, minute]);
    rig.clock.advance(19_999);
    expect(await evaluate(rig)).toBe(0);
    rig.clock.advance(1);
    expect(await evaluate(rig)).toBe(1);
    expect(await published(rig)).toEqual({ revisions: 1, rows: 3 });
    await add(rig, shard, 4);
    expect(await evaluate(rig, {}, { ...live, final: true })).toBe(1);
    expect(await published(rig)).toEqual({ revisions: 2, rows: 4 });
  });

  test('stays listed when the change came while it was being published', async () => {
    const { rig, shard } = await openDue();
    const { results } = rig.stores;
    const changing = {
      ...results,
      commit: async (...args: Parameters<typeof results.commit>) => {
        const committed = await results.commit(...args);
        await add(rig, shard, 3);
        return committed;
      },
    };
    await evaluate(rig, { results: changing });
    expect(await published(rig)).toEqual({ revisions: 0, rows: 2 });
    expect(await listed(rig)).toEqual([0, minute]);
    await evaluate(rig);
    expect(await published(rig)).toEqual({ revisions: 1, rows: 3 });
    expect(await listed(rig)).toEqual([minute]);
  });

  test('is published no further time where the same parts are listed again', async () => {
    const { rig } = await openDue();
    const restore = rig.stores.shards;
    const forgetful = { ...restore, acknowledge: async () => undefined };
    await evaluate(rig, { shards: forgetful });
    expect(await listed(rig)).toEqual([0, minute]);
    expect(await evaluate(rig)).toBe(0);
    expect(await listed(rig)).toEqual([minute]);
    expect(rig.sent).toHaveLength(1);
  });

  test('is taken off the list when retention has removed its profiles, and its result stands', async () => {
    const { rig, shard } = await openDue();
    await evaluate(rig);
    await add(rig, shard, 3);
    const { shards } = rig.stores;
    const expired = {
      ...shards,
      read: async (...args: Parameters<typeof shards.read>) => ({
        ...(await shards.read(...args)),
        parts: [],
      }),
    };
    expect(await evaluate(rig, { shards: expired })).toBe(0);
    expect(await published(rig)).toEqual({ revisions: 0, rows: 2 });
    expect(await listed(rig)).toEqual([minute]);
  });
});

describe('a store that is rolled back', () => {
  test('between a commit and its acknowledgement gets the result again', async () => {
    const { rig } = await openDue();
    const restore = rig.stores.snapshot();
    const { shards } = rig.stores;
    let rolledBack = false;
    const failing = {
      ...shards,
      acknowledge: async (...args: Parameters<typeof shards.acknowledge>) => {
        if (!rolledBack) restore();
        rolledBack = true;
        await shards.acknowledge(...args);
      },
    };
    await evaluate(rig, { shards: failing });
    expect(await published(rig)).toEqual({ revisions: 0, rows: 2 });
    // Sent twice under one id, which tells readers that it is one.
    expect(new Set(rig.sent.map(({ id }) => id)).size).toBe(1);
  });

  test('between the listing of a window and its read leaves on the list what is still to come', async () => {
    // With and without anything of the window in the store that was put back.
    for (const [before, after] of [[[1, 65_000], [2]] as const, [[65_000], [1, 2]] as const]) {
      const rig = openRig();
      const shard = await openOwned(rig);
      await add(rig, shard, ...before);
      const restore = rig.stores.snapshot();
      await add(rig, shard, ...after);
      const { shards, results } = rig.stores;
      let leases = 0;
      const rolledBack = {
        ...results,
        lease: async (...args: Parameters<typeof results.lease>) => {
          leases += 1;
          if (leases === 1) restore();
          return results.lease(...args);
        },
      };
      // The owner notices, reads the records again, and comes to the same offset.
      const catchUp = async () => {
        const meta = (await shards.claim(0, 'owner'))!;
        await add(rig, openShard(0, 'owner', meta, meta.offsets, 0), ...after);
      };
      const caughtUp = {
        ...shards,
        acknowledge: async (...args: Parameters<typeof shards.acknowledge>) => {
          await catchUp();
          await shards.acknowledge(...args);
        },
      };
      await evaluate(rig, { results: rolledBack, shards: caughtUp });
      if (before.length === 1) await catchUp();
      expect(await listed(rig)).toEqual([0, minute]);
      await evaluate(rig);
      expect(await published(rig)).toMatchObject({ rows: 2 });
    }
  });
});

describe('the outbox', () => {
  test('is sent again under the same ids when the acknowledgement was lost', async () => {
    const { rig } = await openDue();
    const arrived: OutboundMessage[] = [];
    const outbound = {
      send: async (messages: readonly OutboundMessage[]) => {
        arrived.push(...messages);
        throw new Fault('KAFKA_FAILED', 'the acknowledgement is lost');
      },
    };
    await expect(evaluate(rig, { outbound })).rejects.toThrow('the acknowledgement is lost');
    // The lease is not left behind: whoever comes next may go on at once.
    await evaluate(rig);
    expect(rig.sent).toEqual(arrived);
    expect(await rig.stores.results.outbox('fraud', 10)).toEqual([]);
  });
});
