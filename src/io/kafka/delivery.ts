// From what kafkajs fetched to the batches of the port: nothing twice, nothing out of order, and no gap without a reason.
import type { Batch, ConsumerEndBatchProcessEvent } from 'kafkajs';
import { Fault } from '../../fault.ts';
import type { Log, LogRecord, RecordBatch } from '../../ports.ts';
import type { Assignment, Cursor } from './assignment.ts';
import type { GroupOffsets, TopicNames } from './offsets.ts';

/** A stretch of one partition as it was fetched, whether or not any of its records may be seen. */
export interface Fetched {
  readonly topic: string;
  readonly partition: number;
  /** The offset that was asked for; undefined where kafkajs does not tell, which is for unseen stretches. */
  readonly asked: number | undefined;
  /** The first offset that was found. */
  readonly first: number;
  /** The last offset that it covers, control records and aborted records included. */
  readonly last: number;
  readonly highWatermark: number;
  readonly records: readonly LogRecord[];
}

/** The stretch of a batch that reached `eachBatch`. `fetchedOffset` is there at run time and missing in the types. */
export function fetchedOf(batch: Batch & { readonly fetchedOffset?: string }): Fetched {
  return {
    topic: batch.topic,
    partition: batch.partition,
    asked: batch.fetchedOffset === undefined ? undefined : Number(batch.fetchedOffset),
    first: Number(batch.firstOffset()),
    last: Number(batch.lastOffset()),
    highWatermark: Number(batch.highWatermark),
    records: batch.messages.map(({ offset, value }) => ({ offset: Number(offset), payload: value })),
  };
}

/** A stretch without any record that may be seen, as kafkajs tells of it by an event. */
export function unseenOf(event: ConsumerEndBatchProcessEvent['payload']): Fetched {
  const last = Number(event.lastOffset);
  return {
    topic: event.topic,
    partition: event.partition,
    asked: undefined,
    // Null at run time, against its type, where compaction has left nothing at or behind the offset asked for.
    first: event.firstOffset === null ? last : Number(event.firstOffset),
    last,
    highWatermark: Number(event.highWatermark),
    records: [],
  };
}

interface Reader {
  readonly assignment: Assignment;
  readonly offsets: GroupOffsets;
  readonly topics: TopicNames;
  readonly log: Log;
}

/**
 * A batch of the port that begins where the cursor stands; undefined for a stretch that is not to be delivered.
 *
 * A stretch that was asked for at the cursor covers everything from there: what it skips was compacted, aborted or a
 * control record. One from elsewhere is a leftover of another generation, or kafkajs found the position outside the
 * log and silently chose another: the log's bounds tell which. Where retention has overtaken the cursor the batch
 * begins at what is left, and the gap is the loss. Where the log ends before the cursor the answer is the Fault
 * LOG_TRUNCATED: those offsets were counted with other records. Otherwise the partition is read from the cursor again.
 */
export async function nextBatch(
  fetched: Fetched,
  cursor: Cursor,
  reader: Reader,
): Promise<RecordBatch | undefined> {
  const { stream, shard, next } = cursor;
  if (fetched.asked === undefined && fetched.last < next) return undefined;
  const start = fetched.asked ?? Math.max(fetched.first, next);
  if (start === next) return batchFrom(next, fetched, cursor);
  const { low, high } = await reader.offsets.bounds(stream, shard);
  const topic = reader.topics[stream];
  if (high < next) {
    const message = `${topic}/${shard} ends at ${high}, but records up to ${next} are counted already.`;
    throw new Fault('LOG_TRUNCATED', message);
  }
  const place = { topic, partition: shard, expected: next, fetched: start, beginning: low };
  if (low > next && start >= low) {
    reader.log.warn(place, 'retention has overtaken the reader: records are lost');
    return batchFrom(start, fetched, cursor);
  }
  if (fetched.asked === undefined) {
    // An unseen stretch behind a compacted gap looks like a leftover; only the former comes again.
    if (cursor.doubted === start) return batchFrom(next, fetched, cursor);
    cursor.doubted = start;
  }
  reader.log.debug(place, 'a batch from elsewhere is dropped, and its partition read again');
  reader.assignment.rewind(cursor);
  return undefined;
}

function batchFrom(firstOffset: number, fetched: Fetched, { stream, shard }: Cursor): RecordBatch {
  const nextOffset = fetched.last + 1;
  return {
    stream,
    shard,
    firstOffset,
    nextOffset,
    endOffset: Math.max(fetched.highWatermark, nextOffset),
    records: fetched.records,
  };
}
