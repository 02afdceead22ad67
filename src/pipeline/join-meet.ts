// One id on its way: a prediction that meets the labels that have come before it, a label that meets its prediction, and what
// waits of both.
import {
  decodeJoinEntry,
  decodeWaitingLabels,
  encodeJoinEntry,
  encodeWaitingLabels,
  type WaitingLabels,
} from '../codec/join-entry.ts';
import { windowStart } from '../profile/window.ts';
import { advanceErrorStream, errorOf } from '../quality/error-stream.ts';
import {
  type JoinEntry,
  type JoinStep,
  joinLabel,
  joinPrediction,
  type LabelHistory,
} from '../quality/join.ts';
import {
  areLabelsOver,
  isBehind,
  labelPeriods,
  periodOf,
  predictionPeriods,
} from '../quality/join-bucket.ts';
import { countAwaited, countOutcome, emptyLabelled } from '../quality/labelled-profile.ts';
import type { AwaitedPrediction, TimedLabel } from '../quality/outcome.ts';
import {
  type JoinPeriod,
  type ModelJoin,
  type OpenLabelled,
  openPeriod,
  putEntry,
  removeEntry,
  specOf,
  unlabelledVersion,
} from './join.ts';
import type { IngestSettings, JoinSettings } from './settings.ts';
import { type Shard, windowId } from './shard.ts';

/** An id on its way to what waits; undefined prediction or label where the event has none that could be compared. */
export interface Arrival {
  readonly join: ModelJoin;
  readonly key: string;
  readonly prediction: AwaitedPrediction | undefined;
  readonly label: TimedLabel | undefined;
  /** The version of a labelled part that its label changes; of a prediction without label it is not used. */
  readonly version: number;
}

/** The periods that hold anything, newest first. */
export function* within(
  periods: ReadonlyMap<number, JoinPeriod>,
  [first, last]: readonly [number, number],
): Generator<JoinPeriod> {
  for (let number = last; number >= first; number--) {
    const period = periods.get(number);
    if (period !== undefined && period.entries > 0) yield period;
  }
}

export interface Match {
  readonly period: JoinPeriod;
  readonly entry: JoinEntry;
}

/** The prediction that a label is for. */
export function matchOf({ join, key, label }: Arrival, settings: JoinSettings): Match | undefined {
  if (label === undefined) return undefined;
  const range = predictionPeriods(periodOf(label.timestamp, settings), settings);
  for (const period of within(join.periods.predictions, range)) {
    const entry = entryOf(period, key);
    if (entry?.prediction !== undefined) return { period, entry };
  }
  return undefined;
}

function entryOf({ known, context }: JoinPeriod, key: string): JoinEntry | undefined {
  const bytes = known.get(key)?.bytes;
  return bytes && decodeJoinEntry(bytes, context);
}

/** A prediction comes, and meets the labels that wait for it. The labelled part of its window must be open. */
export function meetLabels(
  shard: Shard,
  { join, key, version }: Arrival,
  prediction: AwaitedPrediction,
  settings: IngestSettings,
): void {
  const number = periodOf(prediction.timestamp, settings.labels);
  const period = openPeriod(join, 'predictions', number, settings.labels);
  const known = entryOf(period, key);
  const { fate, entry } = joinPrediction(known, prediction);
  if (fate === 'duplicate') {
    pass(join, 'duplicate');
    return;
  }
  if (join.waiting >= settings.labels.waitingMax) {
    pass(join, 'no_room');
    return;
  }
  const open = labelledVersion(shard, join, prediction, settings);
  countAwaited(open.profile);
  open.version = Math.max(open.version, version);
  let joined = entry;
  for (const { label, version: asOf } of takeLabels(join, key, number, settings.labels)) {
    const next = joinLabel(joined, label).entry;
    if (next.labels !== joined.labels) open.version = Math.max(open.version, asOf);
    joined = next;
  }
  pass(join, joined.labels === undefined ? 'awaiting' : 'joined');
  if (joined.labels !== undefined) {
    const outcome = { prediction, ...joined.labels };
    countOutcome(open.profile, specOf(join), outcome);
    noteError(join, { added: outcome, fate: 'joined' });
    period.labelled += 1;
  }
  putEntry(join, period, key, encodeJoinEntry(joined, period.context));
}

/** A label comes, and meets its prediction or waits for it. The labelled part of the window of a match must be open. */
export function meetPrediction(
  shard: Shard,
  arrival: Arrival,
  label: TimedLabel,
  settings: IngestSettings,
): void {
  const { join, key, version } = arrival;
  const number = periodOf(label.timestamp, settings.labels);
  if (isBehind(number, join.latestLabel)) {
    pass(join, 'beyond_horizon');
    return;
  }
  join.latestLabel = Math.max(join.latestLabel, number);
  const match = matchOf(arrival, settings.labels);
  if (match === undefined) {
    waitForPrediction(shard, arrival, label, number, settings);
    return;
  }
  const step = joinLabel(match.entry, label);
  pass(join, step.fate);
  if (step.entry.labels === match.entry.labels) return;
  if (match.entry.labels === undefined) match.period.labelled += 1;
  const open = labelledVersion(shard, join, match.entry.prediction!, settings);
  if (step.removed !== undefined) countOutcome(open.profile, specOf(join), step.removed, -1);
  if (step.added !== undefined) countOutcome(open.profile, specOf(join), step.added);
  open.version = Math.max(open.version, version);
  noteError(join, step);
  putEntry(join, match.period, key, encodeJoinEntry(step.entry, match.period.context));
}

function waitForPrediction(
  shard: Shard,
  { join, key, version }: Arrival,
  label: TimedLabel,
  number: number,
  settings: IngestSettings,
): void {
  if (areLabelsOver(number, shard.time.watermark, settings.labels)) {
    pass(join, 'orphan');
    return;
  }
  const period = openPeriod(join, 'labels', number, settings.labels);
  const known = waitingOf(period, key);
  if (known === undefined && join.waiting >= settings.labels.waitingMax) {
    pass(join, 'no_room');
    return;
  }
  const { fate, entry } = joinLabel(known && { prediction: undefined, labels: known.labels }, label);
  pass(join, fate);
  const labels = entry.labels!;
  if (labels === known?.labels) return;
  const versionOf = (end: keyof LabelHistory): number =>
    labels[end] === known?.labels[end] ? known.versions[end] : version;
  const versions = { first: versionOf('first'), latest: versionOf('latest') };
  putEntry(join, period, key, encodeWaitingLabels({ labels, versions }, period.context));
}

interface VersionedLabel {
  readonly label: TimedLabel;
  readonly version: number;
}

/**
 * Takes the labels that wait for a prediction, in the order in which they came: so its window gets the version that it would
 * have if the prediction had come before them.
 */
function takeLabels(
  join: ModelJoin,
  key: string,
  predictionPeriod: number,
  settings: JoinSettings,
): VersionedLabel[] {
  const taken: VersionedLabel[] = [];
  for (const period of within(join.periods.labels, labelPeriods(predictionPeriod, settings))) {
    const waiting = waitingOf(period, key);
    if (waiting === undefined) continue;
    removeEntry(join, period, key);
    const { labels, versions } = waiting;
    taken.push({ label: labels.first, version: versions.first });
    taken.push({ label: labels.latest, version: versions.latest });
  }
  return taken.sort((a, b) => a.version - b.version);
}

function waitingOf({ known, context }: JoinPeriod, key: string): WaitingLabels | undefined {
  const bytes = known.get(key)?.bytes;
  return bytes && decodeWaitingLabels(bytes, context);
}

/** The labelled part that a prediction counts in, which is going to change. */
function labelledVersion(
  shard: Shard,
  join: ModelJoin,
  { timestamp, version }: AwaitedPrediction,
  settings: IngestSettings,
): OpenLabelled {
  const { versions } = shard.join.windows.get(
    windowId(join.model, windowStart(timestamp, settings.windows.sizeMs)),
  )!;
  const open = versions.get(version) ?? {
    profile: emptyLabelled(specOf(join)),
    version: unlabelledVersion,
    dirty: true,
  };
  versions.set(version, open);
  open.dirty = true;
  return open;
}

/** The first label of every prediction, in the order in which they come. */
function noteError(join: ModelJoin, { fate, added }: Pick<JoinStep, 'fate' | 'added'>): void {
  if (fate !== 'joined' || added === undefined) return;
  const { spec, reference } = join.quality;
  const isClassification = spec.schema.task !== 'regression';
  const scale = isClassification ? undefined : (reference?.metrics.get('mae')?.value ?? 1);
  const error = errorOf(added, scale);
  if (error !== undefined)
    join.errors = advanceErrorStream(join.errors, error, added.latest.timestamp, isClassification);
}

/** Counts what became of an event. */
export function pass(join: ModelJoin, fate: keyof ModelJoin['counts']): void {
  join.counts[fate] += 1;
  join.isChanged = true;
}
