// The sections of stored bytes that hold counts of scores by class.
//
//   by named classes: varint classes (0: none)   where there are: text names, and then the counts
//
//   varint cells   varint 0: scores by themselves   varint scores, ascending, each: f64 score   varint count per cell
//                  varint 1: on the grid   until all bins are named: { varint rows > 0, varint offset, varint count per cell }
//                                          or { 0, varint empty bins that follow }
import { Fault } from '../fault.ts';
import type { Dictionary } from '../sketch/dictionary.ts';
import {
  emptyScoreCounts,
  emptyScoreGrid,
  exactScoresMax,
  gridBins,
  offsetSteps,
  type ScoreCounts,
  type ScoreGrid,
} from '../sketch/score-counts.ts';
import {
  type ByteReader,
  type ByteWriter,
  readCount,
  readDouble,
  readText,
  readVarint,
  writeDouble,
  writeText,
  writeVarint,
} from './bytes.ts';

const [byThemselves, onGrid] = [0, 1];
const cellsMax = 10_000;

/** Appends counts by the classes that the dictionary names, or that there are none. */
export function writeClassScores(
  writer: ByteWriter,
  scores: ScoreCounts | undefined,
  classes: Dictionary | undefined,
): void {
  const names = scores === undefined ? [] : classes!.names;
  writeVarint(writer, names.length);
  for (const name of names) writeText(writer, name);
  if (scores !== undefined) writeScoreCounts(writer, scores);
}

/** Reads them; undefined where there are none, or were counted by other classes. Throws PROFILE_INVALID for damaged bytes. */
export function readClassScores(
  reader: ByteReader,
  classes: Dictionary | undefined,
): ScoreCounts | undefined {
  const names = Array.from({ length: readCount(reader, 1) }, () => readText(reader));
  if (names.length === 0) return undefined;
  const scores = readScoreCounts(reader);
  if (scores.cells !== names.length) damaged('scores of another number of classes');
  return names.join('\0') === classes?.names.join('\0') ? scores : undefined;
}

/** Appends counts. Equal ones give equal bytes. */
export function writeScoreCounts(writer: ByteWriter, { cells, exact, grid }: ScoreCounts): void {
  writeVarint(writer, cells);
  if (grid !== undefined) {
    writeVarint(writer, onGrid);
    writeGrid(writer, grid, cells);
    return;
  }
  writeVarint(writer, byThemselves);
  const ascending = [...exact!].sort(([a], [b]) => a - b);
  writeVarint(writer, ascending.length);
  for (const [score, rows] of ascending) {
    writeDouble(writer, score);
    for (const count of rows) writeVarint(writer, count);
  }
}

function writeGrid(writer: ByteWriter, { rows, offsets }: ScoreGrid, cells: number): void {
  const rowsOf = (bin: number) =>
    rows.subarray(bin * cells, (bin + 1) * cells).reduce((sum, count) => sum + count, 0);
  for (let bin = 0; bin < gridBins; bin++) {
    const n = rowsOf(bin);
    writeVarint(writer, n);
    if (n === 0) {
      const first = bin;
      while (bin + 1 < gridBins && rowsOf(bin + 1) === 0) bin += 1;
      writeVarint(writer, bin - first);
      continue;
    }
    writeVarint(writer, offsets[bin]!);
    for (let cell = 0; cell < cells; cell++) writeVarint(writer, rows[bin * cells + cell]!);
  }
}

/** Reads counts. Throws PROFILE_INVALID for damaged bytes. */
export function readScoreCounts(reader: ByteReader): ScoreCounts {
  const cells = readVarint(reader);
  if (cells > cellsMax) damaged(`${cells} classes`);
  const form = readVarint(reader);
  if (form === onGrid) return { ...emptyScoreCounts(cells), exact: undefined, grid: readGrid(reader, cells) };
  if (form !== byThemselves) damaged('scores of no known form');
  const counts = emptyScoreCounts(cells);
  const size = readCount(reader, 8 + cells);
  if (size > exactScoresMax) damaged(`${size} scores by themselves`);
  let before = -1;
  for (let i = 0; i < size; i++) {
    const score = readDouble(reader);
    if (!(score > before && score <= 1)) damaged('scores that do not ascend');
    before = score;
    counts.exact!.set(
      score,
      Array.from({ length: cells }, () => readVarint(reader)),
    );
  }
  return counts;
}

function readGrid(reader: ByteReader, cells: number): ScoreGrid {
  const grid = emptyScoreGrid(cells);
  let bin = 0;
  while (bin < gridBins) {
    const n = readVarint(reader);
    if (n === 0) {
      bin += readVarint(reader) + 1;
      continue;
    }
    const offset = readVarint(reader);
    if (offset > n * offsetSteps) damaged('a mean score outside its bin');
    grid.offsets[bin] = offset;
    let counted = 0;
    for (let cell = 0; cell < cells; cell++) {
      const count = readVarint(reader);
      grid.rows[bin * cells + cell] = count;
      counted += count;
    }
    if (counted !== n) damaged('a bin of scores that does not add up');
    bin += 1;
  }
  if (bin > gridBins) damaged('more bins of scores than there are');
  return grid;
}

function damaged(what: string): never {
  throw new Fault('PROFILE_INVALID', `stored counts have ${what}`);
}
