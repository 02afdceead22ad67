// What the tests of the pipeline stand on: one model, stores, a log and a clock in memory, and everything that was sent.
import { pipelineSettings } from '../../src/app/pipeline-settings.ts';
import { createMemoryStores, type MemoryStores } from '../../src/io/memory.ts';
import { createTally, type Tally } from '../../src/io/tally.ts';
import type { RecordBatch } from '../../src/log-source.ts';
import type { Models } from '../../src/pipeline/model.ts';
import type { RunPorts, RunSettings } from '../../src/pipeline/run.ts';
import type { OutboundMessage, Stream } from '../../src/ports.ts';
import { createHandClock, type HandClock } from './hand-clock.ts';
import { createMemoryLog, type MemoryLog, type MemoryReader } from './memory-source.ts';
import { modelsOf, settingsOf, silentLog } from './sample-models.ts';

/** What was said at which level. */
export interface Said {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface Rig {
  readonly models: Models;
  readonly settings: RunSettings;
  readonly log: MemoryLog;
  readonly reader: MemoryReader;
  readonly stores: MemoryStores;
  readonly clock: HandClock;
  readonly tally: Tally;
  readonly sent: OutboundMessage[];
  readonly said: Said[];
  readonly ports: RunPorts;
}

/** The time that the rig's clock shows at the start. */
export const noon = Date.UTC(2026, 2, 2, 12);

const usual = `
windows: { size: 1m, rollups: [], out_of_orderness: 5s, idle_after: 30s, revise_every: 0s }
models:
  - { name: fraud, task: binary, plain: [country], features: { amount: numeric, country: categorical } }
`;

/** A rig whose stores and log are empty; `changes` is configuration over the usual one. */
export function openRig(shards = 1, changes = '{}'): Rig {
  const settings = settingsOf(usual, changes);
  const clock = createHandClock(noon);
  const log = createMemoryLog(shards);
  const reader = log.reader();
  const stores = createMemoryStores(clock);
  const tally = createTally();
  const sent: OutboundMessage[] = [];
  const said: Said[] = [];
  let tokens = 0;
  const say =
    (level: Said['level']) =>
    (fields: Said['fields'], message: string): void =>
      void said.push({ level, message, fields });
  const ports: RunPorts = {
    ...{ ...stores, source: reader, clock, meter: tally.meter },
    log: { ...silentLog, info: say('info'), warn: say('warn'), error: say('error') },
    outbound: { send: async (messages) => void sent.push(...messages) },
    token: () => `token ${tokens++}`,
    shardCount: shards,
  };
  const models = modelsOf(settings, new Map());
  return {
    ...{ models, settings: pipelineSettings(settings), log, reader, stores, clock, tally, sent, said, ports },
  };
}

/** A prediction event as bytes; `time` counts milliseconds from noon. */
export function prediction(time: number, more: Readonly<Record<string, unknown>> = {}): Uint8Array {
  const event = { prediction_id: 'p', model: 'fraud', model_version: '1', timestamp: noon + time };
  return Buffer.from(JSON.stringify({ ...event, features: { amount: time }, prediction: 1, ...more }));
}

/** Consecutive records from an offset on. */
export function batchOf(
  firstOffset: number,
  payloads: readonly (Uint8Array | null)[],
  stream: Stream = 'predictions',
): RecordBatch {
  const nextOffset = firstOffset + payloads.length;
  const records = payloads.map((payload, i) => ({ offset: firstOffset + i, payload }));
  return { stream, shard: 0, firstOffset, nextOffset, endOffset: nextOffset, records };
}
