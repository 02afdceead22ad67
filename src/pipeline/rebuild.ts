// State that the store has lost: noticed, and counted again from what the log still holds.
import { Fault } from '../fault.ts';
import type { LogSource } from '../log-source.ts';
import type { Log, Offsets, ShardMeta, ShardProgress } from '../ports.ts';
import { windowStart } from '../profile/window.ts';
import type { IngestSettings } from './settings.ts';
import { firstMeta } from './shard.ts';

/**
 * The meta of a shard that the store knows nothing of: it begins where its log does. A group that has committed to Kafka had
 * state once: starting from nothing would count everything since then twice, or not at all. Throws STATE_LOST.
 */
export function firstMetaOf(
  shard: number,
  {
    beginning,
    committed = beginning,
  }: { readonly beginning: Offsets; readonly committed: Offsets | undefined },
): ShardMeta {
  const hasRead = committed.predictions > beginning.predictions || committed.labels > beginning.labels;
  if (!hasRead) return firstMeta(beginning);
  throw new Fault(
    'STATE_LOST',
    `shard ${shard}: the store is empty, but the group has read up to predictions ${committed.predictions}, labels ${committed.labels}. ` +
      'It was emptied, or the settings of Redis or the name of the group lead elsewhere now. ' +
      'To count again what the log still holds: driftline run --rebuild-from <time>',
  );
}

/** Throws STATE_EXISTS where no shard has lost its state. */
export function refuseNeedlessRebuild(progress: readonly ShardProgress[]): void {
  if (progress.some(({ offsets }) => offsets === undefined)) return;
  throw new Fault(
    'STATE_EXISTS',
    `all ${progress.length} shards have their state: there is nothing to rebuild`,
  );
}

/**
 * The meta from which windows that start at `from` or later become complete: as early as their events can have been stored,
 * which is `max_clock_skew` before their own time. What retention has deleted moves that time on. Says what is lost.
 */
export async function rebuiltMeta(
  shard: number,
  from: number,
  { windows }: IngestSettings,
  { source, log }: { readonly source: LogSource; readonly log: Log },
): Promise<ShardMeta> {
  const { offsets, wholeFrom } = await source.since(shard, from - windows.maxClockSkewMs);
  const completeFrom = Math.max(from, wholeFrom + windows.maxClockSkewMs);
  const firstOf = (size: number): string => new Date(-windowStart(-completeFrom, size)).toISOString();
  const sizes = [windows.sizeMs, ...windows.rollupsMs];
  log.warn(
    {
      ...{ shard, offsets },
      // By size in milliseconds, the start of the first window that is counted.
      firstComplete: Number.isFinite(completeFrom)
        ? Object.fromEntries(sizes.map((size) => [size, firstOf(size)]))
        : 'all',
    },
    'shard without state: it is counted again; windows that start earlier are lost, and nothing is published of them',
  );
  return firstMeta(offsets, completeFrom);
}
