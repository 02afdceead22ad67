// A batch taken a portion at a time, so that what a shard holds between two checkpoints is bounded whatever producers send.
import type { RecordBatch } from '../log-source.ts';
import { type IngestPorts, ingest } from './ingest.ts';
import type { Models } from './model.ts';
import type { IngestSettings } from './settings.ts';
import { heldProfiles, type Shard } from './shard.ts';

/** Records between two looks at the bounds, which they exceed at most by so many dead letters, or windows with all their versions. */
const recordsAtOnce = 250;

/** A shard that holds so many times what it keeps after a checkpoint is written before its time. */
const heldPerKept = 2;

/** Characters of dead letters that wait for a checkpoint; raw ones hold their whole event. */
const outgoingCharactersMax = 4 * 1024 * 1024;

/**
 * Folds a batch, and calls `checkpoint` wherever the shard holds as much as it may: that is false where the shard is not
 * to be fed any more. The content of the shard does not depend on where that happens.
 */
export async function ingestInPortions(
  shard: Shard,
  batch: RecordBatch,
  models: Models,
  settings: IngestSettings,
  ports: IngestPorts,
  checkpoint: () => Promise<boolean>,
): Promise<void> {
  for (const portion of portionsOf(batch)) {
    await ingest(shard, portion, models, settings, ports);
    if (isFull(shard, settings) && !(await checkpoint())) return;
  }
}

/** Whether a shard holds as much as it may without a checkpoint: events, profiles or dead letters. */
function isFull(shard: Shard, { checkpoint, limits }: IngestSettings): boolean {
  return (
    shard.unsaved >= checkpoint.events ||
    heldProfiles(shard) > heldPerKept * limits.openWindows ||
    shard.outgoing.reduce((sum, { value }) => sum + value.length, 0) >= outgoingCharactersMax
  );
}

/** Consecutive parts of a batch; what it covers without records belongs to the part before. */
function* portionsOf(batch: RecordBatch): Generator<RecordBatch> {
  const { records } = batch;
  let { firstOffset } = batch;
  for (let from = 0; from === 0 || from < records.length; from += recordsAtOnce) {
    const next = records[from + recordsAtOnce]?.offset ?? batch.nextOffset;
    yield { ...batch, firstOffset, nextOffset: next, records: records.slice(from, from + recordsAtOnce) };
    firstOffset = next;
  }
}
