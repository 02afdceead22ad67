// Settings and models of the simulations, made once: windows, leases and intervals that are short against its faults.
import { pipelineSettings } from '../../src/app/pipeline-settings.ts';
import type { Models } from '../../src/pipeline/model.ts';
import type { RunSettings } from '../../src/pipeline/run.ts';
import { uniform } from '../drift/random.ts';
import { baselineOfEvents, modelsOf, settingsOf } from '../pipeline/sample-models.ts';
import { modelNames, predictionRow } from './events.ts';

export const shardCount = 3;

const settings = settingsOf(`
windows: { size: 1m, rollups: [4m], out_of_orderness: 5s, idle_after: 2s, revise_every: 0s, revision_horizon: 1h }
checkpoint: { interval: 1s }
evaluation: { interval: 1s, lease: 2s }
drift: { min_count: 8 }
alerts: { raise: { windows: 1, of: 1 }, clear: { windows: 2 }, stalled_after: 40s }
retrain: { drifted_features: 0, within: 3m, cooldown: 4m }
limits: { versions_per_model: 2, open_windows: 10 }
models:
  - { name: fraud, task: binary, plain: [country] }
  - { name: churn, task: binary, labels: ignore }
`);

export const sizes: readonly number[] = [settings.windows.sizeMs, ...settings.windows.rollupsMs];

const random = uniform(1);
const reference = Array.from({ length: 200 }, (_, i) => predictionRow(`b${i}`, false, random));

export const models: Models = modelsOf(
  settings,
  new Map(
    modelNames.map((model) => {
      const events = reference.map((row, i) => ({ ...row, model, timestamp: 0, label: i % 4 === 0 ? 1 : 0 }));
      return [model, baselineOfEvents(settings, model, events)];
    }),
  ),
);

/** How many events lie between two checkpoints, and how often a window is revised, are a matter of the seed. */
export function settingsFor(random: () => number): RunSettings {
  const { ingest, evaluation, stalledAfterMs } = pipelineSettings(settings);
  // Where little is accepted late, what waits is forgotten before the end.
  const revisionHorizonMs = random() < 0.5 ? 60_000 : 3_600_000;
  const windows = { ...ingest.windows, reviseEveryMs: random() < 0.5 ? 0 : 2_000, revisionHorizonMs };
  const horizonMs = random() < 0.5 ? 120_000 : 3_600_000;
  const acceptedMs = windows.sizeMs + revisionHorizonMs;
  const labels = { ...ingest.labels, horizonMs, acceptedMs, skewMs: random() < 0.5 ? 5_000 : 300_000 };
  return {
    ingest: {
      ...ingest,
      windows,
      labels,
      checkpoint: { intervalMs: 1_000, events: 5 + Math.floor(random() * 40) },
    },
    evaluation: { ...evaluation, windows },
    stalledAfterMs,
  };
}
