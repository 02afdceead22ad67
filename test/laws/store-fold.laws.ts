// The law that all of exactly-once rests on: a shard's state is the fold of its records up to exactly the stored offsets.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Offsets, ShardMeta, ShardStore, StoredProfile } from '../../src/ports.ts';
import type { OpenEmptyStores, OpenStores } from './store-samples.ts';

/** A record of the log; its offset is its position. */
interface Entry {
  readonly start: number;
  readonly version: string;
}

/** Bytes that name every offset folded, in order: a record lost, repeated or out of order shows. */
type Fold = Map<string, StoredProfile>;

interface Owner {
  readonly token: string;
  stored: ShardMeta;
  next: number;
  /** What the owner holds of the windows that it has opened, and what of it is not yet stored. */
  readonly open: Fold;
  readonly opened: Set<number>;
  readonly dirty: Set<string>;
}

type Step =
  | { readonly kind: 'claim'; readonly owner: number }
  | { readonly kind: 'checkpoint'; readonly owner: number }
  | { readonly kind: 'read'; readonly owner: number; readonly records: number }
  | { readonly kind: 'backup' }
  | { readonly kind: 'roll back' };

/** Records that were deleted by the time the first owner came. */
const beginning = 3;
const model = 'm';

export function foldLaws(open: OpenEmptyStores, runs: number): void {
  const log = fc.array(
    fc.record({ start: fc.constantFrom(0, 60_000, 120_000), version: fc.constantFrom('1', '2') }),
    { minLength: beginning + 1, maxLength: 40 },
  );
  const owner = fc.nat({ max: 1 });
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('claim' as const), owner }) },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('read' as const),
        owner,
        records: fc.integer({ min: 1, max: 6 }),
      }),
    },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('checkpoint' as const), owner }) },
    { weight: 1, arbitrary: fc.constantFrom({ kind: 'backup' } as const, { kind: 'roll back' } as const) },
  );

  test('under any interleaving of owners and roll-backs, the state is the fold up to exactly the stored offsets', async () => {
    await fc.assert(
      fc.asyncProperty(log, fc.array(step, { minLength: 5, maxLength: 60 }), async (entries, steps) => {
        await play(await open(), entries, steps);
      }),
      { numRuns: runs },
    );
  });
}

async function play(stores: OpenStores, entries: readonly Entry[], steps: readonly Step[]): Promise<void> {
  const { shards } = stores;
  const owners: (Owner | undefined)[] = [undefined, undefined];
  let backup: { restore: () => Promise<void>; offset: number } | undefined;
  let claims = 0;
  /** The predictions offset that the store should hold; `beginning` stands for a shard never written. */
  let stored = beginning;
  for (const step of steps) {
    if (step.kind === 'backup') backup = { restore: await stores.snapshot(), offset: stored };
    else if (step.kind === 'roll back') {
      await backup?.restore();
      stored = backup?.offset ?? stored;
    } else if (step.kind === 'claim') {
      claims += 1;
      owners[step.owner] = await claim(shards, `token ${claims}`);
      expect(owners[step.owner]!.next).toBe(stored);
    } else {
      const owner = owners[step.owner];
      if (owner === undefined) continue;
      if (step.kind === 'read') await foldRecords(shards, owner, entries, step.records);
      else stored = (await save(shards, owner)) ?? stored;
    }
    expect(await contentOf(shards)).toEqual(foldOf(entries.slice(0, stored)));
  }
  expect((await claim(shards, 'last')).next).toBe(stored);
}

async function claim(shards: ShardStore, token: string): Promise<Owner> {
  const never = {
    offsets: at(beginning),
    watermark: -Infinity,
    maxEventTime: -Infinity,
    passedAt: -Infinity,
    idle: false,
    labels: 0,
    completeFrom: -Infinity,
  };
  const stored = (await shards.claim(0, token)) ?? never;
  return {
    token,
    stored,
    next: stored.offsets.predictions,
    open: new Map(),
    opened: new Set(),
    dirty: new Set(),
  };
}

/** Reads on, opening windows from the store as they are met: as the pipeline does. */
async function foldRecords(
  shards: ShardStore,
  owner: Owner,
  entries: readonly Entry[],
  records: number,
): Promise<void> {
  for (const entry of entries.slice(owner.next, owner.next + records)) {
    if (!owner.opened.has(entry.start)) {
      const { parts } = await shards.read(0, { model, start: entry.start });
      for (const part of parts) owner.open.set(idOf(part.key), part);
      owner.opened.add(entry.start);
    }
    owner.dirty.add(foldEntry(owner.open, entry, owner.next));
    owner.next += 1;
  }
}

/** Returns the offset that is stored now, undefined when nothing was written. */
async function save(shards: ShardStore, owner: Owner): Promise<number | undefined> {
  const meta: ShardMeta = { ...owner.stored, offsets: at(owner.next) };
  const profiles = [...owner.dirty].map((id) => owner.open.get(id)!);
  const expected = owner.stored.offsets;
  const outcome = await shards.checkpoint(0, {
    token: owner.token,
    expected,
    meta,
    profiles,
    retentionMs: 3_600_000,
  });
  if (outcome.kind !== 'written') return undefined;
  owner.stored = meta;
  owner.dirty.clear();
  return owner.next;
}

async function contentOf(shards: ShardStore): Promise<Fold> {
  const windows = await Promise.all([0, 60_000, 120_000].map((start) => shards.read(0, { model, start })));
  return new Map(windows.flatMap(({ parts }) => parts).map((part) => [idOf(part.key), part]));
}

function foldOf(entries: readonly Entry[]): Fold {
  const fold: Fold = new Map();
  for (const [offset, entry] of entries.entries()) if (offset >= beginning) foldEntry(fold, entry, offset);
  return fold;
}

function foldEntry(fold: Fold, { start, version }: Entry, offset: number): string {
  const key = { model, version, segment: 'all', start };
  const id = idOf(key);
  fold.set(id, { key, version: offset + 1, bytes: Uint8Array.of(...(fold.get(id)?.bytes ?? []), offset) });
  return id;
}

function idOf(key: { readonly start: number; readonly version: string }): string {
  return `${key.start}/${key.version}`;
}

function at(predictions: number): Offsets {
  return { predictions, labels: 0 };
}
