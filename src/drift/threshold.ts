// The levels that a score is held against: as they were set, or as the reference's own chunks suggest them.
import { chiSquaredTail } from '../stats/chi-squared.ts';
import type { Comparison } from './comparison.ts';
import { learntSpread } from './dependence.ts';
import { measures } from './measures.ts';
import type { DriftPolicy, MeasureName, MeasureScore } from './result.ts';

export interface Levels {
  readonly warning: number;
  readonly critical: number;
  /** What the score has to exceed. */
  readonly threshold: number;
}

const standardDeviations = 3;

/**
 * Set levels: warning and critical as they are, the threshold the warning level or the noise floor, whichever is greater.
 * Learnt levels: the warning level is what chunks of so many rows stay below (mean + 3 standard deviations, or their 99 %
 * quantile), and by itself the threshold; critical is as many times greater as it was set to be. Without chunks, or without
 * a comparison, the set levels hold.
 */
export function levelsOf(
  policy: DriftPolicy,
  column: string,
  measure: MeasureName,
  score: MeasureScore,
  comparison: Comparison | undefined,
): Levels {
  const own = policy.columns.get(column);
  const warning = own?.warning ?? policy.warning;
  const critical = own?.critical ?? policy.critical;
  const rule = own?.threshold ?? policy.threshold;
  const learnt =
    rule === 'fixed' || comparison === undefined ? undefined : learntLevel(rule, measure, comparison);
  if (learnt === undefined) return { warning, critical, threshold: Math.max(warning, score.noiseFloor ?? 0) };
  const ratio = warning > 0 ? Math.max(1, critical / warning) : 1;
  return { warning: learnt, critical: learnt * ratio, threshold: learnt };
}

/** The level is learnt for PSI; for the other measures it is the score that is as improbable without drift. */
function learntLevel(
  rule: 'chunks_sd' | 'chunks_quantile',
  measure: MeasureName,
  comparison: Comparison,
): number | undefined {
  const { chunks, level, n, m } = comparison;
  const spread = learntSpread(chunks, level, n);
  if (spread === undefined) return undefined;
  const { mean, deviation, quantile } = spread;
  const limit = rule === 'chunks_sd' ? mean + standardDeviations * deviation : quantile;
  if (measure === 'psi') return limit * (1 / n + 1 / m);
  const degreesOfFreedom = 2 * (mean / deviation) ** 2;
  const tail = chiSquaredTail((limit * degreesOfFreedom) / mean, degreesOfFreedom);
  const found = measures[measure].distribution(comparison)?.quantile(Math.min(0.2, Math.max(1e-12, tail)));
  return found !== undefined && Number.isFinite(found) ? found : undefined;
}
