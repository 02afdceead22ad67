// What a shard remembers of the predictions and labels of its models that wait for each other, as it is in memory.
import { classesTag, type JoinContext } from '../codec/join-entry.ts';
import type { JoinBucket } from '../join-port.ts';
import type { Stream } from '../ports.ts';
import { type ErrorStream, errorStreamStart } from '../quality/error-stream.ts';
import { areFull, bucketCount, bucketOfKey, type JoinTimes, periodLength } from '../quality/join-bucket.ts';
import { emptyJoinCounts, type JoinCounts } from '../quality/join-counts.ts';
import type { LabelledProfile, LabelledSpec } from '../quality/labelled-profile.ts';
import type { PreparedQuality } from '../quality/reference.ts';
import { otherVersions } from './settings.ts';

/** An entry in memory; undefined bytes are one that is to be removed. */
export interface KnownEntry {
  bytes: Uint8Array | undefined;
  /** Its bucket's place among so many. */
  readonly count: number;
  readonly index: number;
}

/** The ids of one period: predictions, or labels that wait for theirs. */
export interface JoinPeriod {
  readonly number: number;
  /** How many buckets there are; where they are full, new entries go to more of them, and all are looked into. */
  readonly counts: number[];
  entries: number;
  /** Of those, the predictions with a label. */
  labelled: number;
  /** Wall clock of the checkpoint that last changed it, epoch milliseconds: the store forgets it some time later. */
  storedAt: number;
  /** Whether `known` is all that there is. */
  isComplete: boolean;
  readonly context: JoinContext;
  readonly known: Map<string, KnownEntry>;
  /** What has changed since the last checkpoint. */
  readonly changed: Map<string, KnownEntry>;
}

/** What waits of one model. */
export interface ModelJoin {
  readonly model: string;
  readonly quality: PreparedQuality;
  /** Versions in the order in which their first prediction came. */
  readonly versions: string[];
  readonly places: Map<string, number>;
  readonly periods: Readonly<Record<Stream, Map<number, JoinPeriod>>>;
  readonly counts: JoinCounts;
  /** Entries of all periods together. */
  waiting: number;
  /** The period of the latest label by its own time; -Infinity before the first. */
  latestLabel: number;
  errors: ErrorStream;
  isChanged: boolean;
  /** Buckets that the next checkpoint removes. */
  readonly dropped: JoinBucket[];
}

/** What the labelled part of a window is called that no label has changed yet. */
export const unlabelledVersion = 1;

/** What it is called where a label last changed it as of this offset: where the predictions are the same, so is the part. */
export function versionAfter(labelOffset: number): number {
  return labelOffset + 2;
}

export interface OpenLabelled {
  readonly profile: LabelledProfile;
  /** `unlabelledVersion` or `versionAfter`. */
  version: number;
  dirty: boolean;
}

/** The labelled parts of one window. */
export interface LabelledWindow {
  readonly model: string;
  /** Epoch milliseconds. */
  readonly start: number;
  readonly versions: Map<string, OpenLabelled>;
}

/** The joins of a shard. */
export interface ShardJoin {
  /** By model; what is not here has not been read yet. */
  readonly models: Map<string, ModelJoin>;
  /** By `windowId`. */
  readonly windows: Map<string, LabelledWindow>;
}

/** Nothing read yet. */
export function emptyShardJoin(): ShardJoin {
  return { models: new Map(), windows: new Map() };
}

/** The join of a model that has never waited for anything. */
export function newModelJoin(model: string, quality: PreparedQuality): ModelJoin {
  return {
    ...{ model, quality, versions: [], places: new Map() },
    periods: { predictions: new Map(), labels: new Map() },
    ...{ counts: emptyJoinCounts(), waiting: 0 },
    latestLabel: -Infinity,
    errors: errorStreamStart,
    ...{ isChanged: false, dropped: [] },
  };
}

/** Versions that a shard ever tells apart among what waits; later ones are one. */
const versionsMax = 1000;

/** The version that a prediction waits under. */
export function waitingVersion({ versions, places }: ModelJoin, version: string): string {
  return places.has(version) || versions.length < versionsMax ? version : otherVersions;
}

/** What the bytes of a period's entries have in common. */
function contextOf(join: ModelJoin, period: number, times: JoinTimes): JoinContext {
  const { schema } = join.quality.spec;
  const names = schema.task === 'regression' ? [] : (schema.classes?.names ?? []);
  return {
    classes: names.length,
    classesTag: classesTag(names),
    bucketStart: period * periodLength(times),
    versionIndex: (version) => placeOf(join, version),
    versionAt: (place) => join.versions[place],
  };
}

function placeOf(join: ModelJoin, version: string): number {
  const known = join.places.get(version);
  if (known !== undefined) return known;
  join.places.set(version, join.versions.length);
  join.versions.push(version);
  return join.versions.length - 1;
}

/** Buckets of a model's first period, before it is known how much comes. */
const firstCount = 64;

/** How many times more buckets there are when those that there were are full. */
const growth = 16;

/** The period of a stream, opened where nothing is known of it. */
export function openPeriod(join: ModelJoin, stream: Stream, number: number, times: JoinTimes): JoinPeriod {
  const { periods } = join;
  const open = periods[stream].get(number);
  if (open !== undefined) return open;
  const fullest = [...periods[stream].values()].reduce((most, { entries }) => Math.max(most, entries), 0);
  const counts = [fullest === 0 ? firstCount : bucketCount(fullest)];
  return addPeriod(join, stream, { number, counts, entries: 0, labelled: 0, storedAt: Infinity }, times);
}

/** Adds a period of which the store may hold entries already. */
export function addPeriod(
  join: ModelJoin,
  stream: Stream,
  {
    number,
    counts,
    entries,
    labelled,
    storedAt,
  }: Omit<JoinPeriod, 'isComplete' | 'context' | 'known' | 'changed'>,
  times: JoinTimes,
): JoinPeriod {
  const period: JoinPeriod = {
    ...{ number, counts, entries, labelled, storedAt, isComplete: entries === 0 },
    ...{ context: contextOf(join, number, times), known: new Map(), changed: new Map() },
  };
  join.periods[stream].set(number, period);
  join.waiting += entries;
  return period;
}

/** Puts an entry in its place; one that is new goes to a bucket that has room. */
export function putEntry(join: ModelJoin, period: JoinPeriod, key: string, bytes: Uint8Array): void {
  join.isChanged = true;
  let known = period.known.get(key);
  if (known === undefined) {
    const total = period.counts.reduce((sum, count) => sum + count, 0);
    if (areFull(total, period.entries)) period.counts.push(period.counts.at(-1)! * growth);
    const count = period.counts.at(-1)!;
    known = { bytes: undefined, count, index: bucketOfKey(key, count) };
    period.known.set(key, known);
  }
  if (known.bytes === undefined) {
    period.entries += 1;
    join.waiting += 1;
  }
  known.bytes = bytes;
  period.changed.set(key, known);
}

/** Takes an entry away. */
export function removeEntry(join: ModelJoin, period: JoinPeriod, key: string): void {
  const known = period.known.get(key);
  if (known?.bytes === undefined) return;
  join.isChanged = true;
  known.bytes = undefined;
  period.entries -= 1;
  join.waiting -= 1;
  period.changed.set(key, known);
}

/** The address of a bucket in the store. */
export function bucketAt(
  { model }: Pick<ModelJoin, 'model'>,
  stream: Stream,
  period: number,
  { count, index }: Pick<KnownEntry, 'count' | 'index'>,
): JoinBucket {
  return { model, stream, period, count, index };
}

/** What accumulators need to know of the model. */
export function specOf({ quality }: ModelJoin): LabelledSpec {
  return quality.spec;
}
