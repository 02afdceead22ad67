// The port to the log of events: batches of records, and who reads which shard from where. Types only.
import type { Offsets, Stream } from './ports.ts';

export interface LogRecord {
  readonly offset: number;
  /** Bytes as they came from a topic or a line; an object where a file reader has decoded a row already; null for a tombstone. */
  readonly payload: Uint8Array | object | null;
}

/** Consecutive records of one stream of one shard. */
export interface RecordBatch {
  readonly stream: Stream;
  readonly shard: number;
  /** Offset of the first record of the batch, also where that record is not delivered (control records). */
  readonly firstOffset: number;
  /** One past the last offset that the batch covers, control records included. */
  readonly nextOffset: number;
  /** One past the last offset of the partition when the batch was fetched. */
  readonly endOffset: number;
  readonly records: readonly LogRecord[];
}

export interface SourceHandlers {
  /**
   * Called synchronously when the shards of this process change, before any record of the new generation is
   * delivered. The shards stay paused until `resume`.
   */
  assigned(shards: readonly number[]): void;
  /** Batches arrive one at a time; a rejection stops the source and makes `run` reject. */
  batch(batch: RecordBatch): Promise<void>;
}

export interface LogSource {
  /** How many shards the topics have; the same number of partitions for both is checked before. */
  readonly shards: number;
  /** Reads until `stop` is called (or, for files, until the end); rejects with a Fault when the client gives up. */
  run(handlers: SourceHandlers): Promise<void>;
  /** The first offsets that the log still holds, and the group's committed offsets where there are any. */
  positions(shard: number): Promise<{ beginning: Offsets; committed: Offsets | undefined }>;
  /**
   * Where the records begin that were stored at `time` (epoch milliseconds; -Infinity is the beginning) or later. `wholeFrom`
   * is -Infinity where that is all of them, otherwise when the first of them was stored that retention has left.
   */
  since(shard: number, time: number): Promise<{ offsets: Offsets; wholeFrom: number }>;
  /** The end of the log at this moment. */
  ends(shards: readonly number[]): Promise<ReadonlyMap<number, Offsets>>;
  /** Continue an assigned shard at these offsets; ignored for a shard that is not assigned now. */
  resume(shard: number, offsets: Offsets): void;
  /** A hint for lag tools, never the truth. */
  commit(positions: ReadonlyMap<number, Offsets>): Promise<void>;
  /** Ends `run` after the batch in hand, and leaves the group. */
  stop(): Promise<void>;
}
