// The state of one shard in memory: everything folded since the last checkpoint, and where reading goes on.

import type { Offsets, OutboundMessage, ShardMeta, Stream } from '../ports.ts';
import type { Profile } from '../profile/profile.ts';
import type { EventTime } from '../profile/watermark.ts';
import { noEventTime } from '../profile/watermark.ts';
import { emptyShardJoin, type ShardJoin } from './join.ts';

/** Both streams of a shard. */
export const streams: readonly Stream[] = ['predictions', 'labels'];

/** A profile held in memory; `offset` is the prediction offset as of which it last changed. */
export interface OpenProfile {
  readonly profile: Profile;
  offset: number;
  /** Whether it has changed since the last checkpoint. */
  dirty: boolean;
}

/** A window of a model with the profiles of all its versions. */
export interface OpenWindow {
  readonly model: string;
  /** Epoch milliseconds, [start, end). */
  readonly start: number;
  readonly end: number;
  readonly versions: Map<string, OpenProfile>;
}

export interface Shard {
  readonly shard: number;
  readonly token: string;
  /** What the store holds: the compare of the next checkpoint. */
  stored: ShardMeta;
  /** The offsets of the next records to fold. */
  readonly next: Record<Stream, number>;
  /** The ends of the log as last seen. */
  readonly ends: Record<Stream, number>;
  time: EventTime;
  /** Wall clock at which the watermark passed the newest end of a window, grace included. */
  passedAt: number;
  labels: number;
  idle: boolean;
  /** Monotonic time of the last prediction that counted. Labels and rejects tell nothing of event time. */
  heardAt: number;
  /** Where the log ended when the shard was found quiet: with that read it is idle, whatever else has come since. */
  quietEnds: Offsets | undefined;
  /** Monotonic time when the store was last known to hold `stored`. */
  storedAt: number;
  /** How long the last checkpoint took. */
  saveMs: number;
  /** The watermark that readers of the store see. */
  announced: number;
  readonly open: Map<string, OpenWindow>;
  readonly join: ShardJoin;
  /** Dead letters of events, and announcements of losses, that the next checkpoint passes: sent before it. */
  readonly outgoing: OutboundMessage[];
  /** Records folded since the last checkpoint. */
  unsaved: number;
  /**
   * True once the store was seen to hold what this owner has not written: somebody else owns the shard now, and what was
   * read there must not be written, even if a roll-back makes this the owner again.
   */
  overtaken: boolean;
}

/** A shard as its stored meta describes it, nothing folded yet. */
export function openShard(
  shard: number,
  token: string,
  stored: ShardMeta,
  ends: Offsets,
  elapsedMs: number,
): Shard {
  return {
    shard,
    token,
    stored,
    next: { ...stored.offsets },
    ends: { ...ends },
    time: { watermark: stored.watermark, maxEventTime: stored.maxEventTime },
    passedAt: stored.passedAt,
    labels: stored.labels,
    idle: stored.idle,
    heardAt: elapsedMs,
    quietEnds: undefined,
    storedAt: elapsedMs,
    saveMs: 0,
    announced: stored.watermark,
    open: new Map(),
    join: emptyShardJoin(),
    outgoing: [],
    unsaved: 0,
    overtaken: false,
  };
}

/** The meta of a shard that has never been written and starts at these offsets; windows are counted from `completeFrom` on. */
export function firstMeta(offsets: Offsets, completeFrom = -Infinity): ShardMeta {
  return { offsets, ...noEventTime, passedAt: -Infinity, idle: false, labels: 0, completeFrom };
}

/** The meta that describes the shard as it is in memory now. */
export function currentMeta(shard: Shard): ShardMeta {
  return {
    offsets: { ...shard.next },
    watermark: shard.time.watermark,
    maxEventTime: shard.time.maxEventTime,
    passedAt: shard.passedAt,
    idle: shard.idle,
    labels: shard.labels,
    completeFrom: shard.stored.completeFrom,
  };
}

/** Whether memory and store differ, so that a checkpoint has something to write. */
export function isUnsaved(shard: Shard): boolean {
  return shard.unsaved > 0 || shard.outgoing.length > 0 || shard.idle !== shard.stored.idle;
}

/** Profiles in memory: a window counts once for each of its versions. */
export function heldProfiles(shard: Shard): number {
  let held = 0;
  for (const { versions } of shard.open.values()) held += versions.size;
  return held;
}

/** Whether everything before these offsets has been read. */
export function hasRead(shard: Shard, ends: Offsets): boolean {
  return shard.next.predictions >= ends.predictions && shard.next.labels >= ends.labels;
}

/** The key of a window among the open ones. */
export function windowId(model: string, start: number): string {
  return `${start}\0${model}`;
}
