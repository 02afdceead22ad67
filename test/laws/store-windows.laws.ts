// The laws of a shard's windows: profiles as they were written, and the list of changed windows.
import { expect, test } from 'vitest';
import type { ShardStore } from '../../src/ports.ts';
import {
  checkpoint,
  claimedBy,
  everyByte,
  meta,
  neverWritten,
  type OpenEmptyStores,
  oddNames,
  profile,
} from './store-samples.ts';

export function windowLaws(open: OpenEmptyStores): void {
  contentLaws(open);
  changedLaws(open);
}

function contentLaws(open: OpenEmptyStores): void {
  test('profiles come back as written, whatever their names and bytes', async () => {
    const shards = await claimedBy('a', (await open()).shards);
    const written = oddNames.flatMap((name, i) => [
      profile({ model: name }, 3 * i, [...everyByte]),
      profile({ version: name, start: 300_000 }, 3 * i + 1, [i]),
      profile({ segment: name, start: 300_000 }, 3 * i + 2, []),
    ]);
    await shards.checkpoint(0, checkpoint('a', 0, 1, written));
    for (const name of oddNames) {
      const { parts } = await shards.read(0, { model: name, start: 0 });
      expect(parts).toEqual(written.filter(({ key }) => key.model === name));
      expect((await shards.versions(0, { model: name, start: 0 })).parts).toEqual(
        parts.map(({ key, version }) => ({ key, version })),
      );
    }
    const [progress] = await shards.progress(1);
    expect(new Set(progress!.changed.map(({ model }) => model))).toEqual(new Set(['m', ...oddNames]));
  });

  test('a read returns every version and segment of the window in order of name, with the watermark', async () => {
    const shards = await claimedBy('a', (await open()).shards);
    const parts = [
      profile({ version: '10', segment: 'all' }, 3),
      profile({ version: '9', segment: 'all' }, 1),
      profile({ version: '9', segment: 'region=|' }, 4),
      profile({ version: '9', segment: 'region=~' }, 2),
    ];
    const others = [profile({ start: 300_000 }, 5), profile({ model: 'other' }, 6)];
    const written = {
      ...checkpoint('a', 0, 6, [...others, ...parts.toReversed()]),
      meta: meta(6, { watermark: 123.5, idle: true }),
    };
    await shards.checkpoint(0, written);
    const window = { model: 'm', start: 0 };
    expect(await shards.read(0, window)).toEqual({ watermark: 123.5, idle: true, parts });
    expect(await shards.versions(0, window)).toEqual({
      ...{ watermark: 123.5, idle: true },
      parts: parts.map(({ key, version }) => ({ key, version })),
    });
  });

  test('a checkpoint replaces the profiles that it writes and leaves the others', async () => {
    const shards = await claimedBy('a', (await open()).shards);
    await shards.checkpoint(
      0,
      checkpoint('a', 0, 2, [profile({ version: '1' }, 1), profile({ version: '2' }, 2)]),
    );
    await shards.checkpoint(0, checkpoint('a', 2, 9, [profile({ version: '2' }, 9)]));
    const { parts } = await shards.read(0, { model: 'm', start: 0 });
    expect(parts).toEqual([profile({ version: '1' }, 1), profile({ version: '2' }, 9)]);
  });

  test('what is stored cannot be changed through what was read', async () => {
    const shards = await claimedBy('a', (await open()).shards);
    await shards.checkpoint(0, checkpoint('a', 0, 1, [profile({}, 1, [1, 2, 3])]));
    const window = { model: 'm', start: 0 };
    (await shards.read(0, window)).parts[0]!.bytes.fill(0);
    const claimed = await shards.claim(0, 'b');
    Object.assign(claimed!.offsets, { predictions: 99 });
    expect((await shards.read(0, window)).parts).toEqual([profile({}, 1, [1, 2, 3])]);
    expect(await shards.claim(0, 'c')).toEqual(meta(1));
  });

  test('bytes read can be viewed as an array of doubles', async () => {
    const shards = await claimedBy('a', (await open()).shards);
    const doubles = Float64Array.of(Math.PI, -0, 1e300);
    const bytes = [...new Uint8Array(doubles.buffer)];
    await shards.checkpoint(0, checkpoint('a', 0, 1, [profile({}, 1, bytes)]));
    const [part] = (await shards.read(0, { model: 'm', start: 0 })).parts;
    expect(new Float64Array(part!.bytes.buffer, part!.bytes.byteOffset, 3)).toEqual(doubles);
  });
}

function changedLaws(open: OpenEmptyStores): void {
  const changed = async (shards: ShardStore) => (await shards.progress(1))[0]!.changed;

  test('progress lists the windows that changed, in order of their version, for every shard', async () => {
    const { shards } = await open();
    await shards.claim(0, 'a');
    await shards.claim(2, 'b');
    await shards.checkpoint(0, {
      ...checkpoint('a', 0, 9, [
        profile({ start: 0 }, 9),
        profile({ start: 0, version: '2' }, 4),
        profile({ start: -300_000 }, 3),
      ]),
      meta: meta(9, { watermark: 50, maxEventTime: 60, passedAt: 90, idle: true, completeFrom: 7 }),
    });
    await shards.checkpoint(2, {
      ...checkpoint('b', 0, 1),
      meta: meta(1, { watermark: 70, maxEventTime: 80, passedAt: -Infinity }),
    });
    expect(await shards.progress(3)).toEqual([
      {
        offsets: { predictions: 9, labels: 0 },
        watermark: 50,
        maxEventTime: 60,
        passedAt: 90,
        idle: true,
        completeFrom: 7,
        changed: [
          { model: 'm', start: -300_000, version: 3 },
          { model: 'm', start: 0, version: 9 },
        ],
      },
      neverWritten,
      {
        offsets: { predictions: 1, labels: 0 },
        watermark: 70,
        maxEventTime: 80,
        passedAt: -Infinity,
        idle: false,
        completeFrom: -Infinity,
        changed: [],
      },
    ]);
  });

  test('a changed window stays listed until it is acknowledged at its version', async () => {
    const shards = await claimedBy('a', (await open()).shards);
    await shards.checkpoint(0, checkpoint('a', 0, 5, [profile({}, 5), profile({ start: 300_000 }, 4)]));
    await shards.checkpoint(0, checkpoint('a', 5, 7));
    const seen = await changed(shards);
    expect(seen).toEqual([
      { model: 'm', start: 300_000, version: 4 },
      { model: 'm', start: 0, version: 5 },
    ]);
    await shards.acknowledge(0, [{ model: 'm', start: 300_000, version: 4 }]);
    expect(await changed(shards)).toEqual([{ model: 'm', start: 0, version: 5 }]);
    await shards.acknowledge(0, seen);
    await shards.acknowledge(0, []);
    expect(await changed(shards)).toEqual([]);
  });

  test('a newer change survives the acknowledgement of an older one', async () => {
    const shards = await claimedBy('a', (await open()).shards);
    await shards.checkpoint(0, checkpoint('a', 0, 5, [profile({}, 5)]));
    const seen = await changed(shards);
    await shards.checkpoint(0, checkpoint('a', 5, 2 ** 53 - 1, [profile({}, 2 ** 53 - 1)]));
    await shards.acknowledge(0, seen);
    expect(await changed(shards)).toEqual([{ model: 'm', start: 0, version: 2 ** 53 - 1 }]);
    await shards.acknowledge(0, [{ model: 'm', start: 0, version: 2 ** 53 - 2 }]);
    expect(await changed(shards)).toHaveLength(1);
  });
}
