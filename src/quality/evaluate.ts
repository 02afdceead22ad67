// One window's quality: realised on the labels that are there, estimated where they are not, and what has changed between.
import type { Profile } from '../profile/profile.ts';
import { bucketQuantile, type LogBuckets } from '../sketch/log-buckets.ts';
import { readScores } from '../sketch/score-counts.ts';
import { reliability, scoredRows } from './calibration.ts';
import {
  estimateBinary,
  estimateMulticlass,
  type PredictedRows,
  predictedRows,
  predictedRowsOfLabelled,
  type QualityEstimate,
} from './estimate.ts';
import { estimatorBias } from './estimator-bias.ts';
import { knownTallies, type LabelledProfile, labelAgesMs } from './labelled-profile.ts';
import { labelledSubsetBias } from './labelled-subset.ts';
import { realisedMetrics, tallyMetrics } from './realised.ts';
import type { PreparedQuality } from './reference.ts';
import { residualQuantiles } from './regression-metrics.ts';
import type { QualityPolicy, QualityResult } from './result.ts';
import { shiftsOf } from './shift.ts';
import { tallied } from './tally.ts';
import { metricVerdicts } from './verdict.ts';

const delayLevels = [0.05, 0.25, 0.5, 0.75, 0.95, 0.99] as const;

/** The quality of a window, of its predictions (all versions merged) and of those that are labelled. */
export function evaluateQuality(
  profile: Profile,
  labelled: LabelledProfile,
  prepared: PreparedQuality,
  policy: QualityPolicy,
): QualityResult {
  const { spec, reference } = prepared;
  const { task, classes } = spec.schema;
  const realised = realisedMetrics(labelled, task, reference?.numbers, policy.z);
  const { byAge, now } = knownTallies(labelled);
  const known = tallied(now);
  const steps = labelled.scores && readScores(labelled.scores);
  const onLabelled = steps && estimate(predictedRowsOfLabelled(steps), prepared, policy.z);
  const { bound } = labelled;
  const confusion = now.kind === 'classes' ? [...now.confusion] : [];
  return {
    status: known === 0 ? 'no_labels' : known < policy.minLabelled ? 'insufficient_labels' : 'ok',
    awaited: labelled.awaited,
    labelled: labelled.labelled,
    coverage: labelled.awaited === 0 ? null : labelled.labelled / labelled.awaited,
    corrected: labelled.corrected,
    unknown: labelled.unknown,
    delays: delayQuantiles(labelled.delays),
    realised,
    classes: classes?.names ?? [],
    confusion,
    residuals: labelled.residuals === undefined ? [] : residualQuantiles(labelled.residuals),
    reliability: steps === undefined ? [] : reliability(scoredRows(steps)),
    verdicts: metricVerdicts(realised, known, reference?.metrics ?? new Map(), policy),
    estimated: profile.scores && estimate(predictedRows(readScores(profile.scores)), prepared, policy.z),
    bias: onLabelled === undefined ? [] : estimatorBias(onLabelled.metrics, realised),
    byAge: byAge.map((tally, i) => ({
      ageMs: labelAgesMs[i]!,
      labelled: tallied(tally),
      metrics: tallyMetrics(tally, task, policy.z),
    })),
    shifts:
      bound === undefined || reference === undefined
        ? undefined
        : shiftsOf(
            spec.grouping!,
            { before: reference, after: { scores: labelled.scores, confusion, table: bound.table } },
            reference.inflation,
          ),
    subset: labelledSubsetBias(spec, profile, labelled),
  };
}

function estimate(
  rows: PredictedRows,
  { spec, reference }: PreparedQuality,
  z: number,
): QualityEstimate | undefined {
  const maps = reference?.calibration;
  if (reference === undefined || maps === undefined) return undefined;
  return spec.schema.task === 'binary'
    ? estimateBinary(rows, maps, z)
    : estimateMulticlass(rows, maps, reference.confusion, z);
}

function delayQuantiles(delays: LogBuckets): readonly (readonly [number, number])[] {
  return delays.n === 0 ? [] : delayLevels.map((level) => [level, bucketQuantile(delays, level)]);
}
