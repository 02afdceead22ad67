// What a window says beside its drift: its time, its labels, breaks in what brings its values, and what is silenced.

/** [start, end) in epoch milliseconds. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The columns under which a window votes on its quality, as labels show it and as it is estimated without them. */
export const realisedColumn = '@quality.realised';
export const estimatedColumn = '@quality.estimated';

/** Stands for retraining among the columns that are silenced; it has no vote. */
export const retrainColumn = '@retrain';

/** Predictions of a window that await labels, those that have one, and those of the most frequent class among them. */
export interface LabelCounts {
  readonly awaited: number;
  readonly labelled: number;
  /** Null where labels are numbers. */
  readonly largestClass: number | null;
}

/** What a window says beside its votes, as far as it says anything. */
export interface WindowFacts {
  /** A feature looks as if not the world but what brings its values had changed. */
  readonly broken?: true;
  readonly labels?: LabelCounts;
  /** When the schedule of retraining last struck before the end of the window, epoch milliseconds. */
  readonly scheduledAt?: number;
  /** Columns that somebody has silenced in this window, sorted. */
  readonly silenced?: readonly string[];
}
