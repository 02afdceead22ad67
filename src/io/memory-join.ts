// What shards in memory remember of ids that wait for their label or their prediction.
import type { JoinBucket, JoinChanges } from '../join-port.ts';
import type { JoinFound, JoinLookup, Offsets, StoredProfile } from '../ports.ts';
import { inOrderOfParts } from './part-order.ts';

export interface JoinRow {
  /** By bucket, then by name. What is stored is replaced, never changed. */
  readonly buckets: Map<string, Map<string, Uint8Array>>;
  /** By model. */
  readonly joinStates: Map<string, string>;
}

/** What is asked beside a row's own part: who owns the shard, and the windows that it holds. */
interface AskedRow extends JoinRow {
  readonly token: string | undefined;
  readonly meta: { readonly offsets: Offsets } | undefined;
  readonly windows: ReadonlyMap<string, ReadonlyMap<string, StoredProfile>>;
}

/** Nothing that waits. */
export function emptyJoinRow(): JoinRow {
  return { buckets: new Map(), joinStates: new Map() };
}

/** A row of its own with the same content. */
export function copyJoinRow({ buckets, joinStates }: JoinRow): JoinRow {
  return {
    buckets: new Map([...buckets].map(([id, entries]) => [id, new Map(entries)])),
    joinStates: new Map(joinStates),
  };
}

/** Part of a checkpoint that has been found to be written. */
export function writeJoin(row: JoinRow, { entries, dropped, states }: JoinChanges): void {
  for (const { bucket, entries: changed } of entries) {
    const id = bucketId(bucket);
    const stored = row.buckets.get(id) ?? new Map<string, Uint8Array>();
    for (const [name, bytes] of changed) {
      if (bytes === undefined) stored.delete(name);
      else stored.set(name, bytes);
    }
    if (stored.size > 0) row.buckets.set(id, stored);
    else row.buckets.delete(id);
  }
  for (const bucket of dropped) row.buckets.delete(bucketId(bucket));
  for (const [model, text] of states) row.joinStates.set(model, text);
}

/** The `lookUp` of a shard store. */
export function lookUpJoin(row: AskedRow, lookup: JoinLookup): JoinFound {
  const { token, expected, models = [], names = [], windows = [] } = lookup;
  const offsets = row.meta?.offsets ?? expected;
  return {
    isOwn:
      row.token === token &&
      offsets.predictions === expected.predictions &&
      offsets.labels === expected.labels,
    states: models.map((model) => row.joinStates.get(model)),
    entries: names.map(({ bucket, names: wanted }) => {
      const stored = row.buckets.get(bucketId(bucket));
      return wanted.map((name) => copyOf(stored?.get(name)));
    }),
    labelled: windows.map(({ model, start }) =>
      [...(row.windows.get(`${start}:${model}`)?.values() ?? [])]
        .filter(({ key }) => key.part === 'labelled')
        .map(({ key, version, bytes }) => ({ key: { ...key }, version, bytes: new Uint8Array(bytes) }))
        .sort((a, b) => inOrderOfParts(a.key, b.key)),
    ),
  };
}

function copyOf(bytes: Uint8Array | undefined): Uint8Array | undefined {
  return bytes && new Uint8Array(bytes);
}

function bucketId({ model, stream, period, count, index }: JoinBucket): string {
  return `${stream}:${period}:${count}:${index}:${model}`;
}
