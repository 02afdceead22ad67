import { describe, expect, test } from 'vitest';
import { partitionOf } from '../../src/codec/partitioner.ts';
import { decodeResult } from '../../src/codec/result.ts';
import { newEvaluator } from '../../src/pipeline/due.ts';
import { evaluateDue } from '../../src/pipeline/evaluate.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import type { EvaluatePorts, Round } from '../../src/pipeline/round.ts';
import { save } from '../../src/pipeline/save.ts';
import { firstMeta, openShard, type Shard } from '../../src/pipeline/shard.ts';
import { batchOf, noon, openRig, prediction, type Rig } from './rig.ts';

const minute = 60_000;
const shards = 2;
const all = new Set([0, 1]);
const home = partitionOf('fraud', shards);

interface Owned {
  readonly rig: Rig;
  readonly shards: readonly Shard[];
}

async function openOwned(): Promise<Owned> {
  const rig = openRig(shards);
  const start = { predictions: 0, labels: 0 };
  const open = async (shard: number): Promise<Shard> => {
    await rig.stores.shards.claim(shard, 'owner');
    return openShard(shard, 'owner', firstMeta(start), start, 0);
  };
  return { rig, shards: await Promise.all([open(0), open(1)]) };
}

/** Adds events at these milliseconds after noon to a shard in the store. */
async function add({ rig, shards }: Owned, shard: number, ...times: readonly number[]): Promise<void> {
  const own = shards[shard]!;
  const payloads = times.map((time) => prediction(time));
  const batch = { ...batchOf(own.next.predictions, payloads), shard };
  await ingest(own, batch, rig.models, rig.settings.ingest, rig.ports);
  await save(own, rig.models, rig.settings.ingest, rig.ports);
}

function evaluator({ rig }: Owned, changed: Partial<EvaluatePorts> = {}) {
  const memory = newEvaluator();
  return {
    memory,
    round: (more: Partial<Round> = {}) =>
      evaluateDue(
        memory,
        rig.models,
        rig.settings.evaluation,
        { ...rig.ports, ...changed },
        { whenIdle: -Infinity, final: false, owned: all, ...more },
      ),
  };
}

/** Ports that count the windows which are read whole. */
function counting(rig: Rig) {
  const counted = { reads: 0 };
  const store = rig.stores.shards;
  const ports = {
    shards: {
      ...store,
      read: (...args: Parameters<typeof store.read>) => {
        counted.reads += 1;
        return store.read(...args);
      },
    },
  };
  return { counted, ports };
}

async function rowsPublished({ rig }: Owned): Promise<number | undefined> {
  const stored = await rig.stores.results.result('fraud', { size: minute, start: noon });
  return stored && decodeResult(stored.document).rows;
}

describe('a window that every shard has seen the end of', () => {
  test('is worked out before it is due, and published then without being read again', async () => {
    const stage = await openOwned();
    const { counted, ports } = counting(stage.rig);
    const { memory, round } = evaluator(stage, ports);
    await add(stage, 0, 1, 2, 61_000);
    await add(stage, 1, 3, 62_000);
    expect(await round()).toBe(0);
    expect(memory.prepared.size).toBe(1);
    expect(counted.reads).toBe(shards);
    await add(stage, 0, 65_000);
    await add(stage, 1, 66_000);
    expect(await round()).toBe(1);
    expect(await rowsPublished(stage)).toBe(3);
    expect(counted.reads).toBe(shards);
    await round();
    expect(memory.prepared.size).toBe(0);
  });

  test('is read once more where it has changed since', async () => {
    const stage = await openOwned();
    const { memory, round } = evaluator(stage);
    await add(stage, 0, 1, 61_000);
    await add(stage, 1, 3, 61_000);
    await round();
    await add(stage, 1, 4, 65_000);
    await add(stage, 0, 65_000);
    expect(memory.prepared.size).toBe(1);
    expect(await round()).toBe(1);
    expect(await rowsPublished(stage)).toBe(3);
  });

  test('is worked out again when most of its time has gone by', async () => {
    const stage = await openOwned();
    const { counted, ports } = counting(stage.rig);
    const { round } = evaluator(stage, ports);
    await add(stage, 0, 1, 61_000);
    await add(stage, 1, 3, 61_000);
    await round();
    await add(stage, 0, 4);
    await round();
    expect(counted.reads).toBe(shards);
    await add(stage, 0, 62_500);
    await add(stage, 1, 62_500);
    await round();
    expect(counted.reads).toBe(2 * shards);
    await round();
    expect(counted.reads).toBe(2 * shards);
  });

  test('is left alone by a process that reads another shard, and by one that is alone with its input', async () => {
    const stage = await openOwned();
    await add(stage, 0, 1, 61_000);
    await add(stage, 1, 3, 61_000);
    const { memory, round } = evaluator(stage);
    await round({ owned: new Set([1 - home]) });
    expect(memory.prepared.size).toBe(0);
    const alone = evaluator(stage);
    const { evaluation } = stage.rig.settings;
    await evaluateDue(alone.memory, stage.rig.models, evaluation, stage.rig.ports, {
      whenIdle: -Infinity,
      final: false,
    });
    expect(alone.memory.prepared.size).toBe(0);
  });
});

describe('a window that has just come due', () => {
  test('is left to the process that has prepared it for a second, and then taken by any', async () => {
    const stage = await openOwned();
    const { round } = evaluator(stage);
    const other = { owned: new Set([1 - home]) };
    await add(stage, 0, 1, 65_000);
    await add(stage, 1, 3, 65_000);
    expect(await round(other)).toBe(0);
    stage.rig.clock.advance(999);
    expect(await round(other)).toBe(0);
    stage.rig.clock.advance(1);
    expect(await round(other)).toBe(1);
  });

  test('is taken by its own process at once', async () => {
    const stage = await openOwned();
    const { round } = evaluator(stage);
    await add(stage, 0, 1, 65_000);
    await add(stage, 1, 3, 65_000);
    expect(await round({ owned: new Set([home]) })).toBe(1);
  });

  test('is not left for long to others where the clock was set back', async () => {
    const stage = await openOwned();
    await add(stage, 0, 1, 65_000);
    await add(stage, 1, 3, 65_000);
    const { clock } = stage.rig;
    const { round } = evaluator(stage, { clock: { ...clock, now: () => clock.now() - 3_600_000 } });
    expect(await round({ owned: new Set([1 - home]) })).toBe(1);
  });
});

test('nothing further is begun once it is time to end', async () => {
  const stage = await openOwned();
  const { round, memory } = evaluator(stage);
  await add(stage, 0, 1, 65_000);
  await add(stage, 1, 3, 65_000);
  expect(await round({ until: AbortSignal.abort() })).toBe(0);
  expect(memory.prepared.size).toBe(0);
});
