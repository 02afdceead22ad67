// Events that are well-formed, and of a shape that nobody expects: the monitor goes on, and what they cost is bounded.
import { describe, expect, test } from 'vitest';
import { decodePrediction } from '../../src/codec/event.ts';
import { decodeResult } from '../../src/codec/result.ts';
import { resultsSnapshot } from '../../src/io/results-snapshot.ts';
import { newEvaluator } from '../../src/pipeline/due.ts';
import { evaluateDue } from '../../src/pipeline/evaluate.ts';
import { createWorker } from '../../src/pipeline/worker.ts';
import { emptyProfile, observePrediction } from '../../src/profile/profile.ts';
import { nameLengthMax } from '../../src/sketch/category-summary.ts';
import { noon, openRig, prediction, type Rig } from '../pipeline/rig.ts';
import { keptBytes } from './kept-memory.ts';

const megabyte = 1 << 20;

/** Reads, saves and evaluates everything that was sent; returns how many results were published. */
async function monitored(rig: Rig, payloads: Iterable<Uint8Array>): Promise<number> {
  const worker = createWorker(rig.models, rig.settings.ingest, rig.ports);
  rig.reader.run(worker.handlers).catch(() => undefined);
  rig.reader.assign([0]);
  await worker.tick();
  for (const payload of payloads) rig.log.append('predictions', 0, payload);
  while (await rig.reader.deliver('predictions', 0, 500));
  rig.clock.advance(rig.settings.ingest.windows.idleAfterMs);
  await worker.tick();
  const evaluator = newEvaluator();
  const round = { whenIdle: Infinity, final: true };
  const published = await evaluateDue(evaluator, rig.models, rig.settings.evaluation, rig.ports, round);
  await rig.reader.stop();
  return published;
}

function resultsPage({ stores, models, clock, ports }: Rig): Promise<{ readonly text: string }> {
  return resultsSnapshot({
    ...{ store: stores.results, models: [...models.keys()], clock, log: ports.log },
    ...{ live: false, exposeForWindows: 3, maxSeries: 20_000 },
  }).page();
}

describe('times', () => {
  const farthest = [Date.UTC(100, 0), Date.UTC(9900, 0) - 1];
  const beyond = [-8.64e15, 8.64e15, Date.UTC(100, 0) - 1, Date.UTC(9900, 0), '-271821-04-20T00:00:00.000Z'];

  test.each(farthest)('as far away as %d make results that can be read', async (timestamp) => {
    const sizes = 'size: 7s, rollups: [7m, 49d, 3430d], max_clock_skew: 3650d';
    const rig = openRig(1, `{ windows: { ${sizes} }, retention: { rollups: 3650d } }`);
    rig.clock.advance(timestamp - noon);
    await monitored(rig, [prediction(0, { timestamp }), prediction(0, { timestamp: timestamp - 1 })]);
    const results = await rig.stores.results.latest('fraud');
    expect(results.map(({ key }) => key.size)).toContain(3430 * 86_400_000);
    for (const { document } of results) expect(() => decodeResult(document)).not.toThrow();
  });

  test('beyond those cost the event, and not the results of the others', async () => {
    const rig = openRig(1, 'windows: { rollups: [7m] }');
    const payloads = beyond.map((timestamp) => prediction(0, { timestamp }));
    expect(await monitored(rig, [...payloads, prediction(0), prediction(120_000)])).toBeGreaterThan(0);
    expect(rig.tally.sum('driftline_dead_letters_total', { reason: 'bad_timestamp' })).toBe(beyond.length);
    expect((await resultsPage(rig)).text).toContain('driftline_window_rows{model="fraud"');
  });
});

describe('categories', () => {
  test('of a megabyte each are not kept in memory beyond their stored length', () => {
    const rig = openRig();
    const { schema } = rig.models.get('fraud')!;
    const before = keptBytes();
    const profile = emptyProfile(schema);
    for (let i = 0; i < 150; i++) {
      const country = String(i).padEnd(nameLengthMax, 'x') + 'y'.repeat(megabyte);
      const bytes = Buffer.from(prediction(i, { features: { country } }));
      const event = decodePrediction(bytes, { ...rig.settings.ingest.limits, eventBytes: 2 * megabyte });
      if (event.kind === 'prediction') observePrediction(profile, schema, event);
    }
    expect(keptBytes() - before).toBeLessThan(4 * megabyte);
    expect(profile.rows).toBe(150);
  });
});
