// What retention deletes before it is read: counted, announced, and never skipped in silence.
import { recordsLostEvent } from '../codec/monitor-event.ts';
import type { LogSource, RecordBatch } from '../log-source.ts';
import type { Clock, Log, Meter, Offsets } from '../ports.ts';
import type { IngestSettings } from './settings.ts';
import { type Shard, streams } from './shard.ts';

export interface LossPorts {
  readonly source: LogSource;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly log: Log;
}

/** Moves a shard on to where its log begins. What lies before and was not read is lost; the next checkpoint passes it. */
export function skipLostRecords(
  shard: Shard,
  beginning: Offsets,
  settings: IngestSettings,
  ports: LossPorts,
): void {
  for (const stream of streams) {
    const [from, to] = [shard.next[stream], beginning[stream]];
    if (to <= from) continue;
    const loss = { stream, topic: settings.topics[stream], shard: shard.shard, from, to };
    ports.meter.count('driftline_lost_records_total', { stream }, to - from);
    ports.log.error({ ...loss, lost: to - from }, 'records were deleted by retention before they were read');
    shard.outgoing.push(recordsLostEvent(loss, settings.source, ports.clock.now()));
    shard.next[stream] = to;
  }
}

/** Offsets may skip where a log is compacted or a transaction was aborted; what retention deleted is a loss. */
export async function explainGap(
  shard: Shard,
  batch: RecordBatch,
  settings: IngestSettings,
  ports: LossPorts,
): Promise<void> {
  const { beginning } = await ports.source.positions(shard.shard);
  const reachable = Math.min(beginning[batch.stream], batch.firstOffset);
  skipLostRecords(shard, { ...shard.next, [batch.stream]: reachable }, settings, ports);
}
