// Baselines with quality, and windows of labelled predictions, made of events in memory.
import type { Baseline } from '../../src/profile/baseline.ts';
import { sortedNumbers } from '../../src/profile/column-sample.ts';
import type { PredictionEvent } from '../../src/profile/event.ts';
import { emptyReference, type FreezeOptions, freezeSchema, sampleEvent } from '../../src/profile/freeze.ts';
import { emptyProfile, observePrediction, type Profile } from '../../src/profile/profile.ts';
import type { ModelSchema } from '../../src/profile/schema.ts';
import {
  countAwaited,
  countOutcome,
  emptyLabelled,
  type LabelledProfile,
  type LabelledSpec,
} from '../../src/quality/labelled-profile.ts';
import { awaitedPrediction, outcomeValue } from '../../src/quality/outcome.ts';
import { type PreparedQuality, prepareQuality } from '../../src/quality/reference.ts';
import {
  emptyQualityBuild,
  observeLabelledRow,
  referenceQuality,
} from '../../src/quality/reference-build.ts';
import type { QualityPolicy } from '../../src/quality/result.ts';

/** 95 % intervals, verdicts from a hundred labels on. */
export const policy: QualityPolicy = {
  z: 1.959963984540054,
  minLabelled: 100,
  alpha: 0.001,
  leastEffect: 0.1,
};

/** A baseline as `baseline build` makes it of labelled events, in the order given. */
export function labelledBaseline(
  events: readonly PredictionEvent[],
  options: FreezeOptions,
  baselineHash = 'reference',
): Baseline {
  const reference = emptyReference(options);
  for (const event of events) sampleEvent(reference, event);
  const schema: ModelSchema = { ...freezeSchema(reference), baselineHash };
  const profile = emptyProfile(schema);
  for (const event of events) observePrediction(profile, schema, event);
  const baseline: Baseline = {
    schema,
    profile,
    period: { start: null, end: null },
    provenance: { source: 'memory', builtAt: '1970-01-01T00:00:00.000Z', builtBy: 'test' },
  };
  const build = emptyQualityBuild(baseline, sortedNumbers(reference.label), {
    rows: events.length,
    times: sortedNumbers(reference.times),
    inOrder: reference.isInTimeOrder,
  });
  events.forEach((event, row) => {
    observeLabelledRow(build, event, row);
  });
  const quality = referenceQuality(build);
  return quality === undefined ? baseline : { ...baseline, quality };
}

export interface LabelledWindow {
  readonly profile: Profile;
  readonly labelled: LabelledProfile;
}

/** A prediction with its label, and when that came; without one where it is undefined. */
export interface LabelledEvent {
  readonly event: PredictionEvent;
  readonly label: unknown;
  readonly labelledAt: number;
}

/** A window of predictions, each of which waits for a label and perhaps got it. */
export function labelledWindow(events: readonly LabelledEvent[], spec: LabelledSpec): LabelledWindow {
  const profile = emptyProfile(spec.schema);
  const labelled = emptyLabelled(spec);
  for (const { event, label, labelledAt } of events) {
    observePrediction(profile, spec.schema, event);
    const prediction = awaitedPrediction(event, spec.schema, spec.grouping);
    if (prediction === undefined) continue;
    countAwaited(labelled);
    const value = outcomeValue(label, spec.schema);
    if (value === undefined) continue;
    const known = { value, timestamp: labelledAt };
    countOutcome(labelled, spec, { prediction, first: known, latest: known });
  }
  return { profile, labelled };
}

/** What quality needs of a baseline. */
export function prepared(baseline: Baseline): PreparedQuality {
  return prepareQuality(baseline.schema, baseline);
}
