// Realised quality: every metric that a labelled profile allows, whatever the task.
import type { ReferenceNumbers } from '../profile/reference-quality.ts';
import type { Task } from '../profile/schema.ts';
import { emptyBuckets } from '../sketch/log-buckets.ts';
import { emptyScoreCounts } from '../sketch/score-counts.ts';
import { binaryMetrics } from './binary-metrics.ts';
import { knownTallies, type LabelledProfile } from './labelled-profile.ts';
import type { Metrics } from './metric.ts';
import { multiclassMetrics } from './multiclass-metrics.ts';
import { regressionMetrics } from './regression-metrics.ts';
import type { Tally } from './tally.ts';

/** The metrics of all labelled rows; those without a value are null. */
export function realisedMetrics(
  profile: LabelledProfile,
  task: Task,
  reference: ReferenceNumbers | undefined,
  z: number,
): Metrics {
  const { scores, oneVsRest, residuals, bound } = profile;
  const { now: tally } = knownTallies(profile);
  if (tally.kind === 'numbers') {
    // Without a median there is nothing that the distances are distances from.
    const constantError = reference === undefined ? undefined : bound?.constantError;
    return regressionMetrics(tally, residuals!, constantError, reference, z);
  }
  return task === 'binary'
    ? binaryMetrics(tally, scores!, z)
    : multiclassMetrics(tally, scores!, oneVsRest, z);
}

/** The metrics that follow from a tally alone: what is known of quality at an age. */
export function tallyMetrics(tally: Tally, task: Task, z: number): Metrics {
  const metrics = metricsOfTally(tally, task, z);
  return Object.fromEntries(Object.entries(metrics).filter(([, { value }]) => value !== null));
}

function metricsOfTally(tally: Tally, task: Task, z: number): Metrics {
  if (tally.kind === 'numbers') return regressionMetrics(tally, emptyBuckets(), undefined, undefined, z);
  const noScores = emptyScoreCounts(2 * tally.classes);
  return task === 'binary' ? binaryMetrics(tally, noScores, z) : multiclassMetrics(tally, noScores, [], z);
}
