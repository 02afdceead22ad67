// What has changed between labels and everything else since the baseline: the labels' shares, what they are given the
// output of the model or a feature, and what the output is given them.
//
// P(label | x) that changed while P(x | label) did not is a shift of the labels; both changed is another concept.
import type { Inflation } from '../profile/reference-quality.ts';
import { type Stratum, stratifiedTest, type TableTest } from '../stats/contingency.ts';
import { adjustedByBenjaminiHochberg } from '../stats/correction.ts';
import { type Grouping, groupCodes, tableRow } from './grouping.ts';

/** Fewer rows on a side say nothing of a group. */
const rowsMin = 5;

export interface Shift extends TableTest {
  /** By how much the statistic was divided: what chunks of the baseline show beyond independent rows. */
  readonly inflation: number;
}

export interface ColumnShift extends Shift {
  readonly name: string;
  /** Over the tracked columns (Benjamini and Hochberg). */
  readonly pAdjusted: number;
}

export interface Shifts {
  /** Undefined where the tables say nothing: too few rows, or no output. */
  readonly labels: Shift | undefined;
  /** Labels given the output. */
  readonly calibration: Shift | undefined;
  /** Output given the labels. */
  readonly output: Shift | undefined;
  /** Labels given every tracked feature, strongest first. */
  readonly features: readonly ColumnShift[];
}

/** A table of labelled rows (`tableRow`), of the baseline and of a window. */
export interface Tables {
  readonly before: Float64Array;
  readonly after: Float64Array;
}

/** Labels given a column: its groups are the strata. */
export function labelsGiven(grouping: Grouping, { before, after }: Tables, column: number): Stratum[] {
  const { size } = grouping.labels;
  return Array.from({ length: groupCodes }, (_, group) => {
    const row = tableRow(grouping, column, group);
    return { before: before.subarray(row, row + size), after: after.subarray(row, row + size) };
  });
}

/** A column given the labels: their groups are the strata. */
export function columnGiven(grouping: Grouping, { before, after }: Tables, column: number): Stratum[] {
  const { size } = grouping.labels;
  const groupsOf = (table: Float64Array, label: number) =>
    Float64Array.from(
      { length: groupCodes },
      (_, group) => table[tableRow(grouping, column, group) + label]!,
    );
  return Array.from({ length: size }, (_, label) => ({
    before: groupsOf(before, label),
    after: groupsOf(after, label),
  }));
}

/** The labels alone, as a column's table holds them. */
export function labelsAlone(grouping: Grouping, { before, after }: Tables, column: number): Stratum[] {
  const { size } = grouping.labels;
  const totals = (table: Float64Array) =>
    Float64Array.from({ length: size }, (_, label) => {
      let sum = 0;
      for (let group = 0; group < groupCodes; group++)
        sum += table[tableRow(grouping, column, group) + label]!;
      return sum;
    });
  return [{ before: totals(before), after: totals(after) }];
}

/** Every shift of a window's table from the baseline's. */
export function shiftsOf(grouping: Grouping, tables: Tables, inflation: Inflation): Shifts {
  const test = (strata: readonly Stratum[], by: number): Shift | undefined => {
    const found = stratifiedTest(strata, rowsMin, by);
    return found && { ...found, inflation: by };
  };
  const features = grouping.features.flatMap(({ spec }, column) => {
    const shift = test(labelsGiven(grouping, tables, column), inflation.columns[column] ?? 1);
    return shift === undefined ? [] : [{ name: spec.name, ...shift }];
  });
  const adjusted = adjustedByBenjaminiHochberg(features.map(({ p }) => p));
  const output = grouping.features.length;
  const hasOutput = grouping.output !== undefined;
  return {
    labels: test(labelsAlone(grouping, tables, hasOutput ? output : 0), inflation.labels),
    calibration: hasOutput ? test(labelsGiven(grouping, tables, output), inflation.calibration) : undefined,
    output: hasOutput ? test(columnGiven(grouping, tables, output), inflation.output) : undefined,
    features: features
      .map((shift, i) => ({ ...shift, pAdjusted: adjusted[i]! }))
      .sort((a, b) => b.cramersV - a.cramersV),
  };
}
