// How far event time has come: in one shard, and over all shards together.

export interface EventTime {
  /** No event older than this is expected any more; never goes back. */
  readonly watermark: number;
  /** The greatest event time seen; -Infinity before the first event. */
  readonly maxEventTime: number;
}

export const noEventTime: EventTime = { watermark: -Infinity, maxEventTime: -Infinity };

/** Event time after one more event: the watermark trails the greatest time seen by `outOfOrdernessMs`. */
export function advanced(time: EventTime, timestamp: number, outOfOrdernessMs: number): EventTime {
  if (timestamp <= time.maxEventTime) return time;
  return { maxEventTime: timestamp, watermark: Math.max(time.watermark, timestamp - outOfOrdernessMs) };
}

/**
 * The minimum over all shards that are not idle. When every shard is idle nobody holds event time back, and it has
 * come as far as `whenIdle` says (live: the wall clock less `idle_after`; at the end of a replay: Infinity), so that a
 * window closes although traffic has stopped.
 */
export function globalWatermark(
  shards: readonly { readonly watermark: number; readonly idle: boolean }[],
  whenIdle: number,
): number {
  let minimum = Infinity;
  let allIdle = true;
  for (const shard of shards) {
    if (shard.idle) continue;
    allIdle = false;
    minimum = Math.min(minimum, shard.watermark);
  }
  return allIdle ? Math.max(whenIdle, ...shards.map((shard) => shard.watermark)) : minimum;
}
