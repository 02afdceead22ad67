// One window's profile compared with its baseline: every measure of every column, and which columns have drifted.

import type { Profile } from '../profile/profile.ts';
import type { ModelSchema } from '../profile/schema.ts';
import { corrections } from '../stats/correction.ts';
import { type ComparedColumn, compareColumn } from './compare.ts';
import { contributions } from './contribution.ts';
import { measures, undefinedScore } from './measures.ts';
import type { PreparedBaseline, Reference } from './prepared-baseline.ts';
import {
  type ColumnResult,
  type DriftPolicy,
  type MeasureName,
  type MeasureScore,
  measureNames,
  type Severity,
  type WindowResult,
  type WindowStatus,
} from './result.ts';
import { levelsOf } from './threshold.ts';

export interface EvaluationInput {
  readonly model: string;
  readonly segment: string;
  /** Epoch milliseconds, [start, end). */
  readonly start: number;
  readonly end: number;
  /** The window, all versions merged; its columns stand in the order of the schema. */
  readonly profile: Profile;
  readonly versions: WindowResult['versions'];
  /** Names and kinds of the profile's columns; the baseline's own schema where there is a baseline. */
  readonly schema: ModelSchema;
  /** Undefined while the model has none: then columns carry statistics alone. */
  readonly baseline: PreparedBaseline | undefined;
  readonly policy: DriftPolicy;
}

/**
 * A column has drifted when all of this holds: the window has at least `minCount` rows; the primary measure exceeds
 * its threshold, which is its warning level or its noise floor, or what was learnt from the reference's chunks; its p-value, adjusted over the columns of the window, is below `alpha`.
 * Where the primary measure does not apply to the column's kind, or is undefined for these data (no finite value, a
 * constant baseline), PSI on the same levels decides instead. Every other measure that applies is computed too.
 */
export function evaluateWindow(input: EvaluationInput): WindowResult {
  const { baseline, profile, policy, schema } = input;
  const compared = schema.columns.map((spec, i) =>
    compareColumn(
      spec,
      profile.columns[i],
      baseline?.columns[i],
      profile.baselineHash === baseline?.baseline.schema.baselineHash,
    ),
  );
  const scored = compared.map((column) => score(column, policy));
  const adjusted = corrections[policy.correction](
    scored.map(({ tested, decisive }) => (tested ? decisive.p : null)),
  );
  const columns = scored.map((column, i) => verdict(column, adjusted[i]!, policy, baseline?.columns[i]));
  return {
    model: input.model,
    segment: input.segment,
    start: input.start,
    end: input.end,
    status: statusOf(baseline, columns),
    baselineHash: baseline?.baseline.schema.baselineHash ?? '',
    rows: profile.rows,
    versions: input.versions,
    unknownFeatures: profile.unknownFeatures,
    driftedColumns: columns.filter(({ state }) => state === 'drifted').length,
    columns,
  };
}

interface ScoredColumn {
  readonly column: ComparedColumn;
  readonly all: Readonly<Partial<Record<MeasureName, MeasureScore>>>;
  readonly primary: MeasureName;
  readonly decisive: MeasureScore;
  /** Whether there are rows enough for a verdict. */
  readonly tested: boolean;
}

function score(column: ComparedColumn, policy: DriftPolicy): ScoredColumn {
  const { comparison } = column;
  const wanted = policy.columns.get(column.name)?.measure ?? policy.measure;
  if (comparison === undefined)
    return { column, all: {}, primary: wanted, decisive: undefinedScore, tested: false };
  const all: Partial<Record<MeasureName, MeasureScore>> = {};
  for (const name of measureNames) {
    if (measures[name].kinds.includes(column.kind)) all[name] = measures[name].score(comparison);
  }
  const primary = all[wanted] === undefined || all[wanted].score === null ? 'psi' : wanted;
  return {
    column,
    all,
    primary,
    decisive: all[primary] ?? undefinedScore,
    tested: column.n >= policy.minCount,
  };
}

function verdict(
  scored: ScoredColumn,
  pAdjusted: number | null,
  policy: DriftPolicy,
  reference: Reference | undefined,
): ColumnResult {
  const { column, all, primary, decisive, tested } = scored;
  const { comparison, ...counts } = column;
  const { warning, critical, threshold } = levelsOf(policy, column.name, primary, decisive, comparison);
  const { score: value } = decisive;
  const drifted =
    tested && value !== null && value > threshold && pAdjusted !== null && pAdjusted < policy.alpha;
  return {
    ...counts,
    coarse: comparison && Array.from(comparison.windowBins),
    measure: primary,
    score: value,
    threshold,
    warning,
    critical,
    noiseFloor: decisive.noiseFloor,
    p: decisive.p,
    pAdjusted,
    state: tested ? (drifted ? 'drifted' : 'ok') : 'insufficient_data',
    severity: drifted ? severityOf(value, critical) : 'none',
    measures: all,
    ...(drifted && comparison !== undefined && reference !== undefined
      ? { moved: contributions(reference, comparison.windowBins, column.nEffective) }
      : {}),
  };
}

function severityOf(score: number, critical: number): Severity {
  return score > critical ? 'critical' : 'warning';
}

function statusOf(baseline: PreparedBaseline | undefined, columns: readonly ColumnResult[]): WindowStatus {
  if (baseline === undefined) return 'no_baseline';
  return columns.some(({ state }) => state !== 'insufficient_data') ? 'ok' : 'insufficient_data';
}
