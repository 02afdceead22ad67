// The log of events in memory: partitions as arrays, and readers that a test assigns and feeds by hand.
import type { LogRecord, LogSource, SourceHandlers } from '../../src/log-source.ts';
import type { Offsets, Stream } from '../../src/ports.ts';

interface StoredRecord extends LogRecord {
  /** When it was stored, epoch milliseconds. */
  readonly storedAt: number;
}

/** The records of one stream of one shard that retention has left, and where the partition begins and ends. */
interface Partition {
  readonly records: StoredRecord[];
  beginning: number;
  end: number;
}

export interface MemoryLog {
  readonly shards: number;
  /** What the group has committed, by shard. */
  readonly committed: Map<number, Offsets>;
  /** Adds a record and returns its offset; `skip` offsets before it hold nothing, as where a log is compacted. */
  append(
    stream: Stream,
    shard: number,
    payload: LogRecord['payload'],
    skip?: number,
    storedAt?: number,
  ): number;
  /** Deletes the records before an offset, as retention does. */
  trim(stream: Stream, shard: number, beginning: number): void;
  reader(): MemoryReader;
}

export interface MemoryReader extends LogSource {
  /** A new generation: these shards, and no others, are read from where they are resumed. */
  assign(shards: readonly number[]): void;
  /** Where records wait that this reader may read now. */
  waiting(): readonly { readonly stream: Stream; readonly shard: number }[];
  /**
   * Delivers at most `most` new records of a resumed shard, with the `again` records before them once more. False when
   * there was nothing to deliver. Deliveries are made one after the other.
   */
  deliver(stream: Stream, shard: number, most: number, again?: number): Promise<boolean>;
}

export const streams: readonly Stream[] = ['predictions', 'labels'];

/** An empty log. */
export function createMemoryLog(shards: number): MemoryLog {
  const partitions = Array.from({ length: shards }, () => ({
    predictions: emptyPartition(),
    labels: emptyPartition(),
  }));
  const log: MemoryLog = {
    shards,
    committed: new Map(),
    append(stream, shard, payload, skip = 0, storedAt = 0) {
      const partition = partitions[shard]![stream];
      const offset = partition.end + skip;
      partition.records.push({ offset, payload, storedAt });
      partition.end = offset + 1;
      return offset;
    },
    trim(stream, shard, beginning) {
      const partition = partitions[shard]![stream];
      partition.beginning = beginning;
      partition.end = Math.max(partition.end, beginning);
      const kept = partition.records.filter(({ offset }) => offset >= beginning);
      partition.records.splice(0, partition.records.length, ...kept);
    },
    reader: () => createReader(log, (stream, shard) => partitions[shard]![stream]),
  };
  return log;
}

function emptyPartition(): Partition {
  return { records: [], beginning: 0, end: 0 };
}

/** Where one stream of one shard is read; a new object with every resume, so that an older batch does not move it. */
interface Cursor {
  readonly stream: Stream;
  readonly shard: number;
  next: number;
}

function createReader(
  log: MemoryLog,
  partitionOf: (stream: Stream, shard: number) => Partition,
): MemoryReader {
  const ended = Promise.withResolvers<void>();
  let handlers: SourceHandlers | undefined;
  let inHand: Promise<void> = Promise.resolve();
  let assigned: readonly number[] = [];
  let cursors: Cursor[] = [];
  const offsetsOf = (shard: number, edge: 'beginning' | 'end'): Offsets => ({
    predictions: partitionOf('predictions', shard)[edge],
    labels: partitionOf('labels', shard)[edge],
  });
  return {
    shards: log.shards,
    run: (given) => {
      handlers = given;
      return ended.promise;
    },
    positions: async (shard) => ({
      beginning: offsetsOf(shard, 'beginning'),
      committed: log.committed.get(shard),
    }),
    since: async (shard, time) => {
      const first = (stream: Stream): StoredRecord | undefined =>
        partitionOf(stream, shard).records.find(({ storedAt }) => storedAt >= time);
      const ends = offsetsOf(shard, 'end');
      const [predictions, labels] = [first('predictions'), first('labels')];
      const { beginning } = partitionOf('predictions', shard);
      const isCut = beginning > 0 && (predictions?.offset ?? ends.predictions) === beginning;
      return {
        offsets: {
          predictions: predictions?.offset ?? ends.predictions,
          labels: labels?.offset ?? ends.labels,
        },
        wholeFrom: isCut ? (predictions?.storedAt ?? Infinity) : -Infinity,
      };
    },
    ends: async (shards) => new Map(shards.map((shard) => [shard, offsetsOf(shard, 'end')])),
    resume: (shard, offsets) => {
      if (!assigned.includes(shard)) return;
      cursors = cursors.filter((cursor) => cursor.shard !== shard);
      for (const stream of streams) cursors.push({ stream, shard, next: offsets[stream] });
    },
    commit: async (positions) => {
      for (const [shard, offsets] of positions) log.committed.set(shard, offsets);
    },
    stop: async () => {
      await inHand;
      ended.resolve();
    },
    assign: (shards) => {
      assigned = [...shards];
      cursors = [];
      handlers?.assigned(assigned);
    },
    waiting: () => cursors.filter(({ stream, shard, next }) => next < partitionOf(stream, shard).end),
    async deliver(stream, shard, most, again = 0) {
      const cursor = cursors.find((other) => other.stream === stream && other.shard === shard);
      const partition = partitionOf(stream, shard);
      if (handlers === undefined || cursor === undefined || cursor.next >= partition.end) return false;
      const batch = nextBatch(cursor, partition, most, again);
      const delivery = handlers.batch(batch);
      inHand = delivery.catch((error: unknown) => ended.reject(error));
      await delivery.catch(() => undefined);
      cursor.next = batch.nextOffset;
      return true;
    },
  };
}

/** The offsets before a record that nothing stands at belong to the batch that the record is in. */
function nextBatch(cursor: Cursor, { records, beginning, end }: Partition, most: number, again: number) {
  const { stream, shard, next } = cursor;
  const firstOffset = Math.max(beginning, next - again);
  const left = records.filter(({ offset }) => offset >= firstOffset);
  const fresh = left.filter(({ offset }) => offset >= next).slice(0, most);
  const nextOffset = fresh.length === 0 ? end : fresh.at(-1)!.offset + 1;
  const taken = left.filter(({ offset }) => offset < nextOffset);
  return { stream, shard, firstOffset, nextOffset, endOffset: end, records: taken };
}
