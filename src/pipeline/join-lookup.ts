// What a batch of events needs to know of what waits, asked of the store in one go wherever it is not in memory.
import { decodeJoinState } from '../codec/join-state.ts';
import { decodeLabelled } from '../codec/labelled-profile.ts';
import type { JoinBucket } from '../join-port.ts';
import type { JoinFound, JoinLookup, ModelWindow, ShardStore, Stream } from '../ports.ts';
import { bucketOfKey, entryName } from '../quality/join-bucket.ts';
import { emptyLabelled } from '../quality/labelled-profile.ts';
import { addPeriod, bucketAt, type JoinPeriod, type ModelJoin, newModelJoin } from './join.ts';
import type { Models } from './model.ts';
import type { JoinSettings } from './settings.ts';
import { type Shard, windowId } from './shard.ts';

/** A bucket with the names that are asked of it, and where the answers go. */
interface AskedBucket {
  readonly bucket: JoinBucket;
  readonly period: JoinPeriod;
  readonly keys: Set<string>;
}

/** What is to be asked, by bucket. */
export type Asked = Map<string, AskedBucket>;

/** Asks the store for an id in one period, unless memory knows the answer. */
export function askFor(asked: Asked, join: ModelJoin, stream: Stream, period: JoinPeriod, key: string): void {
  if (period.isComplete || period.known.has(key)) return;
  for (const count of period.counts) {
    const index = bucketOfKey(key, count);
    const id = `${stream} ${period.number} ${count} ${index} ${join.model}`;
    let bucket = asked.get(id);
    if (bucket === undefined) {
      bucket = { bucket: bucketAt(join, stream, period.number, { count, index }), period, keys: new Set() };
      asked.set(id, bucket);
    }
    bucket.keys.add(key);
  }
}

/** Brings into memory what the store holds of the ids. */
export async function readEntries(shard: Shard, asked: Asked, shards: ShardStore): Promise<void> {
  if (asked.size === 0) return;
  const buckets = [...asked.values()];
  const names = buckets.map(({ bucket, keys }) => ({ bucket, names: [...keys].map(entryName) }));
  const { entries } = await ask(shard, { names }, shards);
  buckets.forEach(({ bucket, period, keys }, at) => {
    const { count, index } = bucket;
    [...keys].forEach((key, i) => {
      const bytes = entries[at]![i];
      if (bytes !== undefined && !period.known.has(key)) period.known.set(key, { bytes, count, index });
    });
  });
}

/** The joins of models, as the store has them where they have not been read yet. Models without quality have none. */
export async function openJoins(
  shard: Shard,
  names: ReadonlySet<string>,
  models: Models,
  settings: JoinSettings,
  shards: ShardStore,
): Promise<void> {
  const unread = [...names].filter((name) => !shard.join.models.has(name));
  if (unread.length === 0) return;
  const { states } = await ask(shard, { models: unread }, shards);
  unread.forEach((name, i) => {
    shard.join.models.set(name, modelJoin(name, models, states[i], settings));
  });
}

function modelJoin(
  name: string,
  models: Models,
  text: string | undefined,
  settings: JoinSettings,
): ModelJoin {
  const join = newModelJoin(name, models.get(name)!.quality!);
  if (text === undefined) return join;
  const { versions, predictions, labels, counts, latestLabel, errors } = decodeJoinState(text);
  for (const [stream, periods] of [['predictions', predictions] as const, ['labels', labels] as const]) {
    for (const period of periods) addPeriod(join, stream, period, settings);
  }
  versions.forEach((version, place) => {
    join.versions.push(version);
    join.places.set(version, place);
  });
  return Object.assign(join, { counts, latestLabel, errors });
}

/** The labelled parts of windows, as the store has them where they are not in memory. */
export async function openLabelledWindows(
  shard: Shard,
  wanted: ReadonlyMap<string, ModelWindow>,
  shards: ShardStore,
): Promise<void> {
  const unread = [...wanted].filter(([id]) => !shard.join.windows.has(id));
  if (unread.length === 0) return;
  const { labelled } = await ask(shard, { windows: unread.map(([, window]) => window) }, shards);
  unread.forEach(([, { model, start }], i) => {
    const { spec } = shard.join.models.get(model)!.quality;
    const versions = labelled[i]!.map(({ key, version, bytes }) => {
      // Counted by other classes it means nothing any more; nothing that was counted then is ever taken away.
      const profile = decodeLabelled(bytes, spec) ?? emptyLabelled(spec);
      return [key.version, { profile, version, dirty: false }] as const;
    });
    shard.join.windows.set(windowId(model, start), { model, start, versions: new Map(versions) });
  });
}

/** What another owner has written since must not be written on, even if a roll-back makes this the owner again. */
async function ask(
  shard: Shard,
  lookup: Omit<JoinLookup, 'token' | 'expected'>,
  shards: ShardStore,
): Promise<JoinFound> {
  const owner = { token: shard.token, expected: shard.stored.offsets };
  const found = await shards.lookUp(shard.shard, { ...owner, ...lookup });
  if (found.isOwn) return found;
  shard.overtaken = true;
  // What is folded from here on is never written. It goes on as if nothing had been there: answers of another state would
  // not fit to what memory knows.
  return {
    isOwn: false,
    states: (lookup.models ?? []).map(() => undefined),
    entries: (lookup.names ?? []).map(({ names }) => names.map(() => undefined)),
    labelled: (lookup.windows ?? []).map(() => []),
  };
}
