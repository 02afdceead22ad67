// Settings from the text of a configuration file, and models whose baselines are made of events in memory.
import { monitored } from '../../src/app/models.ts';
import { sealBaseline } from '../../src/codec/baseline.ts';
import { decodePrediction } from '../../src/codec/event.ts';
import { parseSettings, type Settings } from '../../src/config/settings.ts';
import type { Models } from '../../src/pipeline/model.ts';
import type { Log, Meter } from '../../src/ports.ts';
import type { Baseline } from '../../src/profile/baseline.ts';
import { sortedNumbers } from '../../src/profile/column-sample.ts';
import type { PredictionEvent } from '../../src/profile/event.ts';
import { emptyReference, freezeSchema, sampleEvent } from '../../src/profile/freeze.ts';
import { emptyProfile, observePrediction } from '../../src/profile/profile.ts';
import {
  emptyQualityBuild,
  observeLabelledRow,
  referenceQuality,
} from '../../src/quality/reference-build.ts';

/** Files in order, later ones over earlier ones; throws with every problem that they have. */
export function settingsOf(...files: readonly string[]): Settings {
  const parsed = parseSettings({
    files: files.map((text, i) => ({ path: `settings-${i}.yaml`, text })),
    env: {},
    flags: [],
  });
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('; '));
  return parsed.settings;
}

/** A baseline of prediction events, all of which must be readable. */
export function baselineOfEvents(settings: Settings, model: string, events: readonly object[]): Baseline {
  const task = settings.models.find(({ name }) => name === model)!.task;
  const predictions = events.map((event) => readable(event, settings));
  const reference = emptyReference({ model, task });
  for (const prediction of predictions) sampleEvent(reference, prediction);
  const schema = freezeSchema(reference);
  const profile = emptyProfile(schema);
  for (const prediction of predictions) observePrediction(profile, schema, prediction);
  const rows = predictions.length;
  const provenance = { source: 'memory', builtAt: '1970-01-01T00:00:00.000Z', builtBy: 'test' };
  const baseline = { schema, profile, period: { start: null, end: null }, provenance };
  const times = sortedNumbers(reference.times);
  if (predictions.every(({ label }) => label === undefined)) return sealBaseline(baseline);
  const quality = emptyQualityBuild(baseline, sortedNumbers(reference.label), {
    ...{ rows, times, inOrder: reference.isInTimeOrder },
  });
  predictions.forEach((prediction, row) => {
    observeLabelledRow(quality, prediction, row);
  });
  const found = referenceQuality(quality);
  return sealBaseline(found === undefined ? baseline : { ...baseline, quality: found });
}

function readable(event: object, settings: Settings): PredictionEvent {
  const decoded = decodePrediction(event, settings.limits);
  if (decoded.kind === 'reject') throw new Error(`${decoded.reason}: ${JSON.stringify(event)}`);
  return decoded;
}

/** The models of the settings, with the baselines that there are. */
export function modelsOf(settings: Settings, baselines: ReadonlyMap<string, Baseline>): Models {
  return new Map(
    settings.models.map((model) => [
      model.name,
      monitored(model, baselines.get(model.name), settings, undefined),
    ]),
  );
}

export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

export const silentMeter: Meter = {
  count: () => undefined,
  gauge: () => undefined,
  observe: () => undefined,
};
