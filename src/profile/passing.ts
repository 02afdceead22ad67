// When event time passed the ends of windows, by the wall clock: the moments from which freshness is measured.
import { globalWatermark } from './watermark.ts';
import { newestDueEnd } from './window.ts';

/** All shards that count had passed `end` at `at`, epoch milliseconds. */
export interface Passing {
  readonly end: number;
  readonly at: number;
}

/** A shard as its last checkpoint tells of it. */
export interface ShardTime {
  readonly watermark: number;
  readonly idle: boolean;
  /** Wall clock at which it passed the newest end that it has passed, or at which it fell idle. */
  readonly passedAt: number;
}

export interface PassingWindows {
  readonly sizeMs: number;
  readonly graceMs: number;
  readonly idleAfterMs: number;
}

/**
 * The newest end that event time has passed, and when it did: as soon as the last shard that held it back had passed it or
 * had fallen idle, or the wall clock had gone on where all are idle. A shard that is further on tells only when it passed a
 * later end, and does not count: where it was the last, the moment found is too early, never too late. Undefined while no
 * end has been passed, and where event time has ended with its input.
 */
export function latestPassing(
  shards: readonly ShardTime[],
  whenIdle: number,
  { sizeMs, graceMs, idleAfterMs }: PassingWindows,
): Passing | undefined {
  const watermark = globalWatermark(shards, whenIdle);
  const end = newestDueEnd(watermark, sizeMs, graceMs);
  if (!Number.isFinite(end)) return undefined;
  const ends = shards.map((shard) => newestDueEnd(shard.watermark, sizeMs, graceMs));
  const moments = shards.filter((_, i) => ends[i]! <= end).map(({ passedAt }) => passedAt);
  if (ends.every((own) => own < end)) moments.push(end + graceMs + idleAfterMs);
  return { end, at: Math.max(...moments) };
}

/**
 * When event time passed the end of a window, given passings in order of their ends. Of an end that was passed between two
 * of them only the earlier moment is certain: what is measured from it is too long, never too short.
 */
export function passedAt(passings: readonly Passing[], end: number): number | undefined {
  return (passings.findLast((passing) => passing.end <= end) ?? passings[0])?.at;
}
