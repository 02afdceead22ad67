import { describe, expect, test } from 'vitest';
import { Fault } from '../../src/fault.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { save } from '../../src/pipeline/save.ts';
import { firstMeta, isUnsaved, openShard, type Shard } from '../../src/pipeline/shard.ts';
import { batchOf, noon, openRig, prediction, type Rig } from './rig.ts';

async function claimed(rig: Rig, token = 'token'): Promise<Shard> {
  const stored = await rig.stores.shards.claim(0, token);
  const meta = stored ?? firstMeta({ predictions: 0, labels: 0 });
  return openShard(0, token, meta, meta.offsets, 0);
}

const records = [prediction(1), Buffer.from('not json'), prediction(2)];

async function filled(rig: Rig): Promise<Shard> {
  const shard = await claimed(rig);
  await ingest(shard, batchOf(0, records), rig.models, rig.settings.ingest, rig.ports);
  return shard;
}

const saved = (rig: Rig, shard: Shard) => save(shard, rig.models, rig.settings.ingest, rig.ports);

describe('a checkpoint', () => {
  test('is made after the dead letters that it passes have been sent', async () => {
    const rig = openRig();
    const shard = await filled(rig);
    const order: string[] = [];
    const { shards } = rig.stores;
    await save(shard, rig.models, rig.settings.ingest, {
      ...rig.ports,
      outbound: { send: async (messages) => void order.push(...messages.map(({ id }) => id)) },
      shards: {
        ...shards,
        checkpoint: (...args) => {
          order.push('checkpoint');
          return shards.checkpoint(...args);
        },
      },
    });
    expect(order).toEqual(['predictions/0/1', 'checkpoint']);
  });

  test('is not made when the dead letters cannot be sent, and loses none of them', async () => {
    const rig = openRig();
    const shard = await filled(rig);
    const broken = {
      send: async () => {
        throw new Fault('KAFKA_FAILED', 'no broker');
      },
    };
    const failing = save(shard, rig.models, rig.settings.ingest, { ...rig.ports, outbound: broken });
    await expect(failing).rejects.toThrow('no broker');
    expect(await rig.stores.shards.progress(1)).toMatchObject([{ watermark: -Infinity, changed: [] }]);
    expect(await saved(rig, shard)).toEqual({ kind: 'written' });
    expect(rig.sent.map(({ id }) => id)).toEqual(['predictions/0/1']);
  });

  test('sends the same dead letters again when it was lost with its process', async () => {
    const rig = openRig();
    const shard = await filled(rig);
    // The send succeeds, then the process dies: another one reads the records again.
    const dying = {
      ...rig.stores.shards,
      checkpoint: async () => {
        throw new Fault('REDIS_UNREACHABLE', 'gone');
      },
    };
    const failing = save(shard, rig.models, rig.settings.ingest, { ...rig.ports, shards: dying });
    await expect(failing).rejects.toThrow('gone');
    const heir = await filled(rig);
    await saved(rig, heir);
    const [first, second] = rig.sent;
    expect(rig.sent).toHaveLength(2);
    expect(second).toEqual(first);
  });

  test('holds the offsets and exactly what was made of the records before them', async () => {
    const rig = openRig();
    const shard = await filled(rig);
    await saved(rig, shard);
    expect(isUnsaved(shard)).toBe(false);
    const { parts } = await rig.stores.shards.read(0, { model: 'fraud', start: noon });
    expect(parts).toMatchObject([{ key: { version: '1', segment: 'all' }, version: 3 }]);
    const meta = await rig.stores.shards.claim(0, 'other');
    expect(meta).toMatchObject({ offsets: { predictions: 3, labels: 0 }, maxEventTime: noon + 2 });
  });

  test('writes only what has changed since the one before', async () => {
    const rig = openRig();
    const shard = await filled(rig);
    await saved(rig, shard);
    const later = batchOf(3, [prediction(3, { model_version: '2' })]);
    await ingest(shard, later, rig.models, rig.settings.ingest, rig.ports);
    const written: string[] = [];
    const { shards } = rig.stores;
    await save(shard, rig.models, rig.settings.ingest, {
      ...rig.ports,
      shards: {
        ...shards,
        checkpoint: (number, checkpoint) => {
          written.push(...checkpoint.profiles.map(({ key }) => key.version));
          return shards.checkpoint(number, checkpoint);
        },
      },
    });
    expect(written).toEqual(['2']);
  });

  test('of an owner that was replaced writes nothing', async () => {
    const rig = openRig();
    const shard = await filled(rig);
    await claimed(rig, 'another');
    expect(await saved(rig, shard)).toEqual({ kind: 'fenced' });
    expect(isUnsaved(shard)).toBe(true);
    expect((await rig.stores.shards.progress(1))[0]!.changed).toEqual([]);
    expect(rig.tally.sum('driftline_checkpoints_total', { outcome: 'fenced' })).toBe(1);
  });

  test('on a store that was rolled back writes nothing', async () => {
    const rig = openRig();
    const shard = await filled(rig);
    await saved(rig, shard);
    const restore = rig.stores.snapshot();
    await ingest(shard, batchOf(3, [prediction(3)]), rig.models, rig.settings.ingest, rig.ports);
    await saved(rig, shard);
    restore();
    await ingest(shard, batchOf(4, [prediction(4)]), rig.models, rig.settings.ingest, rig.ports);
    expect(await saved(rig, shard)).toEqual({ kind: 'moved' });
  });

  test('is never made of what somebody else has written, even where a roll-back gives the shard back', async () => {
    const rig = openRig();
    const shard = await claimed(rig);
    const take = (owner: Shard, ...times: readonly number[]) => {
      const payloads = times.map((time) => prediction(time));
      const batch = batchOf(owner.next.predictions, payloads);
      return ingest(owner, batch, rig.models, rig.settings.ingest, rig.ports);
    };
    await take(shard, 1, 200_000);
    await saved(rig, shard);
    const restore = rig.stores.snapshot();
    const other = await claimed(rig, 'another');
    await take(other, 2);
    await saved(rig, other);
    // The late event brings back a window that the other owner has added the same event to.
    await take(shard, 2);
    restore();
    expect(await saved(rig, shard)).toEqual({ kind: 'fenced' });
    const { parts } = await rig.stores.shards.read(0, { model: 'fraud', start: noon });
    expect(parts).toMatchObject([{ version: 1 }]);
  });
});
