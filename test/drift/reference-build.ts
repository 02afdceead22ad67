// Baselines built of events as `baseline build` makes them: two passes, and the chunks of the second.
import { planChunks } from '../../src/drift/chunk-plan.ts';
import { chunkSizes, emptyReferenceChunks, observeReferenceRow } from '../../src/drift/reference-chunks.ts';
import type { Baseline } from '../../src/profile/baseline.ts';
import { sortedNumbers } from '../../src/profile/column-sample.ts';
import type { PredictionEvent } from '../../src/profile/event.ts';
import { emptyReference, freezeSchema, sampledCounts, sampleEvent } from '../../src/profile/freeze.ts';
import { emptyProfile, observePrediction } from '../../src/profile/profile.ts';
import type { Values } from './build.ts';

export function eventAt(timestamp: number, features: Values): PredictionEvent {
  return {
    kind: 'prediction',
    predictionId: '',
    model: 'model',
    modelVersion: '1',
    timestamp,
    features,
    prediction: undefined,
    score: undefined,
  };
}

/** A baseline with chunks, of events in the order given. */
export function builtBaseline(events: readonly PredictionEvent[], baselineHash = 'reference'): Baseline {
  const reference = emptyReference({ model: 'model', task: 'regression' });
  for (const event of events) sampleEvent(reference, event);
  const schema = { ...freezeSchema(reference), baselineHash };
  const times = { sorted: sortedNumbers(reference.times), inOrder: reference.isInTimeOrder };
  const plan = planChunks(events.length, schema.columns.length, times);
  const chunks = emptyReferenceChunks(plan, schema, sampledCounts(reference, schema));
  const profile = emptyProfile(schema);
  for (const event of events) {
    observeReferenceRow(chunks, event, profile.rows);
    observePrediction(profile, schema, event);
  }
  return {
    schema,
    profile,
    chunks: chunkSizes(chunks, profile),
    period: { start: null, end: null },
    provenance: { source: 'memory', builtAt: '1970-01-01T00:00:00.000Z', builtBy: 'test' },
  };
}

/** The same baseline as one that was built before there were chunks. */
export function withoutChunks({ chunks: _, ...baseline }: Baseline): Baseline {
  return baseline;
}
