// The story of a finished log: the same folding, saving and evaluating as live, as fast as the events can be read.
import { eventKey } from '../codec/event-key.ts';
import { partitionOf } from '../codec/partitioner.ts';
import type { LogRecord } from '../log-source.ts';
import type { Stream } from '../ports.ts';
import { newEvaluator } from './due.ts';
import { evaluateDue } from './evaluate.ts';
import type { IngestPorts } from './ingest.ts';
import type { Models } from './model.ts';
import { ingestInPortions } from './portions.ts';
import type { EvaluatePorts } from './round.ts';
import type { RunSettings } from './run.ts';
import { type SavePorts, save } from './save.ts';
import { firstMeta, openShard, type Shard } from './shard.ts';

export type ReplayPorts = IngestPorts & SavePorts & EvaluatePorts;

/** Events of one stream in the order of the file. */
export interface EventChunk {
  readonly stream: Stream;
  readonly payloads: readonly (Uint8Array | object)[];
}

export interface ReplaySummary {
  readonly predictions: number;
  readonly labels: number;
  readonly results: number;
}

/**
 * Replays events into fresh stores, as many shards as `ports.shardCount` says, and publishes every window. Events go to
 * the shard that Kafka's own partitioner would give them, so that even what depends on their order agrees with a live
 * run. The outcome depends on the events and the settings alone. `afterRound` is called after every round of evaluation.
 */
export async function replay(
  chunks: AsyncIterable<EventChunk>,
  models: Models,
  settings: RunSettings,
  ports: ReplayPorts,
  afterRound: (summary: ReplaySummary) => void = () => undefined,
): Promise<ReplaySummary> {
  const shards = await claimAll(ports);
  const evaluator = newEvaluator();
  const summary = { predictions: 0, labels: 0, results: 0 };
  let unsaved = 0;
  async function round(whenIdle: number, final: boolean): Promise<void> {
    for (const shard of shards) await save(shard, models, settings.ingest, ports);
    summary.results += await evaluateDue(evaluator, models, settings.evaluation, ports, { whenIdle, final });
    unsaved = 0;
    afterRound(summary);
  }
  for await (const chunk of chunks) {
    await ingestChunk(shards, chunk, models, settings, ports);
    summary[chunk.stream] += chunk.payloads.length;
    unsaved += chunk.payloads.length;
    if (unsaved >= settings.ingest.checkpoint.events) await round(-Infinity, false);
  }
  for (const shard of shards) shard.idle = true;
  await round(Infinity, true);
  return summary;
}

async function claimAll(ports: ReplayPorts): Promise<Shard[]> {
  const shards: Shard[] = [];
  const start = { predictions: 0, labels: 0 };
  for (let shard = 0; shard < ports.shardCount; shard++) {
    const token = ports.token();
    const stored = (await ports.shards.claim(shard, token)) ?? firstMeta(start);
    shards.push(openShard(shard, token, stored, stored.offsets, ports.clock.elapsed()));
  }
  return shards;
}

async function ingestChunk(
  shards: readonly Shard[],
  chunk: EventChunk,
  models: Models,
  settings: RunSettings,
  ports: ReplayPorts,
): Promise<void> {
  const { stream } = chunk;
  const records: LogRecord[][] = shards.map(() => []);
  for (const payload of chunk.payloads) {
    const at = shards.length === 1 ? 0 : shardOf(payload, shards.length);
    const shard = shards[at]!;
    records[at]!.push({ offset: shard.next[stream] + records[at]!.length, payload });
  }
  for (const shard of shards) {
    const own = records[shard.shard]!;
    if (own.length === 0) continue;
    const firstOffset = shard.next[stream];
    const nextOffset = firstOffset + own.length;
    const batch = {
      stream,
      shard: shard.shard,
      firstOffset,
      nextOffset,
      endOffset: nextOffset,
      records: own,
    };
    await ingestInPortions(shard, batch, models, settings.ingest, ports, async () => {
      await save(shard, models, settings.ingest, ports);
      return true;
    });
  }
}

/** An event without an id is a reject wherever it goes. */
function shardOf(payload: Uint8Array | object, shards: number): number {
  const key = eventKey(payload);
  return key === undefined ? 0 : partitionOf(key, shards);
}
