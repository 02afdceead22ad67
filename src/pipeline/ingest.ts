// One batch of records into one shard: decode, decide what is late, fold the rest into the windows' profiles.
import { deadLetter } from '../codec/dead-letter.ts';
import { decodeLabel, decodePrediction } from '../codec/event.ts';
import { decodeProfile } from '../codec/profile.ts';
import type { LogRecord, RecordBatch } from '../log-source.ts';
import type { Clock, Meter, ShardStore, Stream } from '../ports.ts';
import type { LabelEvent, PredictionEvent, Reject } from '../profile/event.ts';
import { emptyProfile, observePrediction } from '../profile/profile.ts';
import type { ModelSchema } from '../profile/schema.ts';
import { advanced } from '../profile/watermark.ts';
import { isBeyondRevision, newestDueEnd, windowStart } from '../profile/window.ts';
import { foldAwaited, foldLabelEvents, type PlacedLabel, type PlacedPrediction } from './join-fold.ts';
import type { Models } from './model.ts';
import { type IngestSettings, otherVersions, type WindowSettings } from './settings.ts';
import { type OpenProfile, type OpenWindow, type Shard, windowId } from './shard.ts';

export interface IngestPorts {
  readonly shards: ShardStore;
  readonly clock: Clock;
  readonly meter: Meter;
}

/** A prediction on its way to the profile of its window. */
interface Placed {
  readonly event: PredictionEvent;
  readonly offset: number;
  readonly window: string;
}

/**
 * Folds the records of a batch that the shard has not folded yet. The shard's content afterwards is a function of the
 * records in the order of their offsets alone: not of batch boundaries, nor of checkpoints in between.
 */
export async function ingest(
  shard: Shard,
  batch: RecordBatch,
  models: Models,
  settings: IngestSettings,
  ports: IngestPorts,
): Promise<void> {
  const { stream } = batch;
  shard.ends[stream] = Math.max(shard.ends[stream], batch.endOffset);
  if (batch.nextOffset <= shard.next[stream]) return;
  const records =
    batch.firstOffset < shard.next[stream]
      ? batch.records.filter((record) => record.offset >= shard.next[stream])
      : batch.records;
  if (stream === 'predictions') await foldPredictions(shard, records, models, settings, ports);
  else await foldLabels(shard, records, models, settings, ports);
  shard.next[stream] = batch.nextOffset;
  shard.unsaved += Math.max(records.length, 1);
}

async function foldPredictions(
  shard: Shard,
  records: readonly LogRecord[],
  models: Models,
  settings: IngestSettings,
  ports: IngestPorts,
): Promise<void> {
  const { sizeMs, graceMs } = settings.windows;
  const [now, watermark] = [ports.clock.now(), shard.time.watermark];
  const { placed, late } = placePredictions(shard, records, models, settings, ports, now);
  const passed = newestDueEnd(shard.time.watermark, sizeMs, graceMs);
  if (passed > newestDueEnd(watermark, sizeMs, graceMs)) shard.passedAt = now;
  if (placed.length > 0) {
    shard.heardAt = ports.clock.elapsed();
    shard.quietEnds = undefined;
    shard.idle = false;
  }
  await openWindows(shard, placed, models, settings, ports);
  const unknown = new Map<string, number>();
  const pooled = new Map<string, number>();
  const awaited: PlacedPrediction[] = [];
  for (const { event, offset, window } of placed) {
    const { schema, quality } = models.get(event.model)!;
    const { versions } = shard.open.get(window)!;
    const version = keptVersion(versions, event.modelVersion, settings);
    if (version !== event.modelVersion) countMore(pooled, event.model, 1);
    if (quality !== undefined) awaited.push({ event, version });
    const open = versionProfile(versions, version, schema);
    const unknownBefore = open.profile.unknownFeatures;
    observePrediction(open.profile, schema, event);
    countMore(unknown, event.model, open.profile.unknownFeatures - unknownBefore);
    open.offset = offset + 1;
    open.dirty = true;
  }
  if (awaited.length > 0) await foldAwaited(shard, awaited, models, settings, ports.shards);
  ports.meter.count('driftline_events_total', { stream: 'predictions', outcome: 'accepted' }, placed.length);
  if (late > 0) ports.meter.count('driftline_late_events_total', { stream: 'predictions' }, late);
  for (const [model, values] of unknown)
    ports.meter.count('driftline_unknown_features_total', { model }, values);
  for (const [model, events] of pooled) ports.meter.count('driftline_pooled_events_total', { model }, events);
}

function countMore(counts: Map<string, number>, model: string, more: number): void {
  if (more > 0) counts.set(model, (counts.get(model) ?? 0) + more);
}

/** Decodes records and finds the window of each. Lateness is judged against the watermark as it stood at that record. */
function placePredictions(
  shard: Shard,
  records: readonly LogRecord[],
  models: Models,
  settings: IngestSettings,
  ports: IngestPorts,
  now: number,
): { placed: Placed[]; late: number } {
  const { windows } = settings;
  const latest = now + windows.maxClockSkewMs;
  const placed: Placed[] = [];
  let late = 0;
  let lastModel: string | undefined;
  let lastStart = 0;
  let window = '';
  for (const { offset, payload } of records) {
    const event = decodePrediction(payload, settings.limits);
    if (event.kind === 'reject') {
      refuse(shard, 'predictions', offset, payload, event, settings, ports);
      continue;
    }
    const start = windowStart(event.timestamp, windows.sizeMs);
    const end = start + windows.sizeMs;
    const refused = refusal(event, models, latest) ?? tooOld(start, end, shard, windows);
    if (refused !== undefined) {
      refuse(shard, 'predictions', offset, payload, refused, settings, ports);
      continue;
    }
    if (end <= shard.time.watermark) late += 1;
    shard.time = advanced(shard.time, event.timestamp, windows.outOfOrdernessMs);
    // Neighbours in the log nearly always share model and window: the key is made once for all of them.
    if (start !== lastStart || event.model !== lastModel) {
      window = windowId(event.model, start);
      lastStart = start;
      lastModel = event.model;
    }
    placed.push({ event, offset, window });
  }
  return { placed, late };
}

function tooOld(start: number, end: number, shard: Shard, windows: WindowSettings): Reject | undefined {
  if (start < shard.stored.completeFrom) return { kind: 'reject', reason: 'not_rebuilt', path: 'timestamp' };
  if (!isBeyondRevision(end, shard.time.watermark, windows.revisionHorizonMs)) return undefined;
  return { kind: 'reject', reason: 'too_late', path: 'timestamp' };
}

/** Labels of models without quality are counted, and no more. */
async function foldLabels(
  shard: Shard,
  records: readonly LogRecord[],
  models: Models,
  settings: IngestSettings,
  ports: IngestPorts,
): Promise<void> {
  const latest = ports.clock.now() + settings.windows.maxClockSkewMs;
  const placed: PlacedLabel[] = [];
  let accepted = 0;
  for (const { offset, payload } of records) {
    const event = decodeLabel(payload, settings.limits);
    const reject = event.kind === 'reject' ? event : refusal(event, models, latest);
    if (reject !== undefined) refuse(shard, 'labels', offset, payload, reject, settings, ports);
    else accepted += 1;
    if (event.kind === 'label' && reject === undefined && models.get(event.model)!.quality !== undefined)
      placed.push({ event, offset });
  }
  if (placed.length > 0) await foldLabelEvents(shard, placed, models, settings, ports.shards);
  shard.labels += accepted;
  ports.meter.count('driftline_events_total', { stream: 'labels', outcome: 'accepted' }, accepted);
}

/** What is wrong with an event that decoded well, given the models and the clock; undefined when nothing is. */
function refusal(event: PredictionEvent | LabelEvent, models: Models, latest: number): Reject | undefined {
  if (!models.has(event.model)) return { kind: 'reject', reason: 'unknown_model', path: 'model' };
  if (event.timestamp > latest) return { kind: 'reject', reason: 'future', path: 'timestamp' };
  return undefined;
}

function refuse(
  shard: Shard,
  stream: Stream,
  offset: number,
  payload: LogRecord['payload'],
  reject: Reject,
  settings: IngestSettings,
  ports: IngestPorts,
): void {
  const topic = settings.topics[stream];
  const origin = { stream, topic, shard: shard.shard, offset };
  shard.outgoing.push(deadLetter(origin, reject, payload, settings.deadLetterPayload));
  ports.meter.count('driftline_dead_letters_total', { stream, reason: reject.reason }, 1);
  ports.meter.count('driftline_events_total', { stream, outcome: 'rejected' }, 1);
}

/** Brings the windows that a batch needs into memory, with what the store holds of them. */
async function openWindows(
  shard: Shard,
  placed: readonly Placed[],
  models: Models,
  settings: IngestSettings,
  ports: IngestPorts,
): Promise<void> {
  const wanted = new Map<string, OpenWindow>();
  for (const { event, window } of placed) {
    if (shard.open.has(window) || wanted.has(window)) continue;
    const start = windowStart(event.timestamp, settings.windows.sizeMs);
    wanted.set(window, {
      model: event.model,
      start,
      end: start + settings.windows.sizeMs,
      versions: new Map(),
    });
  }
  await Promise.all(
    [...wanted.values()].map(async (window) => {
      const { schema } = models.get(window.model)!;
      const { parts } = await ports.shards.read(shard.shard, window);
      for (const { key, version, bytes } of parts) {
        if (key.part !== undefined) continue;
        if (version > shard.stored.offsets.predictions) shard.overtaken = true;
        window.versions.set(key.version, {
          profile: decodeProfile(bytes, schema),
          offset: version,
          dirty: false,
        });
      }
    }),
  );
  for (const [id, window] of wanted) shard.open.set(id, window);
}

/** The version under which an event is counted: those beyond the limit share one, so that producers cannot make them without bound. */
function keptVersion(versions: OpenWindow['versions'], version: string, { limits }: IngestSettings): string {
  return versions.has(version) || versions.size < limits.versionsPerModel ? version : otherVersions;
}

function versionProfile(versions: OpenWindow['versions'], version: string, schema: ModelSchema): OpenProfile {
  const known = versions.get(version);
  if (known !== undefined) return known;
  const opened: OpenProfile = { profile: emptyProfile(schema), offset: 0, dirty: false };
  versions.set(version, opened);
  return opened;
}
