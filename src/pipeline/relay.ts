// From the outbox to the topics: sent until acknowledged, then deleted; a crash in between sends again under the same id.
import type { EvaluatePorts } from './round.ts';

const rowsAtOnce = 100;

/** Sends all rows of a model's outbox in order. Called under the model's lease, so that repeats stay rare. */
export async function relay(model: string, ports: EvaluatePorts): Promise<void> {
  for (;;) {
    const rows = await ports.results.outbox(model, rowsAtOnce);
    ports.meter.gauge('driftline_outbox_rows', { model }, rows.length);
    if (rows.length === 0) return;
    await ports.outbound.send(rows.map((row) => row.message));
    await ports.results.sent(model, rows);
  }
}
