// What the comparison of one window with its baseline says, column by column.
import type { ColumnKind } from '../profile/column.ts';
import type { CorrectionName } from '../stats/correction.ts';

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
  /** Probability of a score at least as large under no drift, dependence between rows allowed for. */
  readonly p: number | null;
  /** Rigorous bounds where the score is not exact on its bins (Kolmogorov-Smirnov). */
  readonly lower?: number;
  readonly upper?: number;
  /** The raw value where `score` is normalised (Wasserstein: in the column's own unit). */
  readonly raw?: number;
}

/** What the sequential detector says of one column; evidence adds up from window to window. */
export interface SequentialScore {
  /** ln of this window's e-value. */
  readonly logE: number;
  /** R of the Shiryaev-Roberts e-detector after this window, at most the alarm level times the number of columns. */
  readonly evidence: number;
  readonly alarm: boolean;
}

export type VerdictState = 'ok' | 'drifted' | 'insufficient_data';
export type Severity = 'none' | 'warning' | 'critical';

export interface NumericStatistics {
  readonly mean: number | null;
  readonly std: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly zeros: number;
  /** Distinct values: exact below 1,000, else within 3 %; null where nobody asked for them. */
  readonly distinct: number | null;
  /** Quantiles at 0.01, 0.05, 0.25, 0.5, 0.75, 0.95 and 0.99. */
  readonly quantiles: readonly number[];
}

export interface CategoryStatistics {
  /** The ten most frequent categories, most frequent first. */
  readonly top: readonly { readonly name: string; readonly count: number }[];
  /** Distinct categories: exact below 1,000 unseen ones, else within 3 %; null where an older version counted them. */
  readonly distinct: number | null;
}

/** Bins of a column that moved together. */
export type MovedBins =
  /** Numbers in [from, to), `closed`: in [from, to]; null is an open end. */
  | {
      readonly kind: 'range';
      readonly from: number | null;
      readonly to: number | null;
      readonly closed: boolean;
    }
  | { readonly kind: 'category'; readonly name: string }
  /** Rows without a value; values that the baseline has none of; the categories that are pooled because they are rare. */
  | { readonly kind: 'missing' | 'unseen' | 'other' };

/** A part of what a column's drift comes from. */
export type Mover = MovedBins & {
  readonly baselineRows: number;
  readonly windowRows: number;
  readonly baselineShare: number;
  readonly windowShare: number;
  /** Its part of the population stability index of the finest coarse bins. */
  readonly contribution: number;
};

export interface ColumnResult {
  readonly name: string;
  readonly kind: ColumnKind;
  /** Rows of the window, and what became of them: n is what the measures rest on (missing rows have a bin of their own). */
  readonly n: number;
  /** How many independent rows the window is worth, by the chunks of the reference; n where they say nothing. */
  readonly nEffective: number;
  /** How many chunks that rests on; 0 where there are none, and rows are taken as independent. */
  readonly chunks: number;
  readonly nBaseline: number;
  readonly missing: number;
  readonly invalid: number;
  readonly nonfinite: number;
  /** Rows whose category the baseline does not know; 0 for numeric columns. */
  readonly unseen: number;
  /** The primary measure: the one that decides. */
  readonly measure: MeasureName;
  readonly score: number | null;
  /** What the score had to exceed: the warning level or the noise floor, whichever is greater; or the learnt level. */
  readonly threshold: number;
  /** The levels that the threshold came from, configured or learnt. */
  readonly warning: number;
  readonly critical: number;
  readonly noiseFloor: number | null;
  readonly p: number | null;
  /** Adjusted over the columns of this window, as the policy says. */
  readonly pAdjusted: number | null;
  readonly state: VerdictState;
  readonly severity: Severity;
  readonly measures: Readonly<Partial<Record<MeasureName, MeasureScore>>>;
  readonly statistics: NumericStatistics | CategoryStatistics;
  /** What moved, greatest contribution first; of drifted columns only. */
  readonly moved?: readonly Mover[];
  /** Rows per coarse bin of the baseline (`countVector`); absent where nothing was compared. */
  readonly coarse?: readonly number[] | undefined;
  /** Absent where the sequential detector is off, or did not see this window. */
  readonly sequential?: SequentialScore;
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

/** The sequential detector (`e-detector.ts`). */
export interface SequentialPolicy {
  readonly enabled: boolean;
  /** Relative change of a share that is no drift, on top of what the baseline's size leaves open. */
  readonly tolerance: number;
  /** The evidence at which a single column is an alarm: the least mean number of windows between false alarms. */
  readonly alarm: number;
  /** Share of the past rows that is kept from one window to the next. */
  readonly decay: number;
}

/** Where warning levels come from: as they are set, or from the scores of the reference's own chunks. */
export const thresholdRules = ['fixed', 'chunks_sd', 'chunks_quantile'] as const;

export type ThresholdRule = (typeof thresholdRules)[number];

/** How verdicts are reached: a column is drifted when every condition holds. */
export interface DriftPolicy {
  readonly measure: MeasureName;
  readonly warning: number;
  readonly critical: number;
  readonly threshold: ThresholdRule;
  /** Level of the adjusted p-value. */
  readonly alpha: number;
  /** How p-values are adjusted for the number of columns. */
  readonly correction: CorrectionName;
  /** Fewer rows than this is `insufficient_data`. */
  readonly minCount: number;
  readonly sequential: SequentialPolicy;
  /** Per column name: other measure or other levels. */
  readonly columns: ReadonlyMap<
    string,
    {
      readonly measure?: MeasureName;
      readonly warning?: number;
      readonly critical?: number;
      readonly threshold?: ThresholdRule;
    }
  >;
}
