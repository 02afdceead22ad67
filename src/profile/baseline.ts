// The reference that windows are compared with: a profile, the bins and categories that it froze, and where it came from.
import type { Profile } from './profile.ts';
import type { ReferenceQuality } from './reference-quality.ts';
import type { ModelSchema } from './schema.ts';

export interface Baseline {
  readonly schema: ModelSchema;
  /** The summaries of the reference data, column by column in the order of the schema. */
  readonly profile: Profile;
  /**
   * How far chunks of the reference data lie from the whole, column by column, smallest chunks first. Absent in baselines
   * that were built without, empty for data of too few rows: then rows are taken as independent.
   */
  readonly chunks?: readonly (readonly ChunkSize[])[];
  /** Absent where the reference data carry no labels. */
  readonly quality?: ReferenceQuality;
  /** Event time of the first and the last row, epoch milliseconds; null where the data carry no time. */
  readonly period: { readonly start: number | null; readonly end: number | null };
  /** Not part of the content hash. */
  readonly provenance: { readonly source: string; readonly builtAt: string; readonly builtBy: string };
}

/** One column's chunks of one size: rows that follow each other in time. */
export interface ChunkSize {
  /** Rows of a chunk, on average. */
  readonly rows: number;
  /** How many chunks the numbers rest on. */
  readonly chunks: number;
  /** One per number of coarse bins, fewest first. */
  readonly spreads: readonly ChunkSpread[];
  /** Only of numeric columns. */
  readonly ordered?: OrderedSpread;
}

/** PSI of a chunk against the whole, divided by 1/n - 1/m: a chi-squared variable where rows are independent. */
export interface ChunkSpread {
  /** The greatest number of coarse bins that hold values: 10, 16 or 32. */
  readonly level: number;
  /** Coarse bins with rows in them, missing and unseen included. */
  readonly bins: number;
  readonly mean: number;
  /** With the divisor of an unbiased estimate. */
  readonly variance: number;
  /** The 99 % quantile of the chunks (linear). */
  readonly quantile: number;
}

/**
 * The mean over the coarse edges of (F - G)² / (G(1 - G)) for the distribution functions F of a chunk and G of the whole,
 * divided by 1/n - 1/m: 1 on average where rows are independent.
 */
export interface OrderedSpread {
  readonly mean: number;
  readonly variance: number;
}
