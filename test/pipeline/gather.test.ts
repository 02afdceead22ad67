import { describe, expect, test } from 'vitest';
import { decodeResult } from '../../src/codec/result.ts';
import { newEvaluator } from '../../src/pipeline/due.ts';
import { evaluateDue } from '../../src/pipeline/evaluate.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { save } from '../../src/pipeline/save.ts';
import { firstMeta, openShard } from '../../src/pipeline/shard.ts';
import { batchOf, noon, openRig, prediction, type Rig } from './rig.ts';

const minute = 60_000;

/** What one shard has read: how many rows of which version, at which minutes after noon. */
type Rows = readonly (readonly [version: string, rows: number, minute: number])[];

async function publish(rig: Rig, ...shards: readonly Rows[]): Promise<void> {
  const start = { predictions: 0, labels: 0 };
  for (const [number, rows] of shards.entries()) {
    await rig.stores.shards.claim(number, 'owner');
    const shard = openShard(number, 'owner', firstMeta(start), start, 0);
    const payloads = rows.flatMap(([version, count, at]) =>
      Array.from({ length: count }, () => prediction(at * minute, { model_version: version })),
    );
    const batch = { ...batchOf(0, payloads), shard: number };
    await ingest(shard, batch, rig.models, rig.settings.ingest, rig.ports);
    shard.idle = true;
    await save(shard, rig.models, rig.settings.ingest, rig.ports);
  }
  const round = { whenIdle: Infinity, final: true };
  await evaluateDue(newEvaluator(), rig.models, rig.settings.evaluation, rig.ports, round);
}

async function versionsOf(rig: Rig, size: number, start = noon): Promise<unknown> {
  const stored = await rig.stores.results.result('fraud', { size, start });
  return decodeResult(stored!.document).versions.map(({ version, rows }) => [version, rows]);
}

describe('versions beyond those that are kept apart', () => {
  const changes = 'limits: { versions_per_model: 2 }\nwindows: { rollups: [1h] }';

  test('are one in a window, whichever shards they come from; those with most rows keep their names', async () => {
    const rig = openRig(2, changes);
    await publish(
      rig,
      [
        ['a', 3, 0],
        ['b', 1, 0],
        ['x', 4, 0],
      ],
      [
        ['c', 5, 0],
        ['d', 2, 0],
      ],
    );
    expect(rig.tally.sum('driftline_pooled_events_total', { model: 'fraud' })).toBe(4);
    expect(await versionsOf(rig, minute)).toEqual([
      ['(other)', 7],
      ['a', 3],
      ['c', 5],
    ]);
  });

  test('are one in a roll-up, though every window of it has others', async () => {
    const rig = openRig(1, changes);
    await publish(rig, [
      ['a', 1, 0],
      ['b', 2, 1],
      ['c', 3, 2],
      ['d', 4, 3],
    ]);
    expect(await versionsOf(rig, minute, noon + 2 * minute)).toEqual([['c', 3]]);
    expect(await versionsOf(rig, 60 * minute)).toEqual([
      ['(other)', 3],
      ['c', 3],
      ['d', 4],
    ]);
  });
});
