import { describe, expect, test } from 'vitest';
import { ingestInPortions } from '../../src/pipeline/portions.ts';
import { save } from '../../src/pipeline/save.ts';
import { firstMeta, heldProfiles, openShard, type Shard } from '../../src/pipeline/shard.ts';
import { batchOf, openRig, prediction, type Rig } from './rig.ts';

/** Records between two looks at the bounds. */
const portion = 250;

const minute = 60_000;

async function claimed(rig: Rig): Promise<Shard> {
  await rig.stores.shards.claim(0, 'token');
  const start = { predictions: 0, labels: 0 };
  return openShard(0, 'token', firstMeta(start), start, 0);
}

interface Seen {
  /** The shard as it was before each of its checkpoints. */
  readonly profiles: number[];
  readonly characters: number[];
}

/** Takes a batch with the checkpoints that it asks for. */
async function take(rig: Rig, shard: Shard, payloads: readonly Uint8Array[]): Promise<Seen> {
  const seen: Seen = { profiles: [], characters: [] };
  const batch = batchOf(shard.next.predictions, payloads);
  await ingestInPortions(shard, batch, rig.models, rig.settings.ingest, rig.ports, async () => {
    seen.profiles.push(heldProfiles(shard));
    seen.characters.push(shard.outgoing.reduce((sum, { value }) => sum + value.length, 0));
    const { kind } = await save(shard, rig.models, rig.settings.ingest, rig.ports);
    return kind === 'written';
  });
  return seen;
}

describe('between two checkpoints', () => {
  test('events scattered over windows and versions open no more profiles than the bound and those of one portion', async () => {
    const rig = openRig(1, 'limits: { open_windows: 100, versions_per_model: 5 }');
    const shard = await claimed(rig);
    const scattered = Array.from({ length: 5_000 }, (_, i) =>
      prediction(-(i % 1_000) * minute, { model_version: String(i % 7) }),
    );
    const { profiles } = await take(rig, shard, scattered);
    expect(profiles.length).toBeGreaterThan(3);
    // Each record of a portion may bring a window back into memory, with all of its versions.
    for (const held of profiles) expect(held).toBeLessThanOrEqual(200 + portion * 5);
    expect(heldProfiles(shard)).toBeLessThanOrEqual(200);
    const { shards } = rig.stores;
    const rows = await Promise.all(
      (await shards.progress(1))[0]!.changed.map(async ({ model, start }) =>
        shards.read(0, { model, start }),
      ),
    );
    expect(rows).toHaveLength(1_000);
    expect(shard.next.predictions).toBe(5_000);
  });

  test('raw dead letters fill no more memory than the bound and one portion', async () => {
    const rig = openRig(1, 'dead_letters: { payload: raw }');
    const shard = await claimed(rig);
    const useless = Array.from({ length: 6_000 }, () => Buffer.alloc(3_000, '?'));
    const { characters } = await take(rig, shard, useless);
    expect(characters.length).toBeGreaterThan(2);
    const perLetter = 4_600;
    for (const held of characters) expect(held).toBeLessThan(4 * 1024 * 1024 + portion * perLetter);
    expect(rig.sent.length + shard.outgoing.length).toBe(6_000);
  });

  test('no more events are folded than are to be read again after a crash', async () => {
    const rig = openRig(1, 'checkpoint: { events: 1000 }');
    const shard = await claimed(rig);
    await take(
      rig,
      shard,
      Array.from({ length: 2_600 }, () => prediction(0)),
    );
    expect(shard.stored.offsets.predictions).toBe(2_000);
    expect(shard.unsaved).toBe(600);
  });
});

test('a shard whose checkpoint is refused is fed no further', async () => {
  const rig = openRig(1, 'checkpoint: { events: 1000 }');
  const shard = await claimed(rig);
  await rig.stores.shards.claim(0, 'somebody else');
  await take(
    rig,
    shard,
    Array.from({ length: 2_600 }, () => prediction(0)),
  );
  expect(shard.next.predictions).toBe(1_000);
});

test('what a batch covers without records is passed with its last portion', async () => {
  const rig = openRig();
  const shard = await claimed(rig);
  const batch = {
    ...batchOf(
      0,
      Array.from({ length: 1_200 }, () => prediction(0)),
    ),
    nextOffset: 1_300,
  };
  await ingestInPortions(shard, batch, rig.models, rig.settings.ingest, rig.ports, async () => true);
  expect(shard.next.predictions).toBe(1_300);
  const hollow = { ...batchOf(1_300, []), nextOffset: 1_310 };
  await ingestInPortions(shard, hollow, rig.models, rig.settings.ingest, rig.ports, async () => true);
  expect(shard.next.predictions).toBe(1_310);
});
