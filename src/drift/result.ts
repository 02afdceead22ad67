// What the comparison of one window with its baseline says, column by column.
import type { ColumnKind } from '../profile/column.ts';

export const measureNames = [
  'psi',
  'jensen_shannon',
  'hellinger',
  'total_variation',
  'l_infinity',
  'kolmogorov_smirnov',
  'wasserstein',
  'chi_squared',
] as const;

export type MeasureName = (typeof measureNames)[number];

/** One measure of one column. `null` where the measure is undefined for these data. */
export interface MeasureScore {
  readonly score: number | null;
  /** The 99.9 % quantile of the score under no drift, for these sizes and bins. */
  readonly noiseFloor: number | null;
  /** Probability of a score at least as large under no drift, rows taken as independent. */
  readonly p: number | null;
  /** Rigorous bounds where the score is not exact on its bins (Kolmogorov-Smirnov). */
  readonly lower?: number;
  readonly upper?: number;
  /** The raw value where `score` is normalised (Wasserstein: in the column's own unit). */
  readonly raw?: number;
}

export type VerdictState = 'ok' | 'drifted' | 'insufficient_data';
export type Severity = 'none' | 'warning' | 'critical';

export interface NumericStatistics {
  readonly mean: number | null;
  readonly std: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly zeros: number;
  /** Quantiles at 0.01, 0.05, 0.25, 0.5, 0.75, 0.95 and 0.99. */
  readonly quantiles: readonly number[];
}

export interface CategoryStatistics {
  /** The ten most frequent categories, most frequent first. */
  readonly top: readonly { readonly name: string; readonly count: number }[];
}

export interface ColumnResult {
  readonly name: string;
  readonly kind: ColumnKind;
  /** Rows of the window, and what became of them: n is what the measures rest on (missing rows have a bin of their own). */
  readonly n: number;
  readonly nBaseline: number;
  readonly missing: number;
  readonly invalid: number;
  readonly nonfinite: number;
  /** Rows whose category the baseline does not know; 0 for numeric columns. */
  readonly unseen: number;
  /** The primary measure: the one that decides. */
  readonly measure: MeasureName;
  readonly score: number | null;
  /** What the score had to exceed: the warning threshold or the noise floor, whichever is greater. */
  readonly threshold: number;
  /** The configured levels that the threshold came from. */
  readonly warning: number;
  readonly critical: number;
  readonly noiseFloor: number | null;
  readonly p: number | null;
  /** Benjamini-Hochberg over the columns of this window. */
  readonly pAdjusted: number | null;
  readonly state: VerdictState;
  readonly severity: Severity;
  readonly measures: Readonly<Partial<Record<MeasureName, MeasureScore>>>;
  readonly statistics: NumericStatistics | CategoryStatistics;
}

export type WindowStatus = 'ok' | 'insufficient_data' | 'no_baseline';

/** One window of one model and segment compared with its baseline. */
export interface WindowResult {
  readonly model: string;
  readonly segment: string;
  /** Epoch milliseconds, [start, end). */
  readonly start: number;
  readonly end: number;
  readonly status: WindowStatus;
  /** Content hash of the baseline; empty when there is none. */
  readonly baselineHash: string;
  readonly rows: number;
  readonly versions: readonly { readonly version: string; readonly rows: number }[];
  /** Feature values whose names the baseline does not know. */
  readonly unknownFeatures: number;
  readonly driftedColumns: number;
  readonly columns: readonly ColumnResult[];
}

/** How verdicts are reached: a column is drifted when every condition holds. */
export interface DriftPolicy {
  readonly measure: MeasureName;
  readonly warning: number;
  readonly critical: number;
  /** Level of the adjusted p-value. */
  readonly alpha: number;
  /** Fewer rows than this is `insufficient_data`. */
  readonly minCount: number;
  /** Per column name: other measure or other levels. */
  readonly columns: ReadonlyMap<
    string,
    { readonly measure?: MeasureName; readonly warning?: number; readonly critical?: number }
  >;
}
