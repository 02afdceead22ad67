// A file of events, whatever its format: batches of payloads that the event decoders take.

/** The columns of a table that are fields of an event rather than features. */
export const eventFields = [
  'prediction_id',
  'timestamp',
  'model',
  'model_version',
  'prediction',
  'score',
  'label',
] as const;

export type EventField = (typeof eventFields)[number];

/** Which column of a table holds which field of an event; a field that is not named has the column of its own name. */
export interface ColumnMapping {
  readonly fields?: Readonly<Partial<Record<EventField, string>>>;
  /** The columns that are features; without it, every column that is no field. */
  readonly features?: readonly string[];
}

/** Values for fields of which a table has no column. */
export type FieldDefaults = Readonly<Partial<Record<EventField, string | number>>>;

/** What the decoders take: a line as bytes, or a row of a table as an event object. */
export type EventPayload = Uint8Array | object;

export interface EventFile {
  readonly format: 'ndjson' | 'csv' | 'parquet';
  /** Columns of a table that no event can hold (lists, structures, binary data). */
  readonly skipped: readonly string[];
  /** False for a table without a timestamp column. Lines are read one by one, and one without a time is a reject. */
  readonly hasTime: boolean;
  /** The events in the order of the file; every call reads the file again from its start. Rejects with a Fault when the file is damaged. */
  batches(): AsyncIterable<readonly EventPayload[]>;
  /** How much of the current pass is done, 0 to 1. */
  progress(): number;
  close(): void;
}
