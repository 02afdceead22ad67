// Prediction and label events as JSON: bytes to checked values, or the reason why they are none.
import type { LabelEvent, PredictionEvent, Reject, RejectReason } from '../profile/event.ts';
import { parseTimestamp } from './timestamp.ts';

/** What an event may cost before it is refused. */
export interface EventLimits {
  /** Bytes of one event; larger ones are refused unread. */
  readonly eventBytes: number;
  readonly featuresPerEvent: number;
  /** Characters of a prediction id, a model or a version. */
  readonly nameLength: number;
}

type Row = Readonly<Record<string, unknown>>;

/** A JSON feature takes five bytes at least (`"":0,`), so that the features of a smaller event need no counting. */
const featureBytesMin = 5;

const noFeatures: Row = Object.freeze({});

/**
 * Reads a prediction event. `payload` is the bytes of one JSON object, an object that a file reader made of a row, or
 * null for a record without value. Never throws for data. Whether the model is known and the time plausible is for
 * the caller to decide. A numeric id becomes its text: ids beyond 2^53 must be text to stay apart.
 */
export function decodePrediction(
  payload: Uint8Array | object | null,
  limits: EventLimits,
): PredictionEvent | Reject {
  const row = decodeRow(payload, limits);
  if (typeof row === 'string') return { kind: 'reject', reason: row };
  const predictionId = readName(row.prediction_id, limits);
  if (predictionId === undefined) return refused('prediction_id', row);
  const model = row.model;
  if (typeof model !== 'string' || !isName(model, limits)) return refused('model', row);
  const modelVersion = readName(row.model_version ?? '', limits, true);
  if (modelVersion === undefined) return refused('model_version', row);
  const timestamp = parseTimestamp(row.timestamp);
  if (Number.isNaN(timestamp)) return refused('timestamp', row);
  const features = row.features ?? noFeatures;
  if (typeof features !== 'object' || Array.isArray(features)) return refused('features', row);
  const isSmall = payload instanceof Uint8Array && payload.length < limits.featuresPerEvent * featureBytesMin;
  if (!isSmall && hasMoreKeys(features, limits.featuresPerEvent)) {
    return { kind: 'reject', reason: 'too_many_features', path: 'features' };
  }
  return {
    kind: 'prediction',
    predictionId,
    model,
    modelVersion,
    timestamp,
    features: features as Row,
    prediction: row.prediction,
    score: row.score ?? scoreOf(row.prediction, row.scores),
    scores: row.scores,
    label: row.label,
  };
}

/**
 * Reads a label event; otherwise as `decodePrediction`. A label is any JSON value but null. One that has a
 * `prediction_timestamp` brings its prediction, with the fields of a prediction event.
 */
export function decodeLabel(payload: Uint8Array | object | null, limits: EventLimits): LabelEvent | Reject {
  const row = decodeRow(payload, limits);
  if (typeof row === 'string') return { kind: 'reject', reason: row };
  const predictionId = readName(row.prediction_id, limits);
  if (predictionId === undefined) return refused('prediction_id', row);
  const model = row.model;
  if (typeof model !== 'string' || !isName(model, limits)) return refused('model', row);
  const label = row.label;
  if (label === undefined || label === null) return refused('label', row);
  const timestamp = parseTimestamp(row.timestamp);
  if (Number.isNaN(timestamp)) return refused('timestamp', row);
  const event: LabelEvent = { kind: 'label', predictionId, model, label, timestamp };
  if (row.prediction_timestamp === undefined || row.prediction_timestamp === null) return event;
  const prediction = decodePrediction({ ...row, timestamp: row.prediction_timestamp }, limits);
  if (prediction.kind === 'prediction') return { ...event, prediction };
  return prediction.path === 'timestamp' ? { ...prediction, path: 'prediction_timestamp' } : prediction;
}

/** The object that a payload holds, or the reason why it holds none. */
function decodeRow(payload: Uint8Array | object | null, limits: EventLimits): Row | RejectReason {
  if (payload === null) return 'tombstone';
  if (!(payload instanceof Uint8Array)) return Array.isArray(payload) ? 'undecodable' : (payload as Row);
  if (payload.length > limits.eventBytes) return 'too_large';
  let value: unknown;
  try {
    value = JSON.parse(decodeText(payload));
  } catch {
    return 'undecodable';
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Row)
    : 'undecodable';
}

function decodeText(bytes: Uint8Array): string {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return buffer.toString();
}

function isName(text: string, limits: EventLimits): boolean {
  return text.length > 0 && text.length <= limits.nameLength;
}

/** A name as text, whether it came as text or as a number; undefined when it is neither, empty or too long. */
function readName(value: unknown, limits: EventLimits, mayBeEmpty = false): string | undefined {
  if (typeof value === 'string') {
    return isName(value, limits) || (mayBeEmpty && value === '') ? value : undefined;
  }
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined;
}

/** Why the field at `path` cannot be used: it is absent, or it is wrong. */
function refused(path: string, row: Row): Reject {
  const value = row[path];
  if (value === undefined || value === null || value === '') {
    return { kind: 'reject', reason: 'missing_field', path };
  }
  return { kind: 'reject', reason: path === 'timestamp' ? 'bad_timestamp' : 'bad_field', path };
}

/** Probability of the predicted class where the event gives one for every class. */
function scoreOf(prediction: unknown, scores: unknown): unknown {
  if (typeof scores !== 'object' || scores === null) return undefined;
  // Only of plain values: the text of a deeply nested array would take the stack with it.
  if (typeof prediction !== 'string' && typeof prediction !== 'number' && typeof prediction !== 'boolean') {
    return undefined;
  }
  const name = String(prediction);
  return Object.hasOwn(scores, name) ? (scores as Row)[name] : undefined;
}

function hasMoreKeys(object: object, most: number): boolean {
  let count = 0;
  for (const _ in object) {
    count += 1;
    if (count > most) return true;
  }
  return false;
}
