// The interfaces that the pipeline needs of the world: types only. Every port has a twin in memory and one law suite.
import type { JoinBucket, JoinChanges } from './join-port.ts';
import type { MetricName } from './metrics-table.ts';

// ---------------------------------------------------------------- the log of events

export type Stream = 'predictions' | 'labels';

/** One position per stream of a shard: the offset of the next record to read. */
export type Offsets = Readonly<Record<Stream, number>>;

/** A message for a topic. `id` is stable across repeats, so that a subscriber can recognise them. */
export interface OutboundMessage {
  readonly topic: OutboundTopic;
  readonly id: string;
  readonly key: string;
  readonly value: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type OutboundTopic = 'results' | 'alerts' | 'dead_letters';

/** Sends messages in order with acknowledgement of all replicas; resolves when all are stored. */
export interface Outbound {
  send(messages: readonly OutboundMessage[]): Promise<void>;
}

// ---------------------------------------------------------------- the state of shards

/** A window of a model, all versions and segments together. `start` is epoch milliseconds. */
export interface ModelWindow {
  readonly model: string;
  readonly start: number;
}

/** Which part of a window: absent, the profile of all its predictions; `labelled`, what is known of those with labels. */
export interface WindowPart {
  readonly part?: 'labelled';
}

/** Names one profile of a shard. */
export interface ProfileKey extends ModelWindow, WindowPart {
  readonly version: string;
  readonly segment: string;
}

/** What a shard knows as of its offsets. Times are event time in epoch milliseconds; -Infinity before the first event. */
export interface ShardMeta {
  readonly offsets: Offsets;
  readonly watermark: number;
  readonly maxEventTime: number;
  /** Wall clock at which the watermark passed the newest end of a window, grace included; -Infinity before it has. */
  readonly passedAt: number;
  /** True when the owner had read everything and been quiet for `idle_after`. */
  readonly idle: boolean;
  /** Total of label events counted so far. */
  readonly labels: number;
  /** Windows that start before this were lost, and are counted no more; -Infinity where nothing was. */
  readonly completeFrom: number;
}

export interface ChangedWindow extends ModelWindow, WindowPart {
  /** The prediction offset as of which the window last changed, of its labelled part likewise by the label offset; grows with every change. */
  readonly version: number;
}

export interface ShardProgress extends Omit<ShardMeta, 'offsets' | 'labels'> {
  /** Undefined for a shard that was never written. */
  readonly offsets: Offsets | undefined;
  readonly changed: readonly ChangedWindow[];
}

export interface StoredVersion {
  readonly key: ProfileKey;
  /** The prediction offset as of which the profile was last changed; of a labelled one, see `ChangedWindow`. */
  readonly version: number;
}

export interface StoredProfile extends StoredVersion {
  readonly bytes: Uint8Array;
}

export interface Checkpoint {
  readonly token: string;
  /**
   * The offsets that the store must hold for the write to be made. Where the claim of this token found a shard never
   * written, its first checkpoint is compared with that instead: the shard must be so still.
   */
  readonly expected: Offsets;
  readonly meta: ShardMeta;
  readonly profiles: readonly StoredProfile[];
  /** How long the profiles are kept after this write, wall-clock milliseconds. */
  readonly retentionMs: number;
  /** What waits for its counterpart; absent where nothing of it has changed. */
  readonly join?: JoinChanges | undefined;
}

/** What an owner asks of the join. Its token and the offsets that it thinks stored tell whether the answer is its own. */
export interface JoinLookup extends Pick<Checkpoint, 'token' | 'expected'> {
  readonly models?: readonly string[];
  readonly names?: readonly { readonly bucket: JoinBucket; readonly names: readonly string[] }[];
  readonly windows?: readonly ModelWindow[];
}

/** The answers in the order of the questions, as of one moment. */
export interface JoinFound {
  /** False where the shard has another owner, or holds other offsets. */
  readonly isOwn: boolean;
  readonly states: readonly (string | undefined)[];
  readonly entries: readonly (readonly (Uint8Array | undefined)[])[];
  /** The labelled parts of the windows. */
  readonly labelled: readonly (readonly StoredProfile[])[];
}

export interface CheckpointOutcome {
  /** `fenced`: another owner has claimed the shard: drop it. `moved`: the store holds other offsets than expected (it was rolled back): claim again and read from there. */
  readonly kind: 'written' | 'fenced' | 'moved';
}

/** How far event time has come ahead of the next checkpoint: no window that ended before has changed since the last one. */
export type Announcement = Pick<Checkpoint, 'token' | 'expected'> & Pick<ShardMeta, 'watermark' | 'passedAt'>;

/** The parts of one window as one shard holds them, in order of version, then segment, then part, read atomically with the shard's watermark. */
export interface WindowParts<Part = StoredProfile> {
  readonly watermark: number;
  readonly idle: boolean;
  readonly parts: readonly Part[];
}

/**
 * State per shard: meta and profiles as of exactly the offsets in the meta. The only writer is `checkpoint`, which is atomic
 * and compares token and offsets. Readers see the watermark of the last checkpoint or announcement, whichever is greater.
 */
export interface ShardStore {
  /** Makes `token` the owner and returns the meta; undefined when the shard has never been written. */
  claim(shard: number, token: string): Promise<ShardMeta | undefined>;
  checkpoint(shard: number, checkpoint: Checkpoint): Promise<CheckpointOutcome>;
  /** Refused like a checkpoint; of a shard that was never written it is `moved`. */
  announce(shard: number, announcement: Announcement): Promise<CheckpointOutcome>;
  /** What the shard remembers of ids that wait, and of the labelled parts of windows. */
  lookUp(shard: number, lookup: JoinLookup): Promise<JoinFound>;
  /** Offsets, watermark and changed windows, in order of version, of the shards 0 … count-1; a shard never written has watermark -Infinity. */
  progress(count: number): Promise<readonly ShardProgress[]>;
  /** All profiles of one window in one shard, with the watermark, in one atomic read; `versions` leaves out their bytes. */
  read(shard: number, window: ModelWindow): Promise<WindowParts>;
  versions(shard: number, window: ModelWindow): Promise<WindowParts<StoredVersion>>;
  /** Takes windows off the changed list where they have not changed since that version. */
  acknowledge(shard: number, changed: readonly ChangedWindow[]): Promise<void>;
}

// ---------------------------------------------------------------- the results of models

/** Names a published window: `size` in milliseconds tells base windows and roll-ups apart. */
export interface ResultKey {
  readonly size: number;
  readonly start: number;
}

/** A window's merged profile of one version, kept for roll-ups and for readers. */
export interface MergedProfile extends WindowPart {
  readonly version: string;
  readonly segment: string;
  readonly bytes: Uint8Array;
}

/** The merged profiles of one published window, as of `revision` of its result. */
export interface WindowProfiles {
  readonly key: ResultKey;
  readonly revision: string;
  readonly profiles: readonly MergedProfile[];
}

export interface StoredResult {
  readonly key: ResultKey;
  /** Names this content and no other. */
  readonly revision: string;
  /** How often the window was published before with other content, as far as the store remembers. */
  readonly revisions: number;
  /** Which versions of which inputs the result was made of: equal inputs mean an equal result. */
  readonly inputs: string;
  /** Wall clock of the publication, epoch milliseconds. */
  readonly publishedAt: number;
  /** The result document as JSON text. */
  readonly document: string;
}

export interface ModelState {
  /**
   * The name of the newest commit, empty before the first: the compare of every commit. Names are random, because a count
   * comes again when the store is rolled back, and a commit made of what was read before would match it.
   */
  readonly head: string;
  /** The incident history as text, exactly as it was committed. */
  readonly incidents: string | undefined;
  /** What the sequential detectors remember as text, exactly as it was committed. */
  readonly detectors: string | undefined;
  /** Roll-up windows whose parts have changed since they were last evaluated, in order of size then start. */
  readonly pending: readonly ResultKey[];
}

export interface ResultCommit {
  /** The head that the store must hold. */
  readonly expected: string;
  /** The name of this commit, which no other has. */
  readonly head: string;
  readonly result: StoredResult;
  readonly profiles: readonly MergedProfile[];
  /** The incident history after this result; undefined leaves what is stored. */
  readonly incidents: string | undefined;
  /** What the sequential detectors remember after this result; undefined leaves what is stored. */
  readonly detectors: string | undefined;
  /** Rows for the outbox, in order. */
  readonly outbox: readonly OutboundMessage[];
  /** Roll-up windows to be evaluated because this one changed. */
  readonly pending: readonly ResultKey[];
  /** How long result and profiles are kept after this write, wall-clock milliseconds. */
  readonly retentionMs: number;
}

export interface OutboxRow {
  readonly id: string;
  readonly message: OutboundMessage;
}

/** State per model. Result, incidents, detectors and outbox rows are one atomic write. */
export interface ResultStore {
  /** True when this token now holds (or has prolonged) the lease. It saves work; the compare in `commit` is what keeps order. */
  lease(model: string, token: string, ttlMs: number): Promise<boolean>;
  release(model: string, token: string): Promise<void>;
  state(model: string): Promise<ModelState>;
  result(model: string, key: ResultKey): Promise<StoredResult | undefined>;
  /** The merged profiles of all windows of one size with from ≤ start < to, in order of start. */
  profiles(model: string, size: number, from: number, to: number): Promise<readonly WindowProfiles[]>;
  /**
   * False when the head is not the expected one: somebody else has committed. A commit that is sent again because its answer
   * was lost is true, and changes nothing more. A commit takes its own key off `pending`.
   */
  commit(model: string, commit: ResultCommit): Promise<boolean>;
  /** Takes a roll-up off `pending` without a result, where its inputs have not changed. */
  settle(model: string, expected: string, key: ResultKey): Promise<boolean>;
  outbox(model: string, limit: number): Promise<readonly OutboxRow[]>;
  /** Takes rows off the outbox, each only while it holds the message that was read. */
  sent(model: string, rows: readonly OutboxRow[]): Promise<void>;
  /** The head of each model, which changes when any of its results does. */
  heads(models: readonly string[]): Promise<readonly string[]>;
  /** The starts of all windows of one size that have a result, ascending. */
  starts(model: string, size: number): Promise<readonly number[]>;
  /** The newest result of every size (greatest start). */
  latest(model: string): Promise<readonly StoredResult[]>;
}

// ---------------------------------------------------------------- the rest of the world

/** Wall clock and waiting; event time never comes from here. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Monotonic milliseconds, for durations. */
  elapsed(): number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface Log {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void;
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** Process metrics by the names of the one metrics table. */
export interface Meter {
  count(name: MetricName, labels: Readonly<Record<string, string>>, by: number): void;
  gauge(name: MetricName, labels: Readonly<Record<string, string>>, value: number): void;
  observe(name: MetricName, labels: Readonly<Record<string, string>>, value: number): void;
}

/** Random tokens, as an argument so that a simulation can repeat them. */
export type Token = () => string;
