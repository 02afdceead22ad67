// What a store keeps of predictions and labels that wait for each other: types only.

/** A bucket of ids that are remembered until their label, or their prediction, comes: of a period of time, cut by the ids' hash. */
export interface JoinBucket {
  readonly model: string;
  /** Whether predictions wait in it, or labels. */
  readonly stream: 'predictions' | 'labels';
  /** Beginning of the period, epoch milliseconds. */
  readonly period: number;
  /** The bucket's place among so many. */
  readonly count: number;
  readonly index: number;
}

/** A bucket's entries by name, six characters of one byte each; undefined removes. */
export interface JoinEntries {
  readonly bucket: JoinBucket;
  readonly entries: readonly (readonly [name: string, bytes: Uint8Array | undefined])[];
}

export interface JoinChanges {
  readonly entries: readonly JoinEntries[];
  /** Buckets that nothing can come for any more. */
  readonly dropped: readonly JoinBucket[];
  /** What is known of the join of each model, as text. */
  readonly states: readonly (readonly [model: string, text: string])[];
  /** How long entries are kept at the most after this write, wall-clock milliseconds. */
  readonly retentionMs: number;
}
