// Labelled rows of the baseline beside those of a window, cut into strata: what the tests of `shift.ts` compare.
import { readScores, rowsIn, type ScoreCounts, type ScoreSteps } from '../sketch/score-counts.ts';
import type { Stratum } from '../stats/contingency.ts';
import { type Grouping, groupCodes, tableRow } from './grouping.ts';

/** Labelled rows as they are counted: of a window, of the baseline, of a chunk of it. */
export interface LabelledCounts {
  /** Leading score by predicted class and truth; undefined where there are no scores. */
  readonly scores: ScoreCounts | undefined;
  /** Rows by true class, then by predicted class; empty for a regression. */
  readonly confusion: ArrayLike<number>;
  /** Rows by column, group and label group: `tableRow`. */
  readonly table: Float64Array;
}

export interface Sides {
  readonly before: LabelledCounts;
  readonly after: LabelledCounts;
}

export interface OutputStrata {
  /** The labels alone: one stratum. */
  readonly labels: readonly Stratum[];
  /** Labels given the output of the model. */
  readonly calibration: readonly Stratum[];
  /** Output given the labels. */
  readonly output: readonly Stratum[];
}

/** Groups of scores of about equal mass: of a binary model, and of every predicted class of another. */
const binaryGroups = 10;
const classGroups = 4;

/**
 * The output of a regression is its number, on the groups of the baseline; that of a binary model its score. Of a multiclass
 * model it is the predicted class with its score, of which only whether it was right is asked: a calibrated model is right as
 * often as its score says, whatever the features do, but which other class is the true one follows the features. What such a
 * model puts out for a class, and what a model without scores puts out, is the predicted class.
 */
export function outputStrata(grouping: Grouping, sides: Sides): OutputStrata {
  if (grouping.labels.kind === 'number') return numberStrata(grouping, sides);
  const classes = Math.round(Math.sqrt(sides.before.confusion.length));
  const byTrue = classStrata(classes, sides, (first, second) => first * classes + second);
  const labels = [{ before: totals(byTrue, 'before'), after: totals(byTrue, 'after') }];
  const steps = scoreSides(sides);
  if (steps === undefined) {
    const byPredicted = classStrata(classes, sides, (first, second) => second * classes + first);
    return { labels, calibration: byPredicted, output: byTrue };
  }
  if (classes === 2) {
    const groups = scoreGroups(steps, [0, 1], binaryGroups);
    return { labels, calibration: groups, output: transposed(groups, 2) };
  }
  const calibration = Array.from({ length: classes }, (_, predicted) =>
    scoreGroups(steps, [predicted], classGroups),
  );
  return { labels, calibration: calibration.flat(), output: byTrue };
}

/** One stratum for every first class, with the rows of every second one. */
function classStrata(
  classes: number,
  { before, after }: Sides,
  cell: (first: number, second: number) => number,
): Stratum[] {
  const rows = ({ confusion }: LabelledCounts, first: number) =>
    Float64Array.from({ length: classes }, (_, second) => confusion[cell(first, second)]!);
  return Array.from({ length: classes }, (_, first) => ({
    before: rows(before, first),
    after: rows(after, first),
  }));
}

/** The rows of every stratum. */
function totals(strata: readonly Stratum[], side: keyof Stratum): Float64Array {
  return Float64Array.from(strata, (stratum) =>
    Array.from(stratum[side]).reduce((sum, rows) => sum + rows, 0),
  );
}

/** Strata by their classes: a stratum for every class, with the rows of every old stratum. */
function transposed(strata: readonly Stratum[], classes: number): Stratum[] {
  const rows = (side: keyof Stratum, label: number) =>
    Float64Array.from(strata, (stratum) => stratum[side][label]!);
  return Array.from({ length: classes }, (_, label) => ({
    before: rows('before', label),
    after: rows('after', label),
  }));
}

interface StepSides {
  readonly before: ScoreSteps;
  readonly after: ScoreSteps;
}

function scoreSides({ before, after }: Sides): StepSides | undefined {
  if (before.scores === undefined || after.scores === undefined) return undefined;
  const steps = { before: readScores(before.scores), after: readScores(after.scores) };
  return steps.before.scores.length > 0 && steps.after.scores.length > 0 ? steps : undefined;
}

/** A stratum for every group of scores of the predicted classes, with the rows that came true and those that did not. */
function scoreGroups({ before, after }: StepSides, predicted: readonly number[], groups: number): Stratum[] {
  const misses = predicted.map((i) => 2 * i);
  const hits = predicted.map((i) => 2 * i + 1);
  const edges = equalMassEdges(before, [...misses, ...hits], groups);
  const counted = (steps: ScoreSteps, cells: readonly number[]) => groupedRows(steps, cells, edges);
  const sides = {
    before: [counted(before, misses), counted(before, hits)],
    after: [counted(after, misses), counted(after, hits)],
  };
  return Array.from({ length: edges.length + 1 }, (_, group) => ({
    before: sides.before.map((rows) => rows[group]!),
    after: sides.after.map((rows) => rows[group]!),
  }));
}

/** Scores that cut the rows of the cells into groups of about equal mass; fewer where scores are tied. */
export function equalMassEdges(steps: ScoreSteps, cells: readonly number[], groups: number): number[] {
  const rows = rowsIn(steps, cells);
  const n = rows.reduce((sum, count) => sum + count, 0);
  const edges: number[] = [];
  let below = 0;
  rows.forEach((count, i) => {
    // A group begins with the first score that has its share of the rows below it.
    if (below >= (n * (edges.length + 1)) / groups && edges.length + 1 < groups) edges.push(steps.scores[i]!);
    below += count;
  });
  return edges;
}

/** Rows of the cells by group; group i holds scores from edge i - 1 up to but not including edge i. */
export function groupedRows(
  steps: ScoreSteps,
  cells: readonly number[],
  edges: readonly number[],
): Float64Array {
  const grouped = new Float64Array(edges.length + 1);
  const rows = rowsIn(steps, cells);
  let group = 0;
  rows.forEach((count, i) => {
    while (group < edges.length && steps.scores[i]! >= edges[group]!) group += 1;
    grouped[group]! += count;
  });
  return grouped;
}

function numberStrata(grouping: Grouping, sides: Sides): OutputStrata {
  const calibration = labelsGiven(grouping, sides, grouping.features.length);
  const output = transposed(calibration, grouping.labels.size);
  return {
    labels: [{ before: totals(output, 'before'), after: totals(output, 'after') }],
    calibration,
    output,
  };
}

/** Labels given a tracked column: its groups are the strata. The output of a regression comes after the features. */
export function labelsGiven(grouping: Grouping, { before, after }: Sides, column: number): Stratum[] {
  const { size } = grouping.labels;
  return Array.from({ length: groupCodes }, (_, group) => {
    const row = tableRow(grouping, column, group);
    return { before: before.table.subarray(row, row + size), after: after.table.subarray(row, row + size) };
  });
}
