// Predictions and labels as they come: what waits, what meets, and what the labelled parts of windows count of it.
import type { ModelWindow, ShardStore } from '../ports.ts';
import type { LabelEvent, PredictionEvent } from '../profile/event.ts';
import { windowStart } from '../profile/window.ts';
import { isSampled } from '../quality/join.ts';
import { idKey, labelPeriods, periodOf, predictionPeriods } from '../quality/join-bucket.ts';
import { type AwaitedPrediction, awaitedPrediction, outcomeValue } from '../quality/outcome.ts';
import { hashText } from '../sketch/murmur-hash.ts';
import { type ModelJoin, specOf, unlabelledVersion, versionAfter, waitingVersion } from './join.ts';
import { type Asked, askFor, openJoins, openLabelledWindows, readEntries } from './join-lookup.ts';
import { type Arrival, matchOf, meetLabels, meetPrediction, pass, within } from './join-meet.ts';
import type { Models } from './model.ts';
import type { IngestSettings, JoinSettings } from './settings.ts';
import { type Shard, windowId } from './shard.ts';

/** A prediction that counted in a window, under the version that it counted for there. */
export interface PlacedPrediction {
  readonly event: PredictionEvent;
  readonly version: string;
}

export interface PlacedLabel {
  readonly event: LabelEvent;
  readonly offset: number;
}

const hash = { low: 0, high: 0 };

/** Predictions wait for their labels, or meet those that have come before. */
export async function foldAwaited(
  shard: Shard,
  placed: readonly PlacedPrediction[],
  models: Models,
  settings: IngestSettings,
  shards: ShardStore,
): Promise<void> {
  await openJoins(shard, new Set(placed.map(({ event }) => event.model)), models, settings.labels, shards);
  const arrivals: Arrival[] = [];
  for (const { event, version: modelVersion } of placed) {
    const join = shard.join.models.get(event.model)!;
    const key = sampledKey(join, event.predictionId, settings.labels);
    if (key === undefined) continue;
    const prediction = awaitedOf(join, event, modelVersion);
    if (prediction === undefined) pass(join, 'unusable');
    else arrivals.push({ join, key, prediction, label: undefined, version: unlabelledVersion });
  }
  await foldArrivals(shard, arrivals, settings, shards);
}

/** Labels meet their predictions, or wait for them. */
export async function foldLabelEvents(
  shard: Shard,
  placed: readonly PlacedLabel[],
  models: Models,
  settings: IngestSettings,
  shards: ShardStore,
): Promise<void> {
  await openJoins(shard, new Set(placed.map(({ event }) => event.model)), models, settings.labels, shards);
  const arrivals: Arrival[] = [];
  for (const { event, offset } of placed) {
    const join = shard.join.models.get(event.model)!;
    const key = sampledKey(join, event.predictionId, settings.labels);
    if (key === undefined) continue;
    const value = outcomeValue(event.label, specOf(join).schema);
    const brought = event.prediction && awaitedOf(join, event.prediction, event.prediction.modelVersion);
    if (value === undefined || (event.prediction !== undefined && brought === undefined)) {
      pass(join, 'unusable');
      continue;
    }
    const label = { value, timestamp: event.timestamp };
    arrivals.push({ join, key, prediction: brought, label, version: versionAfter(offset + 1) });
  }
  await foldArrivals(shard, arrivals, settings, shards);
}

function sampledKey(join: ModelJoin, id: string, { sampleRate }: JoinSettings): string | undefined {
  hashText(id, hash);
  if (isSampled(hash.high, sampleRate)) return idKey(hash);
  pass(join, 'not_sampled');
  return undefined;
}

function awaitedOf(join: ModelJoin, event: PredictionEvent, version: string): AwaitedPrediction | undefined {
  const { schema, grouping } = specOf(join);
  const prediction = awaitedPrediction(event, schema, grouping);
  return prediction && { ...prediction, version: waitingVersion(join, version) };
}

async function foldArrivals(
  shard: Shard,
  arrivals: readonly Arrival[],
  settings: IngestSettings,
  shards: ShardStore,
): Promise<void> {
  const asked: Asked = new Map();
  for (const arrival of arrivals) askAbout(arrival, asked, settings.labels);
  await readEntries(shard, asked, shards);
  const windows = new Map<string, ModelWindow>();
  for (const arrival of arrivals) {
    const prediction = arrival.prediction ?? matchOf(arrival, settings.labels)?.entry.prediction;
    if (prediction === undefined) continue;
    const { model } = arrival.join;
    const start = windowStart(prediction.timestamp, settings.windows.sizeMs);
    windows.set(windowId(model, start), { model, start });
  }
  await openLabelledWindows(shard, windows, shards);
  for (const arrival of arrivals) {
    if (arrival.prediction !== undefined) meetLabels(shard, arrival, arrival.prediction, settings);
    if (arrival.label !== undefined) meetPrediction(shard, arrival, arrival.label, settings);
  }
}

/** Whatever the store may hold that this arrival meets. */
function askAbout({ join, key, prediction, label }: Arrival, asked: Asked, settings: JoinSettings): void {
  if (prediction !== undefined) {
    const number = periodOf(prediction.timestamp, settings);
    const own = join.periods.predictions.get(number);
    if (own !== undefined) askFor(asked, join, 'predictions', own, key);
    for (const period of within(join.periods.labels, labelPeriods(number, settings)))
      askFor(asked, join, 'labels', period, key);
  }
  if (label !== undefined) {
    const number = periodOf(label.timestamp, settings);
    for (const period of within(join.periods.predictions, predictionPeriods(number, settings)))
      askFor(asked, join, 'predictions', period, key);
    const own = join.periods.labels.get(number);
    if (own !== undefined) askFor(asked, join, 'labels', own, key);
  }
}
