// The real data with their labels, and the exact reference values of their quality.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { PredictionEvent } from '../../src/profile/event.ts';
import { root } from '../drift/reference-data.ts';
import type { LabelledEvent } from './build.ts';
import type { ExpectedQuality } from './reference-metrics.ts';

export interface ExpectedEstimate {
  readonly raw: Readonly<Record<string, number | null>>;
  readonly isotonic: Readonly<Record<string, number | null>>;
}

interface ExpectedWindow {
  readonly start_ms: number;
  readonly end_ms: number;
  readonly count: number;
  readonly quality: ExpectedQuality;
  readonly quality_cutoff?: Readonly<Record<string, ExpectedQuality>>;
  readonly cbpe?: ExpectedEstimate;
  readonly label_delay_ms: { readonly min: number; readonly max: number } | null;
}

export interface QualityData {
  readonly task: 'binary' | 'regression';
  readonly model: string;
  readonly kinds: ReadonlyMap<string, 'numeric' | 'categorical'>;
  readonly baseline: readonly PredictionEvent[];
  readonly expectedBaseline: {
    readonly quality: ExpectedQuality;
    readonly cbpe?: ExpectedEstimate;
    readonly isotonic?: { readonly x: number[]; readonly y: number[] };
  };
  readonly windows: readonly { readonly expected: ExpectedWindow; readonly rows: readonly LabelledEvent[] }[];
  /** Labels that no prediction has. */
  readonly orphans: number;
}

interface Row {
  readonly prediction_id: string;
  readonly model: string;
  readonly model_version: string;
  readonly timestamp: string;
  readonly features: Readonly<Record<string, unknown>>;
  readonly prediction: unknown;
  readonly score?: number;
  readonly label?: unknown;
}

export function readQualityData(name: string): QualityData {
  const json = (file: string) => JSON.parse(readFileSync(resolve(root, name, file), 'utf8'));
  const schema = json('schema.json');
  const model: string = schema.models[0];
  const expected = json('expected.json').models[model];
  const labels = new Map(readRows(name, 'labels').map((row) => [row.prediction_id, row]));
  const predictions = readRows(name, 'predictions').map((row): LabelledEvent => {
    const label = labels.get(row.prediction_id);
    labels.delete(row.prediction_id);
    return { event: eventOf(row), label: label?.label, labelledAt: Date.parse(label?.timestamp ?? '') };
  });
  const size: number = schema.window_ms;
  const byStart = Map.groupBy(predictions, ({ event }) => Math.floor(event.timestamp / size) * size);
  return {
    task: schema.task,
    model,
    kinds: new Map(Object.entries(schema.features)),
    baseline: readRows(name, 'baseline').map(eventOf),
    expectedBaseline: expected.baseline,
    windows: expected.windows.map((window: ExpectedWindow) => ({
      expected: window,
      rows: byStart.get(window.start_ms)!,
    })),
    orphans: labels.size,
  };
}

function eventOf(row: Row): PredictionEvent {
  return {
    kind: 'prediction',
    predictionId: row.prediction_id,
    model: row.model,
    modelVersion: row.model_version,
    timestamp: Date.parse(row.timestamp),
    features: row.features,
    prediction: row.prediction,
    score: row.score,
    label: row.label,
  };
}

function readRows(name: string, file: string): Row[] {
  const text = gunzipSync(readFileSync(resolve(root, name, `${file}.ndjson.gz`))).toString('utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}
