import { describe, expect, test } from 'vitest';
import { chunkAt, planChunks } from '../../src/drift/chunk-plan.ts';
import { emptyReferenceChunks } from '../../src/drift/reference-chunks.ts';
import type { ModelSchema } from '../../src/profile/schema.ts';
import { normal, uniform } from './random.ts';
import { builtBaseline, eventAt } from './reference-build.ts';

describe('the plan of chunks', () => {
  test.each([
    [799, []],
    [800, [100]],
    [1_999, [249]],
    [2_000, [250]],
    [8_000, [250, 1_000]],
    [100_000, [250, 1_000, 4_000]],
    [10_000_000, [250, 1_000, 4_000, 16_000, 64_000, 256_000, 1_024_000]],
  ])('of %d rows has sizes of which there are eight', (rows, sizes) => {
    const plan = planChunks(rows, 3);
    expect(plan.sizes.map((size) => size.rows)).toEqual(sizes);
    for (const { starts, ends, rows: each } of plan.sizes) {
      expect(starts.length).toBeGreaterThanOrEqual(8);
      expect(starts.length).toBeLessThanOrEqual(256);
      starts.forEach((start, k) => {
        expect(ends[k]! - start).toBe(each);
        expect(ends[k]!).toBeLessThanOrEqual(starts[k + 1] ?? rows);
      });
    }
  });

  test('finds the chunk of a row, or none between them', () => {
    const [size] = planChunks(1_000_000, 1).sizes;
    const start = size!.starts[3]!;
    expect([start - 1, start, start + 249, start + 250].map((row) => chunkAt(size!, row))).toEqual([
      -1, 3, 3, -1,
    ]);
    expect(chunkAt(size!, -1)).toBe(-1);
  });

  test('needs no more than 64 MB of counters, however many columns and rows there are', () => {
    for (const columns of [1, 200, 5_000]) {
      const plan = planChunks(1e9, columns);
      const chunks = plan.sizes.reduce((sum, { starts }) => sum + starts.length, 0);
      const least = plan.sizes.length * 8;
      expect(chunks * columns * 34).toBeLessThanOrEqual(Math.max(2 ** 24, least * columns * 34));
    }
    const wide: ModelSchema = {
      model: 'm',
      task: 'regression',
      columns: Array.from({ length: 500 }, (_, i) => ({ name: `x${i}`, kind: 'numeric' as const })),
      baselineHash: '',
    };
    const fine = wide.columns.map(() => new Float64Array(256).fill(10));
    const { columns } = emptyReferenceChunks(planChunks(1e9, 500), wide, fine);
    const bytes = columns.reduce(
      (sum, { counts }) => counts.reduce((all, part) => all + part.byteLength, sum),
      0,
    );
    expect(bytes).toBeLessThanOrEqual(64 * 2 ** 20);
  });
});

describe('chunks of the reference', () => {
  const random = uniform(8);
  const rowCount = 16_000;
  /** A level that wanders, a category that follows it, missing values in a burst. */
  const wander = Array.from({ length: rowCount }, (_, i) => Math.sin(i / 700) + normal(random));
  const events = wander.map((x, i) =>
    eventAt(i * 1_000, {
      x,
      city: x > 0.8 ? 'high' : `c${Math.floor(random() * 5)}`,
      burst: i > 4_000 && i < 4_500 ? null : i % 7,
    }),
  );

  test('lie as far from the whole as their rows say: PSI on the coarse bins over 1/n - 1/m', () => {
    const baseline = builtBaseline(events);
    const city = baseline.chunks![baseline.schema.columns.findIndex(({ name }) => name === 'city')]!;
    const names = ['high', 'c0', 'c1', 'c2', 'c3', 'c4'];
    const shares = (from: number, to: number) => {
      const part = events.slice(from, to);
      return names.map(
        (name) =>
          (part.filter(({ features }) => features['city'] === name).length + 0.5) /
          (part.length + names.length / 2),
      );
    };
    const whole = shares(0, rowCount);
    const scores = Array.from({ length: 64 }, (_, k) => {
      const chunk = shares(k * 250, (k + 1) * 250);
      const psi = chunk.reduce((sum, q, i) => sum + (q - whole[i]!) * Math.log(q / whole[i]!), 0);
      return psi / (1 / 250 - 1 / rowCount);
    });
    const mean = scores.reduce((sum, score) => sum + score, 0) / 64;
    const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / 63;
    expect(city[0]).toMatchObject({ rows: 250, chunks: 64 });
    expect(city[0]!.spreads.map(({ level, bins }) => [level, bins])).toEqual([
      [10, 6],
      [16, 6],
      [32, 6],
    ]);
    for (const spread of city[0]!.spreads) {
      expect(spread.mean).toBeCloseTo(mean, 9);
      expect(spread.variance / variance).toBeCloseTo(1, 9);
      expect(spread.quantile).toBeGreaterThan(mean);
      expect(spread.quantile).toBeLessThanOrEqual(Math.max(...scores) + 1e-9);
    }
  });

  test('show the level that wanders, and the burst of missing values', () => {
    const baseline = builtBaseline(events);
    const of = (name: string) =>
      baseline.chunks![baseline.schema.columns.findIndex((spec) => spec.name === name)]!;
    const ratio = (name: string) => {
      const { mean, bins } = of(name)[0]!.spreads[0]!;
      return mean / (bins - 1);
    };
    expect(ratio('x')).toBeGreaterThan(2);
    expect(ratio('burst')).toBeGreaterThan(2);
    expect(of('x')[0]!.ordered!.mean).toBeGreaterThan(5);
    expect(of('city')[0]!.ordered).toBeUndefined();
  });

  test('are runs of time, in whatever order the rows come', () => {
    const shuffled = events
      .map((event) => ({ event, key: random() }))
      .sort((a, b) => a.key - b.key)
      .map(({ event }) => event);
    const inOrder = builtBaseline(events);
    const outOfOrder = builtBaseline(shuffled);
    for (const [i, { name }] of inOrder.schema.columns.entries()) {
      const j = outOfOrder.schema.columns.findIndex((spec) => spec.name === name);
      const [expected, found] = [inOrder.chunks![i]!, outOfOrder.chunks![j]!];
      expect(found.map(({ rows }) => Math.round(rows))).toEqual(expected.map(({ rows }) => Math.round(rows)));
      found.forEach((size, k) => {
        expect(size.spreads[0]!.mean / expected[k]!.spreads[0]!.mean).toBeCloseTo(1, 6);
      });
    }
  });

  test('of rows without an order are as far from the whole as independent rows', () => {
    const baseline = builtBaseline(
      Array.from({ length: 64_000 }, (_, i) =>
        eventAt(i, { x: normal(random), city: `c${Math.floor(random() * 20)}` }),
      ),
    );
    for (const sizes of baseline.chunks!) {
      expect(sizes.map(({ rows }) => rows)).toEqual([250, 1_000, 4_000]);
      for (const { mean, bins } of sizes[0]!.spreads)
        expect(Math.abs(mean / (bins - 1) - 1)).toBeLessThan(0.12);
    }
    expect(Math.abs(baseline.chunks![0]![0]!.ordered!.mean - 1)).toBeLessThan(0.2);
  });

  test('do not know categories that occur once: those are unseen to a chunk as to a window', () => {
    const identifiers = Array.from({ length: 16_000 }, (_, i) =>
      eventAt(i, { id: `id${i % 3 === 0 ? i : Math.floor(random() * 40)}` }),
    );
    const [id] = builtBaseline(identifiers).chunks!;
    const { mean, bins } = id![0]!.spreads[2]!;
    expect(mean / (bins - 1)).toBeLessThan(1.2);
  });

  test('are not there for data of few rows', () => {
    const few = builtBaseline(events.slice(0, 700));
    expect(few.chunks).toEqual([[], [], []]);
  });
});
