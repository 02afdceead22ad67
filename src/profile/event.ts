// Events as values: a prediction, a label, or the reason why neither could be read.

/** A prediction that a deployed model made. `timestamp` is event time in epoch milliseconds. */
export interface PredictionEvent {
  readonly kind: 'prediction';
  readonly predictionId: string;
  readonly model: string;
  readonly modelVersion: string;
  readonly timestamp: number;
  /** Raw feature values as decoded; what each is worth is decided column by column when a profile observes it. */
  readonly features: Readonly<Record<string, unknown>>;
  readonly prediction: unknown;
  /** Probability of the positive class, or of the predicted class where the event carries `scores`. */
  readonly score: unknown;
  /** Probability of every class, by its name. */
  readonly scores?: unknown;
  /** The truth, where it came with the prediction. */
  readonly label?: unknown;
}

/** The truth of one prediction, as it became known at `timestamp`. */
export interface LabelEvent {
  readonly kind: 'label';
  readonly predictionId: string;
  readonly model: string;
  readonly label: unknown;
  readonly timestamp: number;
  /** The prediction itself, where the label brings it: then nothing is to be joined. */
  readonly prediction?: PredictionEvent;
}

/** Why an event was refused: the closed list that counters and dead letters use. */
export const rejectReasons = {
  undecodable: 'The bytes are not a JSON object.',
  too_large: 'The event is larger than `limits.event_bytes`.',
  missing_field: 'A required field is absent or null.',
  bad_field: 'A required field has the wrong type or is longer than its limit.',
  bad_timestamp: 'The timestamp is neither ISO-8601 nor epoch milliseconds, or not of the years 100 to 9899.',
  future: 'The timestamp lies more than `windows.max_clock_skew` ahead of the clock.',
  too_late: 'The window of the event is older than `windows.revision_horizon` behind the watermark.',
  not_rebuilt:
    'The window of the event began before the time that lost state was rebuilt from: it would never be complete.',
  unknown_model: 'The model is not configured.',
  too_many_features: 'The event has more features than `limits.features_per_event`.',
  tombstone: 'The record has no value.',
} as const;

export type RejectReason = keyof typeof rejectReasons;

/** A refused event: the reason, and the path of the field that led to it where there is one. */
export interface Reject {
  readonly kind: 'reject';
  readonly reason: RejectReason;
  readonly path?: string;
}
