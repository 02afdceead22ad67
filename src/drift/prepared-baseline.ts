// A baseline made ready for comparisons: what depends on it alone is computed once, not for every window.
import type { Baseline, ChunkSize } from '../profile/baseline.ts';
import type { CategoricalColumn, Column, NumericColumn } from '../profile/column.ts';
import type { ColumnSpec } from '../profile/schema.ts';
import type { Binning } from '../sketch/binning.ts';
import type { CategorySummary } from '../sketch/category-summary.ts';
import { type Coarsening, coarsenedBins, coarsenedCategories } from '../sketch/coarsen.ts';
import { readNumeric, rebinned } from '../sketch/numeric-summary.ts';
import { total } from '../sketch/total.ts';
import {
  categoricalGrouping,
  coarseLevels,
  type Grouping,
  numericGrouping,
  regrouped,
} from './coarse-level.ts';
import { countVector } from './count-vectors.ts';
import { type Distribution, distributionOf } from './distribution.ts';
import { noiseTail } from './noise-floor.ts';
import {
  type ChiFit,
  type LInfinityShape,
  lInfinityShape,
  totalVariationFit,
  wassersteinMean,
} from './null-shape.ts';
import { orderedVariance } from './ordered-statistic.ts';

/** The baseline on 10, 16 or 32 bins: windows of few effective rows are compared on fewer. */
export interface ReferenceLevel {
  readonly grouping: Grouping;
  /** Rows per bin, missing and unseen last. */
  readonly counts: Float64Array;
  readonly totalVariation: ChiFit;
  readonly lInfinity: LInfinityShape;
}

interface ReferenceBins {
  /** Of the finest level. */
  readonly coarsening: Coarsening;
  readonly counts: Float64Array;
  readonly rows: number;
  /** In the order of `coarseLevels`. */
  readonly levels: readonly ReferenceLevel[];
  /** How far chunks of the reference data lie from the whole; empty where that is not known. */
  readonly chunks: readonly ChunkSize[];
  /** Variance of the chunks' ordered statistic for independent rows; 0 for categorical columns. */
  readonly orderedVariance: number;
}

/** The numbers of a column that has finite values in the baseline. */
export interface ReferenceNumbers {
  readonly binning: Binning;
  readonly distribution: Distribution;
  /** Whether the counts are exact on the bins, not moved there from the digest. */
  readonly exactCounts: boolean;
  /** Mean of the limit of √(nm/(n + m)) W₁ under no drift, in standard deviations. */
  readonly wassersteinMean: number;
}

export interface NumericReference extends ReferenceBins {
  readonly kind: 'numeric';
  readonly numbers: ReferenceNumbers | undefined;
}

export interface CategoricalReference extends ReferenceBins {
  readonly kind: 'categorical';
  readonly summary: CategorySummary;
}

export type Reference = NumericReference | CategoricalReference;

export interface PreparedBaseline {
  readonly baseline: Baseline;
  /** In the order of the schema. */
  readonly columns: readonly Reference[];
}

/** Coarse bins, cumulative counts and fitted null distributions of every column. */
export function prepareBaseline(baseline: Baseline): PreparedBaseline {
  const columns = baseline.schema.columns.map((spec, i) =>
    reference(spec, baseline.profile.columns[i]!, baseline.chunks?.[i] ?? []),
  );
  return { baseline, columns };
}

function reference(spec: ColumnSpec, column: Column, chunks: readonly ChunkSize[]): Reference {
  return column.kind === 'numeric'
    ? numericReference(spec, column, chunks)
    : categoricalReference(column, chunks);
}

function numericBins(fine: Float64Array, missing: number, chunks: readonly ChunkSize[]): ReferenceBins {
  const coarsening = coarsenedBins(fine);
  return referenceBins(coarsening, countVector(coarsening, fine, missing, 0), numericGrouping, chunks);
}

function numericReference(
  spec: ColumnSpec,
  column: NumericColumn,
  chunks: readonly ChunkSize[],
): NumericReference {
  const reading = readNumeric(column.summary);
  const missing = column.missing + column.invalid + column.nonfinite;
  const { binning } = spec;
  if (binning === undefined || reading.n === 0) {
    return {
      kind: 'numeric',
      numbers: undefined,
      ...numericBins(new Float64Array(0), missing, chunks),
    };
  }
  const binned = reading.bins === undefined ? readNumeric(rebinned(column.summary, binning)) : reading;
  const distribution = distributionOf(binned, reading)!;
  const { deviation } = distribution;
  const numbers = {
    binning,
    distribution,
    exactCounts: binned === reading || reading.exact !== undefined,
    wassersteinMean: deviation === 0 ? 0 : wassersteinMean(reading.n, reading.quantile) / deviation,
  };
  return { kind: 'numeric', numbers, ...numericBins(binned.bins!.counts, missing, chunks) };
}

function categoricalReference(column: CategoricalColumn, chunks: readonly ChunkSize[]): CategoricalReference {
  const { summary } = column;
  const coarsening = coarsenedCategories(summary.counts);
  const counts = countVector(coarsening, summary.counts, column.missing + column.invalid, summary.unseen);
  expectUnseen(counts, summary.counts, coarsening);
  const bins = referenceBins(coarsening, counts, categoricalGrouping, chunks);
  return { kind: 'categorical', summary, ...bins };
}

/**
 * A baseline knows all its own categories, but new rows of the same source bring new ones: as many as rows in the
 * baseline are the only ones of their category (Good 1953, "The population frequencies of species"). So these rows,
 * where they are pooled with other rare categories, stand for the unseen; a column of identifiers would drift for
 * ever otherwise.
 */
function expectUnseen(counts: Float64Array, categories: Float64Array, { groups, size }: Coarsening): void {
  const pooled = size - 1;
  let single = 0;
  let members = 0;
  for (let i = 0; i < groups.length; i++) {
    if (groups[i] !== pooled) continue;
    members += 1;
    if (categories[i] === 1) single += 1;
  }
  if (members < 2) return;
  counts[pooled]! -= single;
  counts[size + 1]! += single;
}

function referenceBins(
  coarsening: Coarsening,
  counts: Float64Array,
  groupingOf: (counts: Float64Array, limit: number) => Grouping,
  chunks: readonly ChunkSize[],
): ReferenceBins {
  const levels: ReferenceLevel[] = [];
  for (const limit of coarseLevels) {
    const grouping = groupingOf(counts, limit);
    const coarser = levels.at(-1);
    // Few distinct values are the same bins on every level.
    levels.push(coarser?.grouping.size === grouping.size ? coarser : level(grouping, counts));
  }
  const isOrdered = groupingOf === numericGrouping;
  return {
    coarsening,
    counts,
    rows: total(counts),
    levels,
    chunks,
    orderedVariance: isOrdered ? orderedVariance(counts.subarray(0, coarsening.size)) : 0,
  };
}

function level(grouping: Grouping, finest: Float64Array): ReferenceLevel {
  const counts = regrouped(finest, grouping);
  return {
    grouping,
    counts,
    totalVariation: totalVariationFit(counts, noiseTail),
    lInfinity: lInfinityShape(counts, noiseTail),
  };
}
