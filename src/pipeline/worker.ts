// The shards that this process owns: claimed when they are assigned, fed batch by batch, saved on every tick.
import type { LogSource, RecordBatch, SourceHandlers } from '../log-source.ts';
import type { CheckpointOutcome, Log, Offsets, Token } from '../ports.ts';
import type { IngestPorts } from './ingest.ts';
import { explainGap, skipLostRecords } from './loss.ts';
import type { Models } from './model.ts';
import { ingestInPortions } from './portions.ts';
import { firstMetaOf, rebuiltMeta } from './rebuild.ts';
import { hasRested, type SavePorts, save, tellPassing } from './save.ts';
import type { IngestSettings } from './settings.ts';
import { hasRead, heldProfiles, isUnsaved, openShard, type Shard, streams } from './shard.ts';
import type { Outstanding } from './stall.ts';

export interface WorkerPorts extends IngestPorts, SavePorts {
  readonly source: LogSource;
  readonly token: Token;
  readonly log: Log;
}

export interface Worker {
  readonly handlers: SourceHandlers;
  /** Saves what has changed, and notices shards that have gone idle. */
  tick(): Promise<void>;
  /** Folds nothing any more, and saves what it holds as it is: nothing is claimed again. */
  finish(): Promise<void>;
  /** The shards that are its own now. */
  owned(): ReadonlySet<number>;
  /** The shards with records that no checkpoint has passed yet. */
  outstanding(): readonly Outstanding[];
  /** Rejects when a claim fails; never resolves. */
  readonly failed: Promise<never>;
}

/** How often lag tools get a hint and the ends of quiet shards are looked up, monotonic milliseconds. */
const hintEveryMs = 5_000;

/** How often a shard is written although nothing has changed, monotonic milliseconds: only so is it noticed before the next record that the store was rolled back. */
const confirmEveryMs = 10_000;

/** What a worker holds: its shards, whose turn it is on each, and which generation of the group they belong to. */
interface Holding {
  readonly models: Models;
  readonly settings: IngestSettings;
  readonly ports: WorkerPorts;
  readonly shards: Map<number, Shard>;
  readonly turns: Map<number, Promise<void>>;
  /** Told whenever event time has passed the end of a window in one of the shards. */
  readonly passed: () => void;
  generation: number;
  hintedAt: number;
  isFinished: boolean;
}

/**
 * A worker on ports. Everything that happens to one shard happens in turn; a new generation forgets all shards in memory,
 * because the store alone knows what has been counted.
 */
export function createWorker(
  models: Models,
  settings: IngestSettings,
  ports: WorkerPorts,
  passed: () => void = () => undefined,
): Worker {
  const holding: Holding = {
    models,
    settings,
    ports,
    shards: new Map(),
    turns: new Map(),
    passed,
    generation: 0,
    hintedAt: -Infinity,
    isFinished: false,
  };
  const failure = Promise.withResolvers<never>();
  // `run` awaits it later; until then a rejection must not count as unhandled.
  failure.promise.catch(() => undefined);
  return {
    handlers: {
      assigned: (assigned) => startGeneration(holding, assigned, failure.reject),
      batch: (batch) => {
        const shard = holding.shards.get(batch.shard);
        return inTurn(holding, batch.shard, () => feed(holding, shard, batch));
      },
    },
    async tick() {
      const numbers = [...holding.shards.keys()];
      await Promise.all(numbers.map((number) => inTurn(holding, number, () => tickShard(holding, number))));
      await hint(holding);
    },
    async finish() {
      holding.isFinished = true;
      const numbers = [...holding.shards.keys()];
      await Promise.all(numbers.map((number) => inTurn(holding, number, () => saveLast(holding, number))));
    },
    owned: () => new Set(holding.shards.keys()),
    outstanding: () => [...holding.shards.values()].filter(hasUnsavedRecords).map(positionOf),
    failed: failure.promise,
  };
}

function hasUnsavedRecords({ stored, ends }: Shard): boolean {
  return streams.some((stream) => stored.offsets[stream] < ends[stream]);
}

function positionOf({ shard, stored }: Shard): Outstanding {
  const mark = streams.map((stream) => stored.offsets[stream]).join('/');
  return { reason: 'reading', subject: `shard/${shard}`, mark };
}

function startGeneration(
  holding: Holding,
  assigned: readonly number[],
  fail: (error: unknown) => void,
): void {
  holding.generation += 1;
  for (const shard of holding.shards.keys()) forgetPosition(shard, holding.ports);
  holding.shards.clear();
  holding.ports.meter.count('driftline_group_joins_total', {}, 1);
  holding.ports.meter.gauge('driftline_owned_shards', {}, 0);
  const { generation } = holding;
  for (const shard of assigned) inTurn(holding, shard, () => claim(holding, shard, generation)).catch(fail);
}

function inTurn(holding: Holding, shard: number, step: () => Promise<void>): Promise<void> {
  const turn = (holding.turns.get(shard) ?? Promise.resolve()).then(step);
  // The next in turn goes on whatever happened here; the failure belongs to the caller of this one.
  const over = turn.catch(() => undefined);
  holding.turns.set(shard, over);
  return turn;
}

async function claim(holding: Holding, number: number, generation: number): Promise<void> {
  const { settings, ports, shards } = holding;
  if (generation !== holding.generation) return;
  const token = ports.token();
  const [meta, positions, ends] = await Promise.all([
    ports.shards.claim(number, token),
    ports.source.positions(number),
    ports.source.ends([number]),
  ]);
  if (generation !== holding.generation) return;
  const { rebuildFrom } = settings;
  const isRebuilt = meta === undefined && rebuildFrom !== undefined;
  const rebuilt = isRebuilt ? await rebuiltMeta(number, rebuildFrom, settings, ports) : undefined;
  if (generation !== holding.generation) return;
  const stored = meta ?? rebuilt ?? firstMetaOf(number, positions);
  const shard = openShard(number, token, stored, ends.get(number) ?? stored.offsets, ports.clock.elapsed());
  skipLostRecords(shard, positions.beginning, settings, ports);
  // What it was decided to start from is written down at once: the next process must not refuse to.
  if (isRebuilt) shard.unsaved += 1;
  shards.set(number, shard);
  ports.meter.gauge('driftline_owned_shards', {}, shards.size);
  ports.log.info({ shard: number, offsets: shard.next, known: meta !== undefined }, 'shard claimed');
  ports.source.resume(number, { ...shard.next });
}

async function saveOrReclaim(holding: Holding, shard: Shard): Promise<void> {
  const outcome = await save(shard, holding.models, holding.settings, holding.ports);
  await reclaimUnlessWritten(holding, shard, outcome);
}

async function reclaimUnlessWritten(
  holding: Holding,
  shard: Shard,
  outcome: CheckpointOutcome,
): Promise<void> {
  const { ports } = holding;
  // A shard that a new generation has dropped meanwhile belongs to somebody else: claimed again, it would be taken away for good.
  if (outcome.kind === 'written' || holding.shards.get(shard.shard) !== shard) return;
  ports.log.warn(
    { shard: shard.shard, outcome: outcome.kind },
    'checkpoint refused; the shard is read again from the store',
  );
  holding.shards.delete(shard.shard);
  await claim(holding, shard.shard, holding.generation);
}

/** `shard` is what was held when the batch came. If it was claimed again since, the source reads from there, and this batch is of the past. */
async function feed(holding: Holding, shard: Shard | undefined, batch: RecordBatch): Promise<void> {
  const { models, settings, ports } = holding;
  if (holding.isFinished || shard === undefined || shard !== holding.shards.get(batch.shard)) return;
  if (batch.firstOffset > shard.next[batch.stream]) await explainGap(shard, batch, settings, ports);
  const isHeld = (): boolean => holding.shards.get(batch.shard) === shard;
  await ingestInPortions(shard, batch, models, settings, ports, async () => {
    await saveOrReclaim(holding, shard);
    return isHeld();
  });
  if (!isHeld()) return;
  observePosition(shard, ports);
  const told = await tellPassing(shard, models, settings, ports);
  if (told === undefined) return undefined;
  await reclaimUnlessWritten(holding, shard, told);
  return holding.passed();
}

/** What the store refuses now is somebody else's to read. */
async function saveLast(holding: Holding, number: number): Promise<void> {
  const shard = holding.shards.get(number);
  if (shard === undefined || !isUnsaved(shard)) return;
  await save(shard, holding.models, holding.settings, holding.ports);
}

async function tickShard(holding: Holding, number: number): Promise<void> {
  const { settings, ports } = holding;
  const shard = holding.shards.get(number);
  if (shard === undefined) return;
  const quietMs = ports.clock.elapsed() - shard.heardAt;
  if (!shard.idle && quietMs >= settings.windows.idleAfterMs) await noticeIdleness(shard, ports);
  const elapsed = ports.clock.elapsed();
  const confirmed = elapsed - shard.storedAt < confirmEveryMs;
  if ((isUnsaved(shard) && hasRested(shard, elapsed)) || !confirmed) await saveOrReclaim(holding, shard);
  observePosition(shard, ports);
}

/** A shard with records still to read is slow, not idle. */
async function noticeIdleness(shard: Shard, ports: WorkerPorts): Promise<void> {
  shard.quietEnds ??= (await ports.source.ends([shard.shard])).get(shard.shard);
  if (shard.quietEnds === undefined) return;
  for (const stream of streams) shard.ends[stream] = Math.max(shard.ends[stream], shard.quietEnds[stream]);
  if (!hasRead(shard, shard.quietEnds)) return;
  shard.idle = true;
  // What it had not passed it holds up no longer: for those windows, this is the moment.
  shard.passedAt = ports.clock.now();
}

async function hint(holding: Holding): Promise<void> {
  const { ports } = holding;
  if (ports.clock.elapsed() - holding.hintedAt < hintEveryMs) return;
  holding.hintedAt = ports.clock.elapsed();
  const stored = [...holding.shards].map(([number, shard]): [number, Offsets] => [
    number,
    shard.stored.offsets,
  ]);
  if (stored.length > 0) await ports.source.commit(new Map(stored));
}

/** What is true of a shard is told by its owner alone. */
function forgetPosition(shard: number, { meter }: WorkerPorts): void {
  const label = { shard: String(shard) };
  for (const stream of streams)
    meter.gauge('driftline_consumer_lag_records', { stream, ...label }, Number.NaN);
  meter.gauge('driftline_watermark_timestamp_seconds', label, Number.NaN);
  meter.gauge('driftline_watermark_lag_seconds', label, Number.NaN);
  meter.gauge('driftline_open_windows', label, Number.NaN);
}

function observePosition(shard: Shard, ports: WorkerPorts): void {
  const label = { shard: String(shard.shard) };
  for (const stream of streams) {
    const lag = Math.max(0, shard.ends[stream] - shard.next[stream]);
    ports.meter.gauge('driftline_consumer_lag_records', { stream, ...label }, lag);
  }
  if (Number.isFinite(shard.time.watermark)) {
    ports.meter.gauge('driftline_watermark_timestamp_seconds', label, shard.time.watermark / 1000);
    const lagMs = ports.clock.now() - shard.time.watermark;
    ports.meter.gauge('driftline_watermark_lag_seconds', label, lagMs / 1000);
  }
  ports.meter.gauge('driftline_open_windows', label, heldProfiles(shard));
}
