// The baseline as quality needs it, made ready once: groups, label median, calibration.
import type { Baseline } from '../profile/baseline.ts';
import type { ReferenceQuality } from '../profile/reference-quality.ts';
import type { ModelSchema } from '../profile/schema.ts';
import { readScores } from '../sketch/score-counts.ts';
import { type CalibrationMaps, calibrationMaps } from './calibration.ts';
import { groupingOf } from './grouping.ts';
import type { LabelledSpec } from './labelled-profile.ts';

export interface PreparedQuality {
  readonly spec: LabelledSpec;
  /** Undefined without a baseline, or without labels in it. */
  readonly reference: ReferenceQuality | undefined;
  /** Undefined where nothing can be calibrated: no labels, or no scores. */
  readonly maps: CalibrationMaps | undefined;
}

/** What follows from a baseline; without one, accumulators count what needs none. */
export function prepareQuality(schema: ModelSchema, baseline: Baseline | undefined): PreparedQuality {
  const reference = baseline?.quality;
  if (baseline === undefined || reference === undefined) {
    return { spec: { schema, grouping: undefined, median: 0 }, reference: undefined, maps: undefined };
  }
  const edges = reference.numbers?.edges ?? new Float64Array(0);
  const { scores } = reference;
  return {
    spec: { schema, grouping: groupingOf(baseline, edges), median: reference.numbers?.median ?? 0 },
    reference,
    maps: scores && calibrationMaps(readScores(scores), schema.task === 'binary'),
  };
}
