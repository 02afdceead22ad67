// Counts of scores in [0, 1] by a small class ("cell"), such as predicted and true class: each score by itself while there
// are few different ones, then on a grid. Whole numbers throughout, so that what was counted can be taken away again.
//
// Which of the two it is depends on the scores alone, not on their order. A bin of the grid also holds where in it its
// scores lie on average, so that a step in what follows from the score is not smeared over the bin.
import { Fault } from '../fault.ts';

export interface ScoreCounts {
  readonly cells: number;
  /** As many different scores are counted by themselves. */
  readonly exactMax: number;
  /** Rows per cell of every score; undefined once there are too many. */
  exact: Map<number, number[]> | undefined;
  grid: ScoreGrid | undefined;
}

export interface ScoreGrid {
  /** Rows per bin and cell. */
  readonly rows: Float64Array;
  /** Sum over a bin's rows of where they lie in it, in units of 1/`offsetSteps` of the bin. */
  readonly offsets: Float64Array;
}

/** What `exactMax` is for counts that are stored. */
export const exactScoresMax = 1000;

/** Bins of the grid, of equal width: with 1,000 average precision is off by 3e-3 where positives are rare, with 2,000 by 1e-3. */
export const gridBins = 2000;

export const offsetSteps = 4096;

/** Counts of nothing; a score is counted in one of `cells` cells. */
export function emptyScoreCounts(cells: number, exactMax: number = exactScoresMax): ScoreCounts {
  return { cells, exactMax, exact: new Map(), grid: undefined };
}

/** A grid that holds nothing. */
export function emptyScoreGrid(cells: number): ScoreGrid {
  return { rows: new Float64Array(gridBins * cells), offsets: new Float64Array(gridBins) };
}

/** The bin of the grid that a score lies in. */
export function gridBinOf(score: number): number {
  return Math.min(gridBins - 1, Math.floor(score * gridBins));
}

/** Counts a score, or takes it away where `times` is -1. Throws BUG where there is none to take. */
export function countScore(counts: ScoreCounts, score: number, cell: number, times: 1 | -1 = 1): void {
  const rows = rowsOf(counts, score);
  if (rows !== undefined) {
    // -0 and 0 are one score.
    addTo(rows, cell, times);
    if (times < 0 && rows.every((count) => count === 0)) counts.exact!.delete(score + 0);
    return;
  }
  const bin = gridBinOf(score);
  const { rows: inBins, offsets } = gridOf(counts);
  addTo(inBins, bin * counts.cells + cell, times);
  offsets[bin]! += times * offsetOf(score, bin);
}

function addTo(rows: Float64Array | number[], at: number, count: number): void {
  rows[at]! += count;
  if (rows[at]! < 0) throw new Fault('BUG', 'a score is taken away that was not counted');
}

function offsetOf(score: number, bin: number): number {
  return Math.max(0, Math.min(offsetSteps, Math.round((score * gridBins - bin) * offsetSteps)));
}

/** The counters of one score; undefined on the grid, and where it would be one score too many. */
function rowsOf({ cells, exactMax, exact }: ScoreCounts, score: number): number[] | undefined {
  if (exact === undefined) return undefined;
  const known = exact.get(score + 0);
  if (known !== undefined) return known;
  if (exact.size >= exactMax) return undefined;
  const rows = Array.from({ length: cells }, () => 0);
  exact.set(score + 0, rows);
  return rows;
}

/** The grid, from now on: what was counted by itself goes there. */
function gridOf(counts: ScoreCounts): ScoreGrid {
  const { cells, exact } = counts;
  counts.grid ??= emptyScoreGrid(cells);
  if (exact !== undefined) {
    addExact(counts.grid, cells, exact);
    counts.exact = undefined;
  }
  return counts.grid;
}

function addExact(grid: ScoreGrid, cells: number, exact: ReadonlyMap<number, readonly number[]>): void {
  for (const [score, rows] of exact) {
    const bin = gridBinOf(score);
    const offset = offsetOf(score, bin);
    rows.forEach((count, cell) => {
      grid.rows[bin * cells + cell]! += count;
      grid.offsets[bin]! += count * offset;
    });
  }
}

/** Adds `from` to `into`; `from` stays as it is. Exact, in any order. Throws BUG for other numbers of cells. */
export function mergeScoreCounts(into: ScoreCounts, from: ScoreCounts): void {
  if (into.cells !== from.cells) throw new Fault('BUG', 'scores by different classes cannot be merged');
  const { cells, exact, grid } = from;
  if (grid !== undefined) {
    const own = gridOf(into);
    for (let i = 0; i < own.rows.length; i++) own.rows[i]! += grid.rows[i]!;
    for (let bin = 0; bin < gridBins; bin++) own.offsets[bin]! += grid.offsets[bin]!;
    return;
  }
  const added = exact!;
  const together = into.exact === undefined ? Infinity : sizeTogether(into.exact, added);
  if (together > into.exactMax) addExact(gridOf(into), cells, added);
  else {
    for (const [score, rows] of added) {
      const own = rowsOf(into, score)!;
      rows.forEach((count, cell) => {
        own[cell]! += count;
      });
    }
  }
}

function sizeTogether(a: ReadonlyMap<number, unknown>, b: ReadonlyMap<number, unknown>): number {
  let size = a.size;
  for (const score of b.keys()) if (!a.has(score)) size += 1;
  return size;
}

/** Counts of their own with the same content. */
export function copyScoreCounts({ cells, exactMax, exact, grid }: ScoreCounts): ScoreCounts {
  return {
    cells,
    exactMax,
    exact: exact && new Map([...exact].map(([score, rows]) => [score, [...rows]])),
    grid: grid && { rows: grid.rows.slice(), offsets: grid.offsets.slice() },
  };
}

/** Counts as they read: scores in ascending order, those without rows left out. */
export interface ScoreSteps {
  readonly cells: number;
  /** The score, or the mean of the scores in a bin to 1e-7. */
  readonly scores: Float64Array;
  /** Rows per step and cell. */
  readonly rows: Float64Array;
}

/** Reads counts without changing them. */
export function readScores({ cells, exact, grid }: ScoreCounts): ScoreSteps {
  const found: [score: number, rows: ArrayLike<number>][] =
    grid === undefined ? [...exact!].sort(([a], [b]) => a - b) : filledBins(grid, cells);
  const rows = new Float64Array(found.length * cells);
  found.forEach(([, counts], step) => {
    rows.set(counts, step * cells);
  });
  return { cells, scores: Float64Array.from(found, ([score]) => score), rows };
}

function filledBins({ rows, offsets }: ScoreGrid, cells: number): [number, Float64Array][] {
  const filled: [number, Float64Array][] = [];
  for (let bin = 0; bin < gridBins; bin++) {
    const counts = rows.subarray(bin * cells, (bin + 1) * cells);
    const n = counts.reduce((sum, count) => sum + count, 0);
    if (n > 0) filled.push([(bin + offsets[bin]! / offsetSteps / n) / gridBins, counts]);
  }
  return filled;
}

/** Rows per step, those of the chosen cells together. */
export function rowsIn({ cells, scores, rows }: ScoreSteps, chosen: readonly number[]): Float64Array {
  return Float64Array.from(scores, (_, step) => {
    let sum = 0;
    for (const cell of chosen) sum += rows[step * cells + cell]!;
    return sum;
  });
}
