// Everything that the measures of one column are computed from.
import type { ChunkSize } from '../profile/baseline.ts';
import type { Dependence } from './dependence.ts';
import type { Distribution } from './distribution.ts';
import type { ChiFit, LInfinityShape } from './null-shape.ts';

/** A column of a window beside the same column of the baseline; both sides have at least one row. */
export interface Comparison {
  /** Rows of the window and of the baseline, those without a value included. */
  readonly n: number;
  readonly m: number;
  /** Rows per bin of the window's level, without the bins that are empty on both sides. */
  readonly baseline: Float64Array;
  readonly window: Float64Array;
  /** The window's rows in all bins of the finest level: coarse bins, missing, unseen. */
  readonly windowBins: Float64Array;
  /** The place of the window's level in `coarseLevels`. */
  readonly level: number;
  /** How far chunks of the reference lie from the whole. */
  readonly chunks: readonly ChunkSize[];
  /** What the nulls of independent rows are widened by. */
  readonly dependence: Dependence;
  readonly totalVariation: ChiFit;
  readonly lInfinity: LInfinityShape;
  /** For a numeric column with at least one finite value on both sides. */
  readonly numbers: NumericComparison | undefined;
}

export interface NumericComparison {
  readonly baseline: Distribution;
  readonly window: Distribution;
  /** Mean of the limit of √(nm/(n + m)) W₁ under no drift, in standard deviations. */
  readonly wassersteinMean: number;
  /** Whether the window's counts are exact on the baseline's bins, not moved there from its digest. */
  readonly exactCounts: boolean;
}
