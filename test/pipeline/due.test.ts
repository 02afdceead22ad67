import { describe, expect, test } from 'vitest';
import { lookForDue, newEvaluator } from '../../src/pipeline/due.ts';
import type { ShardProgress } from '../../src/ports.ts';
import { openRig } from './rig.ts';

const minute = 60_000;
const { windows } = openRig().settings.ingest;
const live = { whenIdle: -Infinity, final: false };

/** One shard that has passed the newest end at `passedAt` and lists these windows, by their minute and version. */
function shard(
  watermark: number,
  passedAt: number,
  ...changed: readonly (readonly [minute: number, version: number])[]
): ShardProgress {
  return {
    ...{ offsets: { predictions: 1, labels: 0 }, watermark, maxEventTime: watermark, passedAt, idle: false },
    completeFrom: -Infinity,
    changed: changed.map(([at, version]) => ({ model: 'fraud', start: at * minute, version })),
  };
}

/** Rounds one after the other: per round, which windows of the model are due, and since when they are. */
function rounds(...progress: readonly ShardProgress[]): unknown[] {
  const evaluator = newEvaluator();
  return progress.map((one) =>
    (lookForDue(evaluator, [one], windows, live, 0).windows.get('fraud') ?? []).map(({ start, passedAt }) => [
      start / minute,
      passedAt,
    ]),
  );
}

describe('a window that is due', () => {
  test('is so since event time passed its end', () => {
    expect(rounds(shard(minute - 1, -Infinity, [0, 5]), shard(minute, 1_000, [0, 5], [1, 6]))).toEqual([
      [],
      [[0, 1_000]],
    ]);
  });

  test('stays due since then for as long as it waits to be published', () => {
    expect(rounds(shard(minute, 1_000, [0, 5]), shard(2 * minute, 61_000, [0, 5], [1, 9]))).toEqual([
      [[0, 1_000]],
      [
        [0, 1_000],
        [1, 61_000],
      ],
    ]);
  });

  test('is late, and measured from nothing, where its events came after event time had passed it', () => {
    expect(rounds(shard(2 * minute, 61_000), shard(2 * minute, 61_000, [0, 7]))).toEqual([
      [],
      [[0, undefined]],
    ]);
  });

  test('is late again when it changes after it was published', () => {
    expect(
      rounds(
        shard(minute, 1_000, [0, 5]),
        shard(minute, 1_000),
        shard(minute, 1_000, [0, 8]),
        shard(minute, 1_000, [0, 8]),
      ),
    ).toEqual([[[0, 1_000]], [], [[0, undefined]], [[0, undefined]]]);
  });
});

test('the ends that are remembered are bounded', () => {
  const evaluator = newEvaluator();
  for (let at = 1; at < 1_000; at++) lookForDue(evaluator, [shard(at * minute, at)], windows, live, 0);
  expect(evaluator.passings).toHaveLength(64);
  expect(evaluator.passings.at(-1)).toEqual({ end: 999 * minute, at: 999 });
});
