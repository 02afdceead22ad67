// From what kafkajs fetched to the batches of the port: nothing twice, nothing out of order, and no gap without a reason.
import type { Batch } from 'kafkajs';
import { Fault } from '../../fault.ts';
import type { LogRecord, RecordBatch } from '../../log-source.ts';
import type { Log } from '../../ports.ts';
import type { Assignment, Cursor } from './assignment.ts';
import { isCovered } from './fetch-response.ts';
import type { GroupOffsets, TopicNames } from './offsets.ts';
import type { PackedRecords } from './record-batch.ts';

/** A stretch of one partition as it was fetched, whether or not any of its records may be seen. */
export interface Fetched {
  readonly topic: string;
  readonly partition: number;
  /** The offset that was asked for. */
  readonly asked: number;
  /** The last offset that it covers: control records, and what was aborted or compacted, included. */
  readonly last: number;
  readonly highWatermark: number;
  readonly records: readonly LogRecord[];
  /** How many records stand behind those that are whole batches, too large to be unpacked. */
  readonly packed: number;
}

/** The stretch of a batch. `fetchedOffset` is there at run time and missing in the types. */
export function fetchedOf(batch: Batch): Fetched {
  const { fetchedOffset } = batch as Batch & { readonly fetchedOffset: string };
  const { topic, partition, messages } = batch;
  const end = messages.at(-1);
  const seen = end !== undefined && isCovered(end) ? messages.slice(0, -1) : messages;
  return {
    topic,
    partition,
    asked: Number(fetchedOffset),
    last: Number(batch.lastOffset()),
    highWatermark: Number(batch.highWatermark),
    records: seen.map(({ offset, value }) => ({ offset: Number(offset), payload: value })),
    packed: seen.reduce((sum, record) => sum + ((record as Partial<PackedRecords>).packedRecords ?? 0), 0),
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
 * log and silently chose another, the beginning: the log's bounds tell which. Where retention has overtaken the cursor the
 * batch begins at what was left, and the gap is the loss. Where the log ends before the cursor the answer is the Fault
 * LOG_TRUNCATED: those offsets were counted with other records. Otherwise the partition is read from the cursor again.
 */
export async function nextBatch(
  fetched: Fetched,
  cursor: Cursor,
  reader: Reader,
): Promise<RecordBatch | undefined> {
  const { stream, shard, next } = cursor;
  const { asked, packed } = fetched;
  if (packed > 0) {
    const where = { topic: reader.topics[stream], partition: shard, from: asked, to: fetched.last };
    const message =
      'records are in batches that unpack to more than memory should hold: each batch is refused as one event';
    reader.log.error({ ...where, records: packed }, message);
  }
  if (asked === next) return batchFrom(next, fetched, cursor);
  const { low, high } = await reader.offsets.bounds(stream, shard);
  const topic = reader.topics[stream];
  if (high < next) {
    const message = `${topic}/${shard} ends at ${high}, but records up to ${next} are counted already.`;
    throw new Fault('LOG_TRUNCATED', message);
  }
  const place = { topic, partition: shard, expected: next, fetched: asked, beginning: low };
  // Behind the beginning of the log there may be records between the cursor and the stretch.
  if (next < asked && asked <= low) {
    reader.log.warn(place, 'retention has overtaken the reader: records are lost');
    return batchFrom(asked, fetched, cursor);
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
