import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeProfile } from '../../src/codec/profile.ts';
import type { RecordBatch } from '../../src/log-source.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { save } from '../../src/pipeline/save.ts';
import { currentMeta, firstMeta, openShard, type Shard } from '../../src/pipeline/shard.ts';
import { batchOf, openRig, prediction, type Rig } from './rig.ts';

async function claimed(rig: Rig): Promise<Shard> {
  const stored = await rig.stores.shards.claim(0, 'token');
  const meta = stored ?? firstMeta({ predictions: 0, labels: 0 });
  return openShard(0, 'token', meta, meta.offsets, 0);
}

async function take(rig: Rig, shard: Shard, ...batches: readonly RecordBatch[]): Promise<void> {
  for (const batch of batches) await ingest(shard, batch, rig.models, rig.settings.ingest, rig.ports);
}

/** Everything that the shard has made of its records: profiles in memory as bytes, time, offsets and rejects. */
function contentOf(rig: Rig, shard: Shard): object {
  const { schema } = rig.models.get('fraud')!;
  const profiles = [...shard.open].flatMap(([id, { versions }]) =>
    [...versions].map(([version, { profile, offset }]) => ({
      ...{ id, version, offset },
      bytes: Buffer.from(encodeProfile(profile, schema)).toString('base64'),
    })),
  );
  const byId = profiles.sort((a, b) => (`${a.id}\0${a.version}` < `${b.id}\0${b.version}` ? -1 : 1));
  return { meta: currentMeta(shard), rejects: shard.outgoing.map(({ id }) => id), profiles: byId };
}

describe('ingesting a batch', () => {
  const payloads = [prediction(1), prediction(2), prediction(70_000), Buffer.from('?'), prediction(3)];

  test('a batch that comes a second time changes nothing', async () => {
    const rig = openRig();
    const shard = await claimed(rig);
    await take(rig, shard, batchOf(0, payloads));
    const once = contentOf(rig, shard);
    await take(rig, shard, batchOf(0, payloads), batchOf(1, payloads.slice(1, 3)));
    expect(contentOf(rig, shard)).toEqual(once);
  });

  test('of a batch that was partly seen the rest is taken', async () => {
    const [rig, whole] = [openRig(), openRig()];
    const [shard, expected] = [await claimed(rig), await claimed(whole)];
    await take(rig, shard, batchOf(0, payloads.slice(0, 3)), batchOf(1, payloads.slice(1)));
    await take(whole, expected, batchOf(0, payloads));
    expect(contentOf(rig, shard)).toEqual(contentOf(whole, expected));
  });

  test('offsets that hold no record are passed', async () => {
    const rig = openRig();
    const shard = await claimed(rig);
    const compacted = { ...batchOf(5, [prediction(1)]), firstOffset: 3, nextOffset: 9, endOffset: 12 };
    await take(rig, shard, compacted);
    expect(shard.next.predictions).toBe(9);
    expect(shard.ends.predictions).toBe(12);
    const [window] = shard.open.values();
    expect(window!.versions.get('1')).toMatchObject({ offset: 6, profile: { rows: 1 } });
  });

  test('a batch of no records moves the position, and is written', async () => {
    const rig = openRig();
    const shard = await claimed(rig);
    await take(rig, shard, { ...batchOf(0, []), nextOffset: 4, endOffset: 4 });
    expect(shard.next.predictions).toBe(4);
    expect(shard.unsaved).toBeGreaterThan(0);
  });

  test('a late event finds what its window held, although it had left memory', async () => {
    const rig = openRig();
    const shard = await claimed(rig);
    await take(rig, shard, batchOf(0, [prediction(1), prediction(200_000)]));
    await save(shard, rig.models, rig.settings.ingest, rig.ports);
    expect([...shard.open.values()].map(({ start }) => start - rig.clock.now())).toEqual([180_000]);
    await take(rig, shard, batchOf(2, [prediction(2)]));
    const late = [...shard.open.values()].find(({ start }) => start === rig.clock.now());
    expect(late!.versions.get('1')!.profile.rows).toBe(2);
    expect(rig.tally.sum('driftline_late_events_total')).toBe(1);
  });

  test('lateness is judged record by record, not batch by batch', async () => {
    const rig = openRig(1, 'windows: { revision_horizon: 10m, max_clock_skew: 1h }');
    const shard = await claimed(rig);
    // The second event is taken because the third, which makes it too late, has not been read yet.
    const times = [0, -500_000, 700_000, -500_000];
    await take(
      rig,
      shard,
      batchOf(
        0,
        times.map((time) => prediction(time)),
      ),
    );
    expect(shard.outgoing.map(({ id }) => id)).toEqual(['predictions/0/3']);
  });
});

describe('whatever the boundaries of batches and checkpoints', () => {
  const event = fc.record({
    time: fc.integer({ min: -240_000, max: 240_000 }),
    version: fc.constantFrom('1', '2', '3'),
    value: fc.oneof(fc.double(), fc.constantFrom(null, 'x', 'NaN', 7, 7)),
  });
  /** After a record: nothing, the end of a batch, a checkpoint, or a crash after one. */
  const cut = fc.constantFrom('none', 'batch', 'checkpoint', 'crash');
  const settings = 'limits: { versions_per_model: 2, open_windows: 10 }\nwindows: { revision_horizon: 3m }';

  test('the stored profiles are the same bytes', async () => {
    const records = fc.array(fc.tuple(event, cut), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(records, async (cuts) => {
        const payloads = cuts.map(([{ time, version, value }]) =>
          prediction(time, { model_version: version, features: { amount: value, country: 'de' } }),
        );
        const whole = await storedAfter(payloads, [], settings);
        const pieces = await storedAfter(
          payloads,
          cuts.map(([, kind]) => kind),
          settings,
        );
        expect(pieces).toEqual(whole);
      }),
      { numRuns: 150 },
    );
  });

  /** Everything that the store holds in the end, when the records are cut so. */
  async function storedAfter(
    payloads: readonly Uint8Array[],
    cuts: readonly string[],
    changes: string,
  ): Promise<object> {
    const rig = openRig(1, changes);
    let shard = await claimed(rig);
    let from = 0;
    for (let to = 1; to <= payloads.length; to++) {
      const kind = to === payloads.length ? 'checkpoint' : (cuts[to - 1] ?? 'none');
      if (kind === 'none') continue;
      await take(rig, shard, batchOf(from, payloads.slice(from, to)));
      from = to;
      if (kind === 'batch') continue;
      await save(shard, rig.models, rig.settings.ingest, rig.ports);
      if (kind === 'crash') shard = await claimed(rig);
    }
    const { shards } = rig.stores;
    const [progress] = await shards.progress(1);
    const parts = [];
    for (const window of progress!.changed) parts.push((await shards.read(0, window)).parts);
    const rejects = rig.sent.map(({ id, value }) => [id, value]);
    return { progress, parts, rejects, meta: await shards.claim(0, 'reader') };
  }
});
