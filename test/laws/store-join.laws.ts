// The laws of what a shard remembers of ids that wait: part of its checkpoint, and answered to its owner alone.
import { expect, test } from 'vitest';
import type { JoinBucket, JoinChanges } from '../../src/join-port.ts';
import type { JoinLookup, ShardStore } from '../../src/ports.ts';
import { checkpoint, everyByte, hourMs, type OpenEmptyStores, oddNames, profile } from './store-samples.ts';

const bucket: JoinBucket = { model: 'm', stream: 'predictions', period: -300_000, count: 64, index: 7 };
const noChanges: JoinChanges = { entries: [], dropped: [], states: [], retentionMs: hourMs };

/** Any six bytes may be a name. */
const names = ['\0\0\0\0\0\0', '\xff\xfe\r\n|:', 'abcdef'] as const;

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

async function remembered(
  shards: ShardStore,
  lookup: Partial<JoinLookup>,
  predictions = 10,
): Promise<Awaited<ReturnType<ShardStore['lookUp']>>> {
  return shards.lookUp(0, { token: 'a', expected: { predictions, labels: 0 }, ...lookup });
}

async function written(open: OpenEmptyStores, join: Partial<JoinChanges>): Promise<ShardStore> {
  const { shards } = await open();
  await shards.claim(0, 'a');
  const outcome = await shards.checkpoint(0, { ...checkpoint('a', 0, 10), join: { ...noChanges, ...join } });
  expect(outcome).toEqual({ kind: 'written' });
  return shards;
}

export function joinLaws(open: OpenEmptyStores): void {
  entryLaws(open);
  ownershipLaws(open);
}

function entryLaws(open: OpenEmptyStores): void {
  test('entries are returned byte for byte, in the order of the questions', async () => {
    const shards = await written(open, {
      entries: [
        { bucket, entries: names.map((name, i) => [name, bytes(i, 10, 0, 255)]) },
        { bucket: { ...bucket, stream: 'labels' }, entries: [['abcdef', everyByte]] },
      ],
    });
    const asked = [
      { bucket: { ...bucket, stream: 'labels' as const }, names: ['abcdef'] },
      { bucket: { ...bucket, index: 8 }, names: ['abcdef'] },
      { bucket, names: ['abcdef', 'absent', ...names] },
    ];
    const { isOwn, entries } = await remembered(shards, { names: asked });
    expect(isOwn).toBe(true);
    expect(entries).toEqual([
      [everyByte],
      [undefined],
      [bytes(2, 10, 0, 255), undefined, ...names.map((_, i) => bytes(i, 10, 0, 255))],
    ]);
  });

  test('an entry is replaced, removed alone, and gone with its bucket', async () => {
    const shards = await written(open, {
      entries: [{ bucket, entries: names.map((name) => [name, bytes(1)]) }],
    });
    const [first, second, third] = names;
    const then = async (from: number, join: Partial<JoinChanges>) => {
      await shards.checkpoint(0, { ...checkpoint('a', from, from + 1), join: { ...noChanges, ...join } });
      return (await remembered(shards, { names: [{ bucket, names }] }, from + 1)).entries[0];
    };
    const changed = await then(10, {
      entries: [
        {
          bucket,
          entries: [
            [first, undefined],
            [third, bytes(3)],
          ],
        },
      ],
    });
    expect(changed).toEqual([undefined, bytes(1), bytes(3)]);
    expect(second).not.toBe(third);
    expect(await then(11, { dropped: [bucket] })).toEqual([undefined, undefined, undefined]);
  });

  test('the state of every model is kept apart, whatever its name', async () => {
    const sound = oddNames.filter((name) => name.isWellFormed());
    const states = sound.map((model): readonly [string, string] => [model, `state of ${model}`]);
    const shards = await written(open, { states });
    const found = await remembered(shards, { models: [...sound, '\ud800', 'other'] });
    expect(found.states).toEqual([...states.map(([, text]) => text), undefined, undefined]);
  });

  test('the labelled parts of a window are found alone, in order of version, and listed by themselves', async () => {
    const { shards } = await open();
    await shards.claim(0, 'a');
    const labelled = (version: string, at: number) => profile({ version, part: 'labelled' }, at, [at]);
    const profiles = [profile({}, 9), labelled('2', 4), labelled('1', 3), labelled('a|b', 5)];
    await shards.checkpoint(0, checkpoint('a', 0, 10, profiles));
    const window = { model: 'm', start: 0 };
    const found = await remembered(shards, { windows: [{ model: 'm', start: 300_000 }, window] });
    expect(found.labelled).toEqual([[], [labelled('1', 3), labelled('2', 4), labelled('a|b', 5)]]);
    const { parts } = await shards.read(0, window);
    expect(parts.map(({ key }) => [key.version, key.part])).toEqual([
      ['1', undefined],
      ['1', 'labelled'],
      ['2', 'labelled'],
      ['a|b', 'labelled'],
    ]);
    const changed = async () => (await shards.progress(1))[0]!.changed;
    expect(await changed()).toEqual([
      { model: 'm', start: 0, part: 'labelled', version: 5 },
      { model: 'm', start: 0, version: 9 },
    ]);
    await shards.acknowledge(0, [{ model: 'm', start: 0, part: 'labelled', version: 5 }]);
    expect(await changed()).toEqual([{ model: 'm', start: 0, version: 9 }]);
  });
}

function ownershipLaws(open: OpenEmptyStores): void {
  test('what a refused checkpoint would have changed stays as it was', async () => {
    const shards = await written(open, { entries: [{ bucket, entries: [['abcdef', bytes(1)]] }] });
    const join: JoinChanges = { ...noChanges, dropped: [bucket], states: [['m', 'newer']] };
    expect(await shards.checkpoint(0, { ...checkpoint('b', 10, 20), join })).toEqual({ kind: 'fenced' });
    expect(await shards.checkpoint(0, { ...checkpoint('a', 9, 20), join })).toEqual({ kind: 'moved' });
    const found = await remembered(shards, { models: ['m'], names: [{ bucket, names: ['abcdef'] }] });
    expect(found).toMatchObject({ isOwn: true, states: [undefined], entries: [[bytes(1)]] });
  });

  test('only the owner of the offsets that are stored is told that the answer is its own', async () => {
    const { shards, snapshot } = await open();
    await shards.claim(0, 'a');
    expect((await remembered(shards, {}, 0)).isOwn).toBe(true);
    await shards.checkpoint(0, checkpoint('a', 0, 10));
    const rollBack = await snapshot();
    expect((await remembered(shards, {})).isOwn).toBe(true);
    expect((await remembered(shards, { token: 'b' })).isOwn).toBe(false);
    expect((await remembered(shards, { expected: { predictions: 10, labels: 1 } })).isOwn).toBe(false);
    await shards.checkpoint(0, checkpoint('a', 10, 20));
    expect((await remembered(shards, {})).isOwn).toBe(false);
    await rollBack();
    expect((await remembered(shards, {}, 20)).isOwn).toBe(false);
    await shards.claim(0, 'b');
    expect((await remembered(shards, {})).isOwn).toBe(false);
  });

  test('a roll-back takes what waits back with it', async () => {
    const { shards, snapshot } = await open();
    await shards.claim(0, 'a');
    const rollBack = await snapshot();
    const join = { ...noChanges, entries: [{ bucket, entries: [['abcdef', bytes(1)] as const] }] };
    await shards.checkpoint(0, { ...checkpoint('a', 0, 10), join });
    await rollBack();
    const { entries } = await remembered(shards, { names: [{ bucket, names: ['abcdef'] }] }, 0);
    expect(entries).toEqual([[undefined]]);
  });
}
