// What is remembered of one column: the count of every value that could not be used, and a mergeable summary of the rest.
import type { CategorySummary } from '../sketch/category-summary.ts';
import type { NumericSummary } from '../sketch/numeric-summary.ts';

/** How a column's values are read. Booleans are categorical: `true` and `false`. */
export type ColumnKind = 'numeric' | 'categorical';

export interface NumericColumn {
  readonly kind: 'numeric';
  /** Values that were null or absent. */
  missing: number;
  /** Values of another type than the column's. */
  invalid: number;
  /** NaN, Infinity and -Infinity. */
  nonfinite: number;
  readonly summary: NumericSummary;
}

export interface CategoricalColumn {
  readonly kind: 'categorical';
  missing: number;
  invalid: number;
  readonly summary: CategorySummary;
}

export type Column = NumericColumn | CategoricalColumn;
