// The baseline as quality needs it, made ready once: groups and label median beside what the reference data showed.
import type { Baseline } from '../profile/baseline.ts';
import type { ReferenceQuality } from '../profile/reference-quality.ts';
import type { ModelSchema } from '../profile/schema.ts';
import { groupingOf } from './grouping.ts';
import type { LabelledSpec } from './labelled-profile.ts';

export interface PreparedQuality {
  readonly spec: LabelledSpec;
  /** Undefined without a baseline, or without labels in it. */
  readonly reference: ReferenceQuality | undefined;
}

/** What follows from a baseline; without one, accumulators count what needs none. */
export function prepareQuality(schema: ModelSchema, baseline: Baseline | undefined): PreparedQuality {
  const reference = baseline?.quality;
  if (baseline === undefined || reference === undefined) {
    return { spec: { schema, grouping: undefined, median: 0 }, reference: undefined };
  }
  const edges = reference.numbers?.edges ?? new Float64Array(0);
  return {
    spec: { schema, grouping: groupingOf(baseline, edges), median: reference.numbers?.median ?? 0 },
    reference,
  };
}
