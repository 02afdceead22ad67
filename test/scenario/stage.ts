// Where a scenario is played: the real worker and evaluation on a log, stores and a clock in memory.
import { stringify } from 'yaml';
import { pipelineSettings } from '../../src/app/pipeline-settings.ts';
import { createMemoryStores } from '../../src/io/memory.ts';
import { createTally, type Tally } from '../../src/io/tally.ts';
import { newEvaluator } from '../../src/pipeline/due.ts';
import { evaluateDue } from '../../src/pipeline/evaluate.ts';
import type { RunPorts } from '../../src/pipeline/run.ts';
import { createWorker } from '../../src/pipeline/worker.ts';
import type { OutboundMessage, ResultStore } from '../../src/ports.ts';
import { createHandClock } from '../pipeline/hand-clock.ts';
import { createMemoryLog } from '../pipeline/memory-source.ts';
import { baselineOfEvents, modelsOf, settingsOf, silentLog } from '../pipeline/sample-models.ts';
import { atTime, type Generated, type Scenario, type Step, type Written } from './case.ts';
import { drawnRows } from './values.ts';

/** What stands where a scenario says nothing else. */
const usual = `
windows: { size: 1m, rollups: [], out_of_orderness: 5s, idle_after: 30s, revise_every: 0s }
models:
  - { name: fraud, task: binary, plain: [country] }
`;

const featuresWithoutBaseline = { amount: 'numeric', country: 'categorical' };

/** What a scenario has led to so far. */
export interface Outcome {
  readonly results: ResultStore;
  readonly models: readonly string[];
  readonly sizes: readonly number[];
  readonly sent: readonly OutboundMessage[];
  readonly tally: Tally;
}

export interface Stage {
  readonly outcome: Outcome;
  /** Does what the step says, then reads, saves and evaluates once. */
  play(step: Exclude<Step, { readonly expect: unknown }>): Promise<void>;
}

/** A stage on which nothing has happened yet. */
export function openStage(scenario: Scenario): Stage {
  const settings = settingsOf(usual, stringify(withFeatures(scenario)));
  const baselines = new Map(
    Object.entries(scenario.baselines).map(([model, { count, seed, values }]) => {
      const rows = drawnRows(values, count, seed).map((row, i) => eventOf(model, '1', 0, `b${i}`, row));
      return [model, baselineOfEvents(settings, model, rows)];
    }),
  );
  const models = modelsOf(settings, baselines);
  const clock = createHandClock(atTime(scenario.clock));
  const log = createMemoryLog(scenario.shards);
  const reader = log.reader();
  const tally = createTally();
  const sent: OutboundMessage[] = [];
  let tokens = 0;
  const stores = createMemoryStores(clock);
  const ports: RunPorts = {
    ...{ ...stores, source: reader, clock, meter: tally.meter, log: silentLog },
    outbound: { send: async (messages) => void sent.push(...messages) },
    token: () => String(tokens++),
    shardCount: scenario.shards,
  };
  const { ingest, evaluation } = pipelineSettings(settings);
  const worker = createWorker(models, ingest, ports);
  const evaluator = newEvaluator();
  const reading = reader.run(worker.handlers);
  reader.assign(scenario.assigned ?? Array.from({ length: scenario.shards }, (_, shard) => shard));
  const failed = Promise.race([reading, worker.failed]);

  async function settle(): Promise<void> {
    // A claim is made by turns of its own; the first tick waits for it.
    await worker.tick();
    for (let next = reader.waiting()[0]; next !== undefined; next = reader.waiting()[0]) {
      await reader.deliver(next.stream, next.shard, 1000);
    }
    await worker.tick();
    const { idleAfterMs } = evaluation.windows;
    const round = { whenIdle: clock.now() - idleAfterMs, final: false };
    await evaluateDue(evaluator, models, evaluation, ports, round);
  }

  return {
    outcome: {
      ...{ results: stores.results, models: [...models.keys()], sent, tally },
      sizes: [settings.windows.sizeMs, ...settings.windows.rollupsMs],
    },
    async play(step) {
      if ('clock' in step) clock.advance(milliseconds(step.clock));
      else if ('assign' in step) reader.assign(step.assign);
      else if ('raw' in step) {
        const { stream, shard, records } = step.raw;
        for (const text of records) log.append(stream, shard, text === null ? null : Buffer.from(text));
      } else {
        const { stream, shard, payloads } =
          'generate' in step ? generated(step.generate) : written(step.send);
        for (const payload of payloads) log.append(stream, shard, Buffer.from(JSON.stringify(payload)));
      }
      await Promise.race([settle(), failed]);
    },
  };
}

/** Models without a baseline need features; those with one must not have any. */
function withFeatures({ settings, baselines }: Scenario): Record<string, unknown> {
  const models = (settings.models ?? [{ name: 'fraud' }]) as { name: string; features?: unknown }[];
  return {
    ...settings,
    models: models.map((model) => ({
      ...(model.name === 'fraud' ? {} : { task: 'binary' }),
      ...model,
      ...(baselines[model.name] === undefined ? { features: featuresWithoutBaseline } : {}),
    })),
  };
}

function milliseconds(duration: string): number {
  const [, amount, unit] = /^(\d+)(\D+)$/.exec(duration)!;
  return Number(amount) * { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit!]!;
}

function eventOf(
  model: string,
  version: string,
  timestamp: number,
  id: string,
  row: Readonly<Record<string, unknown>>,
): object {
  const { prediction = 0, score = 0.5, ...features } = row;
  return {
    ...{ prediction_id: id, model, model_version: version, timestamp },
    ...{ features, prediction, score },
  };
}

function generated({ shard, model, version, count, from, to, seed, values }: Generated) {
  const [start, end] = [atTime(from), atTime(to)];
  const payloads = drawnRows(values, count, seed).map((row, i) => {
    const timestamp = Math.floor(start + (i * (end - start)) / count);
    return eventOf(model, version, timestamp, `${from}-${seed}-${i}`, row);
  });
  return { stream: 'predictions' as const, shard, payloads };
}

function written({ stream, shard, model, events }: Written) {
  const payloads = events.map(({ at, version, values, label }, i) => {
    const id = `${at}-${i}`;
    if (stream === 'labels') return { prediction_id: id, model, label, timestamp: atTime(at) };
    return eventOf(model, version, atTime(at), id, values);
  });
  return { stream, shard, payloads };
}
