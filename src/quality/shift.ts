// What has changed between labels and everything else since the baseline: the labels' shares, what they are given the
// output of the model or a feature, and what the output is given them.
//
// P(label | x) that changed while P(x | label) did not is a shift of the labels; both changed is another concept.
import type { Inflation } from '../profile/reference-quality.ts';
import { type Stratum, stratifiedTest, type TableTest } from '../stats/contingency.ts';
import { adjustedByBenjaminiHochberg } from '../stats/correction.ts';
import type { Grouping } from './grouping.ts';
import { labelsGiven, outputStrata, type Sides } from './strata.ts';

/** Fewer rows on a side say nothing of a stratum. */
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

/** Undefined where too few rows are comparable. */
export interface Shifts {
  readonly labels: Shift | undefined;
  /** Labels given the output. */
  readonly calibration: Shift | undefined;
  /** Output given the labels. */
  readonly output: Shift | undefined;
  /** Labels given every tracked feature, strongest first. */
  readonly features: readonly ColumnShift[];
}

/** Every shift of a window's labelled rows from the baseline's. */
export function shiftsOf(grouping: Grouping, sides: Sides, inflation: Inflation): Shifts {
  const test = (strata: readonly Stratum[], by: number): Shift | undefined => {
    const found = stratifiedTest(strata, rowsMin, by);
    return found && { ...found, inflation: by };
  };
  const features = grouping.features.flatMap(({ spec }, column) => {
    const shift = test(labelsGiven(grouping, sides, column), inflation.columns[column] ?? 1);
    return shift === undefined ? [] : [{ name: spec.name, ...shift }];
  });
  const adjusted = adjustedByBenjaminiHochberg(features.map(({ p }) => p));
  const { labels, calibration, output } = outputStrata(grouping, sides);
  return {
    labels: test(labels, inflation.labels),
    calibration: test(calibration, inflation.calibration),
    output: test(output, inflation.output),
    features: features
      .map((shift, i) => ({ ...shift, pAdjusted: adjusted[i]! }))
      .sort((a, b) => b.cramersV - a.cramersV),
  };
}

/** A chunk of the baseline, or all of it. */
export interface CountedRows extends Sides {
  /** Labelled rows on both sides; `after` is part of `before`. */
  readonly m: number;
  readonly n: number;
}

/** The same tests on chunks that are part of the whole: the mean of statistic per degree of freedom, at least 1. */
export function inflationOf(grouping: Grouping, chunks: readonly CountedRows[]): Inflation {
  const mean = (strata: (sides: Sides) => readonly Stratum[]): number => {
    let [sum, count] = [0, 0];
    for (const chunk of chunks) {
      const test = stratifiedTest(strata(chunk), rowsMin);
      if (test === undefined || chunk.n >= chunk.m) continue;
      // A chunk is part of what it is compared with, and so nearer to it than a stranger.
      const nearer = (1 / chunk.n - 1 / chunk.m) / (1 / chunk.n + 1 / chunk.m);
      sum += test.statistic / test.degreesOfFreedom / nearer;
      count += 1;
    }
    return count === 0 ? 1 : Math.max(1, sum / count);
  };
  return {
    labels: mean((sides) => outputStrata(grouping, sides).labels),
    calibration: mean((sides) => outputStrata(grouping, sides).calibration),
    output: mean((sides) => outputStrata(grouping, sides).output),
    columns: grouping.features.map((_, column) => mean((sides) => labelsGiven(grouping, sides, column))),
  };
}
