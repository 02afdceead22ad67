// The laws of a shard's ownership: a claim fences, and a checkpoint is written whole or not at all.
import { expect, test } from 'vitest';
import type { ShardProgress, ShardStore } from '../../src/ports.ts';
import { checkpoint, claimedBy, meta, neverWritten, type OpenEmptyStores, profile } from './store-samples.ts';

export function shardStoreLaws(open: OpenEmptyStores): void {
  claimLaws(open);
  checkpointLaws(open);
  announcementLaws(open);
}

function claimLaws(open: OpenEmptyStores): void {
  test('a shard never written has no meta, and nothing in it', async () => {
    const { shards } = await open();
    expect(await shards.claim(3, 'a')).toBeUndefined();
    expect(await shards.claim(3, 'b')).toBeUndefined();
    expect(await shards.read(3, { model: 'm', start: 0 })).toEqual({
      watermark: -Infinity,
      idle: false,
      parts: [],
    });
    expect(await shards.progress(1)).toEqual([neverWritten]);
  });

  test('a claim returns the meta of the last checkpoint exactly', async () => {
    const { shards } = await open();
    const metas = [
      meta(2 ** 53 - 1, {
        offsets: { predictions: 2 ** 53 - 1, labels: 2 ** 53 - 47 },
        idle: true,
        completeFrom: 300_000,
        labels: 7,
      }),
      meta(1, { watermark: -Infinity, maxEventTime: -Infinity, passedAt: -Infinity }),
      meta(0, { watermark: 1_475_280_000_000.5, maxEventTime: -12.25, passedAt: 1_475_280_000_001 }),
    ];
    for (const [shard, written] of metas.entries()) {
      await shards.claim(shard, 'a');
      const outcome = await shards.checkpoint(shard, { ...checkpoint('a', 0, 0), meta: written });
      expect(outcome).toEqual({ kind: 'written' });
      expect(await shards.claim(shard, 'b')).toEqual(written);
    }
  });

  test('a second claim fences the first', async () => {
    const { shards } = await open();
    await shards.claim(0, 'a');
    await shards.checkpoint(0, checkpoint('a', 0, 10));
    expect(await shards.claim(0, 'b')).toEqual(meta(10));
    expect(await shards.checkpoint(0, checkpoint('a', 10, 20, [profile({}, 20)]))).toEqual({
      kind: 'fenced',
    });
    expect((await shards.read(0, { model: 'm', start: 0 })).parts).toEqual([]);
    expect(await shards.checkpoint(0, checkpoint('b', 10, 30))).toEqual({ kind: 'written' });
    expect(await shards.claim(0, 'c')).toEqual(meta(30));
  });

  test('nobody writes a shard without a claim', async () => {
    const { shards } = await open();
    expect(await shards.checkpoint(0, checkpoint('', 0, 1))).toEqual({ kind: 'fenced' });
    expect(await shards.claim(0, 'a')).toBeUndefined();
  });

  test('shards are independent of each other', async () => {
    const { shards } = await open();
    await Promise.all([shards.claim(1, 'a'), shards.claim(11, 'b')]);
    await shards.checkpoint(1, checkpoint('a', 0, 5, [profile({}, 5)]));
    expect(await shards.claim(11, 'c')).toBeUndefined();
    expect((await shards.read(11, { model: 'm', start: 0 })).parts).toEqual([]);
    expect(await shards.checkpoint(1, checkpoint('a', 5, 6))).toEqual({ kind: 'written' });
  });
}

function checkpointLaws(open: OpenEmptyStores): void {
  test('the first checkpoint of a shard never written starts from whatever offsets its owner began at', async () => {
    const { shards } = await open();
    await shards.claim(0, 'a');
    expect(await shards.checkpoint(0, checkpoint('a', 500, 510))).toEqual({ kind: 'written' });
    expect(await shards.checkpoint(0, checkpoint('a', 500, 520))).toEqual({ kind: 'moved' });
    expect(await shards.checkpoint(0, checkpoint('a', 510, 520))).toEqual({ kind: 'written' });
  });

  test('a checkpoint that expects other offsets writes nothing and says moved', async () => {
    const { shards } = await open();
    await shards.claim(0, 'a');
    await shards.checkpoint(0, checkpoint('a', 0, 10, [profile({}, 10)]));
    const before = [await shards.progress(1), await shards.read(0, { model: 'm', start: 0 })];
    const ahead = checkpoint('a', 11, 20, [profile({}, 20), profile({ start: 300_000 }, 20)]);
    expect(await shards.checkpoint(0, ahead)).toEqual({ kind: 'moved' });
    const otherLabels = { ...ahead, expected: { predictions: 10, labels: 1 } };
    expect(await shards.checkpoint(0, otherLabels)).toEqual({ kind: 'moved' });
    expect([await shards.progress(1), await shards.read(0, { model: 'm', start: 0 })]).toEqual(before);
    expect((await shards.read(0, { model: 'm', start: 300_000 })).parts).toEqual([]);
    expect(await shards.claim(0, 'b')).toEqual(meta(10));
  });

  test('an owner whose shard was rolled back to before its first checkpoint cannot go on in the middle', async () => {
    const { shards, snapshot } = await open();
    await shards.claim(0, 'a');
    const rollBack = await snapshot();
    await shards.checkpoint(0, checkpoint('a', 0, 10, [profile({}, 10)]));
    await rollBack();
    expect(await shards.checkpoint(0, checkpoint('a', 10, 20))).toEqual({ kind: 'moved' });
    expect(await shards.claim(0, 'b')).toBeUndefined();
    expect(await shards.checkpoint(0, checkpoint('b', 0, 10))).toEqual({ kind: 'written' });
  });

  test('an owner whose shard was rolled back is told so, and a new claim heals it', async () => {
    const { shards, snapshot } = await open();
    await shards.claim(0, 'a');
    await shards.checkpoint(0, checkpoint('a', 0, 10, [profile({}, 10)]));
    const rollBack = await snapshot();
    await shards.checkpoint(0, checkpoint('a', 10, 20, [profile({}, 20)]));
    await rollBack();
    expect(await shards.checkpoint(0, checkpoint('a', 20, 30, [profile({}, 30)]))).toEqual({ kind: 'moved' });
    expect(await shards.claim(0, 'b')).toEqual(meta(10));
    expect((await shards.read(0, { model: 'm', start: 0 })).parts).toEqual([profile({}, 10)]);
    expect(await shards.checkpoint(0, checkpoint('b', 10, 30, [profile({}, 30)]))).toEqual({
      kind: 'written',
    });
  });

  test('a checkpoint has room for ten thousand profiles, a thousand windows and a megabyte', async () => {
    const shards = await claimedBy('a', (await open()).shards);
    const many = Array.from({ length: 10_000 }, (_, i) =>
      profile({ version: `${10_000 + i}`, start: i % 1_000 }, i),
    );
    const big = profile({ start: -1 }, 1, new Array(1_000_000).fill(255));
    expect(await shards.checkpoint(0, checkpoint('a', 0, 10_000, [...many, big]))).toEqual({
      kind: 'written',
    });
    const { parts } = await shards.read(0, { model: 'm', start: 7 });
    expect(parts.map(({ version }) => version)).toEqual([
      7, 1007, 2007, 3007, 4007, 5007, 6007, 7007, 8007, 9007,
    ]);
    const [stored] = (await shards.read(0, { model: 'm', start: -1 })).parts;
    expect(Buffer.compare(stored!.bytes, big.bytes)).toBe(0);
    const [progress] = await shards.progress(1);
    expect(progress!.changed).toHaveLength(1_001);
  });
}

function announcementLaws(open: OpenEmptyStores): void {
  const said = (watermark: number, more = {}) => ({
    ...{ token: 'a', expected: { predictions: 10, labels: 0 }, watermark, passedAt: watermark + 1_000 },
    ...more,
  });
  const readers = async (shards: ShardStore) => {
    const [{ watermark, passedAt }] = (await shards.progress(1)) as [ShardProgress];
    const window = { model: 'm', start: 0 };
    expect((await shards.read(0, window)).watermark).toBe(watermark);
    expect((await shards.versions(0, window)).watermark).toBe(watermark);
    return { watermark, passedAt };
  };

  test('an announcement moves the watermark that readers see, and nothing that an owner reads', async () => {
    const { shards } = await open();
    await shards.claim(0, 'a');
    await shards.checkpoint(0, checkpoint('a', 0, 10));
    expect(await shards.announce(0, said(60.5))).toEqual({ kind: 'written' });
    expect(await readers(shards)).toEqual({ watermark: 60.5, passedAt: 1_060.5 });
    expect(await shards.claim(0, 'b')).toEqual(meta(10));
    expect(await readers(shards)).toEqual({ watermark: 60.5, passedAt: 1_060.5 });
  });

  test('what was announced never goes back, and a checkpoint that has come further counts', async () => {
    const { shards } = await open();
    await shards.claim(0, 'a');
    await shards.checkpoint(0, checkpoint('a', 0, 10));
    await shards.announce(0, said(60));
    expect(await shards.announce(0, said(-60))).toEqual({ kind: 'written' });
    const behind = { ...checkpoint('a', 10, 10), meta: meta(10, { watermark: 50 }) };
    await shards.checkpoint(0, behind);
    expect(await readers(shards)).toEqual({ watermark: 60, passedAt: 1_060 });
    const ahead = { ...checkpoint('a', 10, 10), meta: meta(10, { watermark: 70, passedAt: 5 }) };
    await shards.checkpoint(0, ahead);
    expect(await readers(shards)).toEqual({ watermark: 70, passedAt: 5 });
  });

  test('an announcement is refused as a checkpoint is', async () => {
    const { shards, snapshot } = await open();
    await shards.claim(0, 'a');
    expect(await shards.announce(0, said(60, { expected: { predictions: 0, labels: 0 } }))).toEqual({
      kind: 'moved',
    });
    await shards.checkpoint(0, checkpoint('a', 0, 10));
    const rollBack = await snapshot();
    expect(await shards.announce(0, said(60, { token: 'b' }))).toEqual({ kind: 'fenced' });
    expect(await shards.announce(0, said(60, { expected: { predictions: 10, labels: 1 } }))).toEqual({
      kind: 'moved',
    });
    expect(await readers(shards)).toEqual({ watermark: 0, passedAt: 0 });
    await shards.announce(0, said(60));
    await shards.checkpoint(0, checkpoint('a', 10, 20));
    await rollBack();
    expect(await shards.announce(0, said(70, { expected: { predictions: 20, labels: 0 } }))).toEqual({
      kind: 'moved',
    });
    expect(await readers(shards)).toEqual({ watermark: 0, passedAt: 0 });
  });
}
