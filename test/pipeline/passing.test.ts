// What a shard tells of event time ahead of its checkpoints, and how often it makes them.
import { describe, expect, test } from 'vitest';
import { ingest } from '../../src/pipeline/ingest.ts';
import { hasRested, save, tellPassing } from '../../src/pipeline/save.ts';
import { firstMeta, openShard, type Shard } from '../../src/pipeline/shard.ts';
import { batchOf, noon, openRig, prediction, type Rig } from './rig.ts';

const minute = 60_000;

async function openOwned(rig: Rig): Promise<Shard> {
  await rig.stores.shards.claim(0, 'owner');
  const start = { predictions: 0, labels: 0 };
  return openShard(0, 'owner', firstMeta(start), start, 0);
}

function fold(rig: Rig, shard: Shard, ...times: readonly number[]): Promise<void> {
  const payloads = times.map((time) => prediction(time));
  return ingest(shard, batchOf(shard.next.predictions, payloads), rig.models, rig.settings.ingest, rig.ports);
}

const tell = (rig: Rig, shard: Shard) => tellPassing(shard, rig.models, rig.settings.ingest, rig.ports);
const store = (rig: Rig, shard: Shard) => save(shard, rig.models, rig.settings.ingest, rig.ports);

async function readers(rig: Rig) {
  const [{ watermark, offsets, passedAt } = expect.unreachable()] = await rig.stores.shards.progress(1);
  return { watermark: watermark - noon, offsets: offsets?.predictions, passedAt };
}

describe('a shard whose event time passes the end of a window', () => {
  test('says so at once, and writes nothing, where the store has all of that window', async () => {
    const rig = openRig();
    const shard = await openOwned(rig);
    await fold(rig, shard, 1, 62_000);
    await store(rig, shard);
    rig.clock.advance(300);
    await fold(rig, shard, 65_000);
    expect(await tell(rig, shard)).toEqual({ kind: 'written' });
    expect(await readers(rig)).toEqual({ watermark: minute, offsets: 2, passedAt: noon + 300 });
    expect(shard.unsaved).toBe(1);
    expect(await tell(rig, shard)).toBeUndefined();
  });

  test('stores the window first where it has changed since', async () => {
    const rig = openRig();
    const shard = await openOwned(rig);
    await fold(rig, shard, 1);
    await store(rig, shard);
    await fold(rig, shard, 2, 65_000);
    expect(await tell(rig, shard)).toEqual({ kind: 'written' });
    expect(await readers(rig)).toMatchObject({ watermark: minute, offsets: 3 });
  });

  test('does not store it at the cost of everything else', async () => {
    const rig = openRig();
    const shard = await openOwned(rig);
    await fold(rig, shard, 1);
    await store(rig, shard);
    shard.saveMs = 2_000;
    await fold(rig, shard, 2, 65_000);
    rig.clock.advance(1_999);
    expect(await tell(rig, shard)).toBeUndefined();
    rig.clock.advance(1);
    expect(await tell(rig, shard)).toEqual({ kind: 'written' });
  });

  test('is told when somebody else owns it, or when the store was rolled back', async () => {
    const rig = openRig();
    const shard = await openOwned(rig);
    await fold(rig, shard, 1);
    await store(rig, shard);
    const rollBack = rig.stores.snapshot();
    await fold(rig, shard, 62_000);
    await store(rig, shard);
    await fold(rig, shard, 65_000);
    rollBack();
    expect(await tell(rig, shard)).toEqual({ kind: 'moved' });
    await rig.stores.shards.claim(0, 'thief');
    expect(await tell(rig, shard)).toEqual({ kind: 'fenced' });
    expect(await readers(rig)).toMatchObject({ offsets: 1 });
  });

  test('says nothing within a window, nor of where it begins', async () => {
    const rig = openRig();
    const shard = await openOwned(rig);
    await fold(rig, shard, 5_000);
    expect(await tell(rig, shard)).toBeUndefined();
    await store(rig, shard);
    await fold(rig, shard, 64_999);
    expect(await tell(rig, shard)).toBeUndefined();
  });
});

test('checkpoints take a fifth of the time at most', async () => {
  const rig = openRig();
  const shard = await openOwned(rig);
  const { shards } = rig.stores;
  const slow: typeof shards = {
    ...shards,
    checkpoint: (...args) => {
      rig.clock.advance(500);
      return shards.checkpoint(...args);
    },
  };
  await fold(rig, shard, 1);
  await save(shard, rig.models, rig.settings.ingest, { ...rig.ports, shards: slow });
  rig.clock.advance(1_999);
  expect(hasRested(shard, rig.clock.elapsed())).toBe(false);
  rig.clock.advance(1);
  expect(hasRested(shard, rig.clock.elapsed())).toBe(true);
});
