import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  copyScoreCounts,
  countScore,
  emptyScoreCounts,
  exactScoresMax,
  gridBins,
  mergeScoreCounts,
  readScores,
  rowsIn,
  type ScoreCounts,
} from '../../src/sketch/score-counts.ts';
import { averagePrecision, rocArea } from '../../src/stats/ranking.ts';
import { seededRandom } from '../laws/summary-samples.ts';

type Scored = readonly (readonly [score: number, cell: number])[];

function countsOf(values: Scored, cells = 2): ScoreCounts {
  const counts = emptyScoreCounts(cells);
  for (const [score, cell] of values) countScore(counts, score, cell);
  return counts;
}

/** Rare positives with higher scores, all different. */
function scored(n: number, rate: number, seed = 3): Scored {
  const random = seededRandom(seed);
  return Array.from({ length: n }, () => {
    const cell = random() < rate ? 1 : 0;
    return [(random() + random() + cell * random()) / 3, cell] as const;
  });
}

function ranked(counts: ScoreCounts) {
  const steps = readScores(counts);
  return { positives: rowsIn(steps, [1]), negatives: rowsIn(steps, [0]) };
}

describe('counts of scores', () => {
  test('keep scores by themselves up to a thousand different ones, and a grid from then on', () => {
    const values = scored(exactScoresMax + 1, 0.5);
    expect(countsOf(values.slice(0, -1)).grid).toBeUndefined();
    expect(countsOf(values).exact).toBeUndefined();
    // Repeats are no more scores.
    expect(countsOf([...values.slice(0, -1), ...values.slice(0, -1)]).grid).toBeUndefined();
  });

  test('read back in ascending order, 0 and -0 as one', () => {
    const steps = readScores(
      countsOf([
        [0.5, 1],
        [-0, 0],
        [0, 1],
        [1, 0],
        [0.5, 1],
      ]),
    );
    expect([...steps.scores]).toEqual([0, 0.5, 1]);
    expect([...steps.rows]).toEqual([1, 1, 0, 2, 1, 0]);
  });

  test('the grid knows the mean score of every bin to 1e-7', () => {
    const values = scored(50_000, 0.3);
    const { scores, rows } = readScores(countsOf(values));
    const truth = new Map<number, { n: number; sum: number }>();
    for (const [score] of values) {
      const bin = Math.min(gridBins - 1, Math.floor(score * gridBins));
      const seen = truth.get(bin) ?? { n: 0, sum: 0 };
      truth.set(bin, { n: seen.n + 1, sum: seen.sum + score });
    }
    const means = [...truth].sort(([a], [b]) => a - b).map(([, { n, sum }]) => sum / n);
    expect(scores.length).toBe(means.length);
    means.forEach((mean, i) => {
      expect(Math.abs(scores[i]! - mean)).toBeLessThan(1.3e-7);
    });
    expect(rows.reduce((sum, n) => sum + n, 0)).toBe(values.length);
  });

  test.each([
    [1001, 0.03],
    [1500, 0.03],
    [5000, 0.03],
    [20_000, 0.01],
    [5000, 0.5],
  ])('area and average precision of %d scores with %d positives are right to 2e-3 on the grid', (n, rate) => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const values = scored(n, rate, seed);
      const coarse = countsOf(values);
      const exact = emptyScoreCounts(2, n);
      for (const [score, cell] of values) countScore(exact, score, cell);
      expect(coarse.grid).toBeDefined();
      expect(exact.grid).toBeUndefined();
      expect(Math.abs(rocArea(ranked(coarse))! - rocArea(ranked(exact))!)).toBeLessThan(2e-3);
      expect(Math.abs(averagePrecision(ranked(coarse))! - averagePrecision(ranked(exact))!)).toBeLessThan(
        2e-3,
      );
    }
  });

  test('forget what is taken away, by themselves and on the grid', () => {
    const few = scored(100, 0.5);
    const many = scored(3000, 0.5);
    for (const values of [few, many]) {
      const counts = countsOf([...values, [0.123, 0], [0.9, 1]]);
      countScore(counts, 0.123, 0, -1);
      countScore(counts, 0.9, 1, -1);
      expect(counts).toEqual(countsOf(values));
    }
  });

  test('refuse to forget what was not there', () => {
    const counts = countsOf([[0.5, 1]]);
    expect(() => countScore(counts, 0.5, 0, -1)).toThrow(/not counted/);
    expect(() => countScore(countsOf(scored(2000, 0.5)), 0.0001, 0, -1)).toThrow(/not counted/);
  });

  test('merge into the same counts, however they are cut', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1500 }), fc.integer({ min: 0, max: 1500 }), (a, b) => {
        const values = scored(1500, 0.4);
        const [first, second] = [Math.min(a, b), Math.max(a, b)];
        const parts = [values.slice(0, first), values.slice(first, second), values.slice(second)];
        const merged = countsOf(parts[2]!);
        mergeScoreCounts(merged, countsOf(parts[0]!));
        mergeScoreCounts(merged, countsOf(parts[1]!));
        expect(merged).toEqual(countsOf(values));
      }),
      { numRuns: 30 },
    );
  });

  test('of other numbers of cells do not merge', () => {
    expect(() => mergeScoreCounts(emptyScoreCounts(2), emptyScoreCounts(3))).toThrow(/different classes/);
  });

  test('a copy lives by itself', () => {
    for (const values of [scored(10, 0.5), scored(2000, 0.5)]) {
      const counts = countsOf(values);
      countScore(copyScoreCounts(counts), 0.5, 1);
      expect(counts).toEqual(countsOf(values));
    }
  });
});
