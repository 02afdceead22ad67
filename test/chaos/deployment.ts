// What the workers of a chaos run are told: one configuration, in which only the addresses differ from worker to worker.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadModels } from '../../src/app/models.ts';
import { pipelineSettings } from '../../src/app/pipeline-settings.ts';
import { encodeBaseline } from '../../src/codec/baseline.ts';
import type { Models } from '../../src/pipeline/model.ts';
import type { RunSettings } from '../../src/pipeline/run.ts';
import type { OutboundTopic, Stream } from '../../src/ports.ts';
import { uniform } from '../drift/random.ts';
import { baselineOfEvents, settingsOf } from '../pipeline/sample-models.ts';
import { models as modelShares, predictionRow } from './events.ts';

export const group = 'chaos';
export const redisPrefix = 'chaos';

export const topics: Readonly<Record<Stream | OutboundTopic, string>> = {
  predictions: 'predictions',
  labels: 'labels',
  results: 'results',
  alerts: 'alerts',
  dead_letters: 'dead-letters',
};

export interface Addresses {
  readonly kafka: string;
  readonly redis: string;
}

export interface Deployment {
  readonly models: Models;
  readonly settings: RunSettings;
  /** Window sizes that have results, milliseconds, ascending. */
  readonly sizes: readonly number[];
  /** Writes the configuration of a worker that finds its servers there; returns its path. */
  configure(worker: number, addresses: Addresses): Promise<string>;
}

/** Builds the baselines and writes them to a folder. */
export async function createDeployment(folder: string): Promise<Deployment> {
  const baselines = new Map<string, string>();
  const unbuilt = settingsOf(configuration({ kafka: '127.0.0.1:9092', redis: '127.0.0.1:6379' }, baselines));
  for (const model of modelShares.filter(({ hasBaseline }) => hasBaseline)) {
    const random = uniform(1);
    const rows = Array.from({ length: 3_000 }, (_, i) => ({
      ...predictionRow(model, false, random),
      ...{ prediction_id: `b${i}`, model: model.name, timestamp: 0 },
    }));
    const path = join(folder, `${model.name}.json`);
    await writeFile(path, encodeBaseline(baselineOfEvents(unbuilt, model.name, rows)));
    baselines.set(model.name, path);
  }
  const settings = settingsOf(configuration({ kafka: '127.0.0.1:9092', redis: '127.0.0.1:6379' }, baselines));
  return {
    models: await loadModels(settings, undefined),
    settings: pipelineSettings(settings),
    sizes: [settings.windows.sizeMs, ...settings.windows.rollupsMs],
    configure: async (worker, addresses) => {
      const path = join(folder, `worker-${worker}.yaml`);
      await writeFile(path, configuration(addresses, baselines));
      return path;
    },
  };
}

/** Short windows, leases and intervals, so that faults meet every part of the work often. */
function configuration({ kafka, redis }: Addresses, baselines: ReadonlyMap<string, string>): string {
  const listed = modelShares.map(({ name, task }) => {
    const baseline = baselines.get(name);
    const known =
      baseline === undefined
        ? 'features: { amount: numeric, age: numeric, country: categorical }'
        : `baseline: ${baseline}`;
    return `  - { name: ${name}, task: ${task}, plain: [country], ${known} }`;
  });
  return `
group: ${group}
kafka:
  brokers: ["${kafka}"]
  topics: { predictions: ${topics.predictions}, labels: ${topics.labels}, results: ${topics.results}, alerts: ${topics.alerts}, dead_letters: ${topics.dead_letters} }
redis: { url: "redis://${redis}", prefix: ${redisPrefix} }
http: { port: 0 }
windows: { size: 10s, rollups: [1m], out_of_orderness: 5s, idle_after: 3s, revise_every: 1s, revision_horizon: 1h }
checkpoint: { interval: 500ms, events: 2000 }
evaluation: { interval: 300ms, lease: 3s }
drift: { min_count: 50 }
alerts: { raise: { windows: 2, of: 3 }, clear: { windows: 2 } }
limits: { versions_per_model: 3, open_windows: 20 }
models:
${listed.join('\n')}
`;
}
