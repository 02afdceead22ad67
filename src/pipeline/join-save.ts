// The join's part of a checkpoint: what has changed of it, and what memory and store may forget.
import { encodeJoinState } from '../codec/join-state.ts';
import { encodeLabelled } from '../codec/labelled-profile.ts';
import type { JoinChanges, JoinEntries } from '../join-port.ts';
import type { StoredProfile, Stream } from '../ports.ts';
import { areLabelsOver, arePredictionsOver, bucketRetention, entryName } from '../quality/join-bucket.ts';
import { bucketAt, type JoinPeriod, type ModelJoin } from './join.ts';
import type { IngestSettings, JoinSettings } from './settings.ts';
import { type Shard, streams } from './shard.ts';

/** Entries that a shard keeps in memory after a checkpoint; others are read again from the store. */
const knownMax = 200_000;

/** What the labelled parts of windows have become since the last checkpoint. */
export function changedLabelled({ join }: Shard): StoredProfile[] {
  const changed: StoredProfile[] = [];
  for (const { model, start, versions } of join.windows.values()) {
    for (const [version, { profile, version: offset, dirty }] of versions) {
      if (!dirty) continue;
      const key = { model, version, segment: 'all', start, part: 'labelled' as const };
      const bytes = encodeLabelled(profile, join.models.get(model)!.quality.spec);
      changed.push({ key, version: offset, bytes });
    }
  }
  return changed;
}

/** Forgets the periods that are over, and returns what else has changed; undefined where nothing has. */
export function joinChanges(shard: Shard, settings: JoinSettings, now: number): JoinChanges | undefined {
  const entries: JoinEntries[] = [];
  const changes = { entries, dropped: [], states: [], retentionMs: bucketRetention(settings) };
  const states: [string, string][] = [];
  const dropped: JoinChanges['dropped'][number][] = [];
  for (const join of shard.join.models.values()) {
    forgetPeriods(join, shard.time.watermark, settings, now);
    if (!join.isChanged) continue;
    noteTime(join, now);
    for (const stream of streams)
      for (const period of join.periods[stream].values())
        entries.push(...changedBuckets(join, stream, period));
    states.push([join.model, encodeJoinState(stateOf(join))]);
    dropped.push(...join.dropped);
  }
  return states.length === 0 ? undefined : { ...changes, states, dropped };
}

function stateOf(join: ModelJoin) {
  const { versions, counts, latestLabel, errors } = join;
  const { predictions, labels } = join.periods;
  const states = (periods: ReadonlyMap<number, JoinPeriod>) =>
    [...periods.values()].map(({ number, counts: sizes, entries, labelled, storedAt }) => ({
      ...{ number, counts: sizes, entries, labelled, storedAt },
    }));
  return {
    ...{ versions, counts, latestLabel, errors },
    ...{ predictions: states(predictions), labels: states(labels) },
  };
}

function changedBuckets(join: ModelJoin, stream: Stream, period: JoinPeriod): JoinEntries[] {
  const byBucket = new Map<string, [string, Uint8Array | undefined][]>();
  const buckets: JoinEntries[] = [];
  for (const [key, known] of period.changed) {
    const id = `${known.count}:${known.index}`;
    let entries = byBucket.get(id);
    if (entries === undefined) {
      entries = [];
      byBucket.set(id, entries);
      buckets.push({ bucket: bucketAt(join, stream, period.number, known), entries });
    }
    entries.push([entryName(key), known.bytes]);
  }
  return buckets;
}

function noteTime({ periods }: ModelJoin, now: number): void {
  for (const stream of streams)
    for (const period of periods[stream].values()) if (period.changed.size > 0) period.storedAt = now;
}

/** What the store keeps no longer is forgotten too, so that it takes up no room: its labels, or its predictions, never came. */
function forgetPeriods(join: ModelJoin, watermark: number, settings: JoinSettings, now: number): void {
  const isGone = ({ storedAt }: JoinPeriod): boolean => storedAt + bucketRetention(settings) <= now;
  for (const [number, period] of join.periods.predictions) {
    if (!isGone(period) && !arePredictionsOver(number, watermark, join.latestLabel, settings)) continue;
    join.counts.unlabelled += period.entries - period.labelled;
    dropPeriod(join, 'predictions', period);
  }
  for (const [number, period] of join.periods.labels) {
    if (!isGone(period) && !areLabelsOver(number, watermark, settings)) continue;
    join.counts.orphan += period.entries;
    dropPeriod(join, 'labels', period);
  }
}

function dropPeriod(join: ModelJoin, stream: Stream, period: JoinPeriod): void {
  join.periods[stream].delete(period.number);
  join.waiting -= period.entries;
  join.isChanged = true;
  for (const count of period.counts)
    for (let index = 0; index < count; index++)
      join.dropped.push(bucketAt(join, stream, period.number, { count, index }));
}

/** Marks everything as stored, and keeps the newest of it in memory. */
export function noteJoinStored(shard: Shard, settings: IngestSettings): void {
  const { models, windows } = shard.join;
  const periods: JoinPeriod[] = [];
  for (const join of models.values()) {
    join.isChanged = false;
    join.dropped.length = 0;
    for (const stream of streams) {
      for (const period of join.periods[stream].values()) {
        for (const [key, { bytes }] of period.changed) if (bytes === undefined) period.known.delete(key);
        period.changed.clear();
        periods.push(period);
      }
    }
  }
  forgetKnown(periods);
  for (const { versions } of windows.values()) for (const open of versions.values()) open.dirty = false;
  const excess = windows.size - settings.limits.openWindows;
  if (excess <= 0) return;
  const oldest = [...windows].sort(([, a], [, b]) => a.start - b.start).slice(0, excess);
  for (const [id] of oldest) windows.delete(id);
}

function forgetKnown(periods: JoinPeriod[]): void {
  let known = periods.reduce((sum, period) => sum + period.known.size, 0);
  if (known <= knownMax) return;
  periods.sort((a, b) => a.number - b.number);
  for (const period of periods) {
    if (known <= knownMax) return;
    known -= period.known.size;
    if (period.known.size === 0) continue;
    period.known.clear();
    period.isComplete = false;
  }
}
