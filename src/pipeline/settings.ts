// The numbers that the pipeline works by, in milliseconds and counts; app.ts takes them from the configuration.
import type { EventLimits } from '../codec/event.ts';
import type { JoinTimes } from '../quality/join-bucket.ts';

export interface WindowSettings {
  readonly sizeMs: number;
  /** Sizes of roll-ups, ascending; each a multiple of the one before, the first of `sizeMs`. */
  readonly rollupsMs: readonly number[];
  readonly outOfOrdernessMs: number;
  readonly graceMs: number;
  readonly idleAfterMs: number;
  readonly revisionHorizonMs: number;
  /** Least wall-clock time between two revisions of one window. */
  readonly reviseEveryMs: number;
  readonly maxClockSkewMs: number;
}

export interface JoinSettings extends JoinTimes {
  /** Share of the ids whose labels are joined. */
  readonly sampleRate: number;
  /** Ids of one model that a shard remembers at the most. */
  readonly waitingMax: number;
  /** How long profiles are kept where labels may still change what is said of them. */
  readonly profileRetentionMs: number;
}

export interface IngestSettings {
  /**
   * Where a shard has lost its state, windows from this time on are counted again, epoch milliseconds; -Infinity is all that
   * the log holds. Undefined refuses to go on.
   */
  readonly rebuildFrom?: number | undefined;
  readonly windows: WindowSettings;
  readonly limits: EventLimits & {
    /** Versions of one model kept apart; later ones are pooled under `otherVersions`. */
    readonly versionsPerModel: number;
    /** Windows that a shard keeps in memory after a checkpoint. */
    readonly openWindows: number;
  };
  readonly labels: JoinSettings;
  readonly checkpoint: { readonly intervalMs: number; readonly events: number };
  readonly profileRetentionMs: number;
  readonly deadLetterPayload: 'none' | 'raw';
  /** Names of the topics as dead letters quote them. */
  readonly topics: { readonly predictions: string; readonly labels: string };
  /** CloudEvents `source` of what is announced. */
  readonly source: string;
}

export interface EvaluationSettings {
  readonly windows: WindowSettings;
  readonly intervalMs: number;
  readonly leaseMs: number;
  /** Versions of one model kept apart in a result; see IngestSettings. */
  readonly versionsPerModel: number;
  /** Windows of this size vote on incidents. */
  readonly alertWindowMs: number;
  readonly retention: { readonly resultsMs: number; readonly rollupsMs: number };
  /** CloudEvents `source` of the alerts. */
  readonly source: string;
}

/** Where events of a model's versions beyond the limit are counted. */
export const otherVersions = '(other)';
