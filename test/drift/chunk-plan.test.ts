import { describe, expect, test } from 'vitest';
import { chunkAt, planChunks } from '../../src/drift/chunk-plan.ts';

const hour = 3_600_000;
const day = 24 * hour;

/** Times of rows that come evenly from `start` on. */
function evenly(rows: number, start: number, stepMs: number) {
  return { sorted: Float64Array.from({ length: rows }, (_, row) => start + row * stepMs), inOrder: true };
}

describe('chunks of the reference', () => {
  test('are runs of 250, 1,000, 4,000 … rows where no time is known', () => {
    const { sizes } = planChunks(40_000, 3);
    expect(sizes.map(({ rows }) => rows)).toEqual([250, 1_000, 4_000]);
    expect(sizes.every(({ by }) => by === 'row')).toBe(true);
  });

  test('are whole hours and days where the data hold five of them, in place of runs near their size and beyond', () => {
    const { sizes } = planChunks(7 * 24_000, 3, evenly(7 * 24_000, 0, 3_600));
    expect(sizes.map(({ by, rows }) => [by, Math.round(rows)])).toEqual([
      ['row', 250],
      ['time', 1_000],
      ['time', 24_000],
    ]);
    const days = sizes.at(-1)!;
    expect([...days.starts]).toEqual([0, 1, 2, 3, 4, 5, 6].map((k) => k * day));
    expect(days.ends[0]).toBe(day);
  });

  test('are aligned to the epoch, whole ones only', () => {
    const start = 10 * day + 5 * hour + 1;
    const { sizes } = planChunks(24_000 * 8, 3, evenly(24_000 * 8, start, 3_600));
    const days = sizes.at(-1)!;
    expect(days.starts[0]).toBe(11 * day);
    expect(days.starts.length).toBe(7);
    expect([...days.starts].every((time) => time % day === 0)).toBe(true);
  });

  test('are no days where there are fewer than five, and no hours with fewer than a hundred rows', () => {
    const fourDays = planChunks(4 * 24_000, 3, evenly(4 * 24_000, 0, 3_600));
    expect(fourDays.sizes.some(({ rows }) => rows > 10_000)).toBe(false);
    const sparse = planChunks(10 * 480, 3, evenly(10 * 480, 0, day / 480));
    expect(sparse.sizes.filter(({ by }) => by === 'time').map(({ rows }) => Math.round(rows))).toEqual([480]);
  });

  test('are found by position, with nothing between them', () => {
    const size = planChunks(20_000, 1).sizes[0]!;
    expect(chunkAt(size, size.starts[3]!)).toBe(3);
    expect(chunkAt(size, size.ends[3]! - 1)).toBe(3);
    expect(chunkAt(size, -1)).toBe(-1);
    const [end, next] = [size.ends[3]!, size.starts[4]!];
    expect(chunkAt(size, end)).toBe(end < next ? -1 : 4);
  });
});
