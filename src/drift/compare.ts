// One column of a window put beside the same column of the baseline, on the baseline's bins and categories.
import type { CategoricalColumn, Column, ColumnKind, NumericColumn } from '../profile/column.ts';
import type { ColumnSpec } from '../profile/schema.ts';
import { type CategorySummary, emptyCategorySummary } from '../sketch/category-summary.ts';
import {
  emptyNumericSummary,
  type NumericReading,
  readNumeric,
  rebinned,
} from '../sketch/numeric-summary.ts';
import { total } from '../sketch/total.ts';
import { levelFor, regrouped } from './coarse-level.ts';
import type { Comparison, NumericComparison } from './comparison.ts';
import { countVector, occupied } from './count-vectors.ts';
import { dependenceAt, type WindowDependence, windowDependence } from './dependence.ts';
import { distributionOf } from './distribution.ts';
import type {
  CategoricalReference,
  NumericReference,
  Reference,
  ReferenceNumbers,
} from './prepared-baseline.ts';
import type { CategoryStatistics, NumericStatistics } from './result.ts';
import { categoryStatistics, numericStatistics } from './statistics.ts';

export interface ComparedColumn extends WindowDependence {
  readonly name: string;
  readonly kind: ColumnKind;
  /** Rows of the window and of the baseline, those without a value included. */
  readonly n: number;
  readonly nBaseline: number;
  readonly missing: number;
  readonly invalid: number;
  readonly nonfinite: number;
  readonly unseen: number;
  readonly statistics: NumericStatistics | CategoryStatistics;
  /** Undefined without a baseline, and where one side has no rows. */
  readonly comparison: Comparison | undefined;
}

/**
 * A column beside its reference. `sameBins` says that the column carries the bins and categories of this very
 * baseline; else its numbers are binned anew from the digest and its categories are looked up by name. A column that
 * is absent from the profile, or of another kind there, has no rows.
 */
export function compareColumn(
  spec: ColumnSpec,
  column: Column | undefined,
  reference: Reference | undefined,
  sameBins: boolean,
): ComparedColumn {
  if (spec.kind === 'numeric') {
    const numeric = column?.kind === 'numeric' ? column : noNumbers();
    return compareNumeric(
      spec.name,
      numeric,
      reference?.kind === 'numeric' ? reference : undefined,
      sameBins,
    );
  }
  const categorical = column?.kind === 'categorical' ? column : noCategories();
  return compareCategorical(
    spec.name,
    categorical,
    reference?.kind === 'categorical' ? reference : undefined,
    sameBins,
  );
}

function noNumbers(): NumericColumn {
  return { kind: 'numeric', missing: 0, invalid: 0, nonfinite: 0, summary: emptyNumericSummary() };
}

function noCategories(): CategoricalColumn {
  return { kind: 'categorical', missing: 0, invalid: 0, summary: emptyCategorySummary() };
}

function compareNumeric(
  name: string,
  column: NumericColumn,
  reference: NumericReference | undefined,
  sameBins: boolean,
): ComparedColumn {
  const { missing, invalid, nonfinite } = column;
  const reading = readNumeric(column.summary);
  const withoutValue = missing + invalid + nonfinite;
  const numbers = reference?.numbers;
  let fine: Float64Array = new Float64Array(0);
  // Numbers that the baseline has none of to compare with.
  let unseen = numbers === undefined ? reading.n : 0;
  let compared: NumericComparison | undefined;
  if (numbers !== undefined && reading.n > 0) {
    const keepsBins = sameBins && reading.bins !== undefined;
    const binned = keepsBins ? reading : readNumeric(rebinned(column.summary, numbers.binning));
    fine = binned.bins!.counts;
    compared = compareNumbers(
      numbers,
      binned,
      reading,
      numbers.exactCounts && (keepsBins || reading.exact !== undefined),
    );
  } else if (numbers !== undefined) {
    fine = new Float64Array(numbers.binning.edges.length + 1);
    unseen = 0;
  }
  return {
    name,
    kind: 'numeric',
    n: reading.n + withoutValue,
    ...windowDependence(reference?.chunks ?? [], reading.n + withoutValue),
    nBaseline: reference?.rows ?? 0,
    missing,
    invalid,
    nonfinite,
    unseen: 0,
    statistics: numericStatistics(reading),
    comparison: reference && comparison(reference, fine, withoutValue, unseen, compared),
  };
}

function compareNumbers(
  numbers: ReferenceNumbers,
  binned: NumericReading,
  reading: NumericReading,
  exactCounts: boolean,
): NumericComparison {
  return {
    baseline: numbers.distribution,
    window: distributionOf(binned, reading)!,
    wassersteinMean: numbers.wassersteinMean,
    exactCounts,
  };
}

function compareCategorical(
  name: string,
  column: CategoricalColumn,
  reference: CategoricalReference | undefined,
  sameBins: boolean,
): ComparedColumn {
  const { missing, invalid, summary } = column;
  const { counts, unseen } =
    reference === undefined || sameBins ? summary : countsByName(summary, reference.summary);
  const n = total(counts) + unseen + missing + invalid;
  return {
    name,
    kind: 'categorical',
    n,
    ...windowDependence(reference?.chunks ?? [], n),
    nBaseline: reference?.rows ?? 0,
    missing,
    invalid,
    nonfinite: 0,
    unseen: reference === undefined ? 0 : unseen,
    statistics: categoryStatistics(summary),
    comparison: reference && comparison(reference, counts, missing + invalid, unseen, undefined),
  };
}

/**
 * Counts in the order of the reference's dictionary. What the summary holds as unseen is found by name where it kept
 * the name; beyond that it stays unseen.
 */
function countsByName(
  summary: CategorySummary,
  reference: CategorySummary,
): { counts: Float64Array; unseen: number } {
  const counts = new Float64Array(reference.counts.length);
  let found = 0;
  const add = (name: string, count: number) => {
    const index = reference.dictionary?.index.get(name);
    if (index === undefined) return;
    counts[index]! += count;
    found += count;
  };
  summary.dictionary?.names.forEach((name, i) => {
    add(name, summary.counts[i]!);
  });
  for (const [name, count] of summary.names.counts) add(name, count);
  return { counts, unseen: total(summary.counts) + summary.unseen - found };
}

function comparison(
  reference: Reference,
  fine: Float64Array,
  withoutValue: number,
  unseen: number,
  numbers: NumericComparison | undefined,
): Comparison | undefined {
  const vector = countVector(reference.coarsening, fine, withoutValue, unseen);
  const n = total(vector);
  if (n === 0 || reference.rows === 0) return undefined;
  const { chunks } = reference;
  const level = levelFor(windowDependence(chunks, n).nEffective);
  const { grouping, counts, totalVariation, lInfinity } = reference.levels[level]!;
  return {
    n,
    m: reference.rows,
    ...occupied(counts, regrouped(vector, grouping)),
    windowBins: vector,
    level,
    chunks,
    dependence: dependenceAt(chunks, level, n, reference.orderedVariance),
    totalVariation,
    lInfinity,
    numbers,
  };
}
