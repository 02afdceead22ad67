import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeLabel, decodePrediction, type EventLimits } from '../../src/codec/event.ts';
import { type RejectReason, rejectReasons } from '../../src/profile/event.ts';

const limits: EventLimits = { eventBytes: 2000, featuresPerEvent: 20, nameLength: 64 };

const prediction = {
  prediction_id: 'C16913',
  model: 'hotel_cancellation',
  model_version: '1',
  timestamp: '2016-10-01T00:00:00.000Z',
  features: { lead_time: 34, meal: 'BB' },
  prediction: 0,
  score: 0.1437,
};
const label = { prediction_id: 'C16913', model: 'hotel_cancellation', label: 0, timestamp: 1475280000000 };

function bytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
}

function decoded(change: object) {
  return decodePrediction(bytes({ ...prediction, ...change }), limits);
}

describe('a prediction', () => {
  test('is read from the bytes of one JSON object', () => {
    expect(decodePrediction(bytes(prediction), limits)).toEqual({
      kind: 'prediction',
      predictionId: 'C16913',
      model: 'hotel_cancellation',
      modelVersion: '1',
      timestamp: Date.UTC(2016, 9, 1),
      features: { lead_time: 34, meal: 'BB' },
      prediction: 0,
      score: 0.1437,
    });
  });

  test('is the same whether it comes as bytes, as a view into a larger buffer, or as an object', () => {
    const framed = Buffer.concat([Buffer.from('xx'), bytes(prediction), Buffer.from('yy')]);
    const view = new Uint8Array(framed.buffer, framed.byteOffset + 2, framed.length - 4);
    const expected = decodePrediction(bytes(prediction), limits);
    expect(decodePrediction(view, limits)).toEqual(expected);
    expect(decodePrediction(prediction, limits)).toEqual(expected);
  });

  test('may do without version, features, prediction and score', () => {
    const { prediction_id, model, timestamp } = prediction;
    expect(decodePrediction(bytes({ prediction_id, model, timestamp, features: null }), limits)).toEqual({
      kind: 'prediction',
      predictionId: 'C16913',
      model: 'hotel_cancellation',
      modelVersion: '',
      timestamp: Date.UTC(2016, 9, 1),
      features: {},
      prediction: undefined,
      score: undefined,
    });
  });

  test('takes numbers for its id and its version as their text', () => {
    expect(decoded({ prediction_id: 17, model_version: 2 })).toMatchObject({
      predictionId: '17',
      modelVersion: '2',
    });
  });

  test('with scores per class has the score of the class that it predicts', () => {
    const scores = { cat: 0.7, dog: 0.2, '1': 0.1 };
    expect(decoded({ prediction: 'cat', score: undefined, scores })).toMatchObject({ score: 0.7 });
    expect(decoded({ prediction: 1, score: null, scores })).toMatchObject({ score: 0.1 });
    expect(decoded({ prediction: 'cat', score: 0.5, scores })).toMatchObject({ score: 0.5 });
    for (const missing of ['cow', 'toString', '__proto__', null, ['cat']]) {
      expect(decoded({ prediction: missing, score: undefined, scores })).toMatchObject({ score: undefined });
    }
  });

  test('keeps a feature of any name apart from what objects inherit', () => {
    const event = decodePrediction(
      bytes(
        '{"prediction_id":"a","model":"m","timestamp":0,"features":{"__proto__":{"polluted":1},"constructor":2}}',
      ),
      limits,
    );
    if (event.kind !== 'prediction') throw new Error(event.reason);
    expect(Object.keys(event.features)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(event.features)).toBe(Object.prototype);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});

describe('a label', () => {
  test('is read from the bytes of one JSON object', () => {
    expect(decodeLabel(bytes(label), limits)).toEqual({
      kind: 'label',
      predictionId: 'C16913',
      model: 'hotel_cancellation',
      label: 0,
      timestamp: 1475280000000,
    });
  });

  test('of any JSON value but null is a label', () => {
    for (const value of [0, false, '', 'Yes', [1], { a: 1 }]) {
      expect(decodeLabel(bytes({ ...label, label: value }), limits)).toMatchObject({
        kind: 'label',
        label: value,
      });
    }
  });
});

const many = Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`f${i}`, i]));
const long = 'x'.repeat(65);

/** Rejects that both decoders make of what their events have in common. */
const common: readonly (readonly [string, object | string | null, RejectReason, string | undefined])[] = [
  ['no value', null, 'tombstone', undefined],
  ['no JSON', '{"prediction_id":', 'undecodable', undefined],
  ['nothing', '', 'undecodable', undefined],
  ['an array', '[1]', 'undecodable', undefined],
  ['a number', '7', 'undecodable', undefined],
  ['null', 'null', 'undecodable', undefined],
  ['an array for a row', [1], 'undecodable', undefined],
  ['no id', { prediction_id: undefined }, 'missing_field', 'prediction_id'],
  ['an empty id', { prediction_id: '' }, 'missing_field', 'prediction_id'],
  ['an id of another type', { prediction_id: true }, 'bad_field', 'prediction_id'],
  ['a long id', { prediction_id: long }, 'bad_field', 'prediction_id'],
  ['no model', { model: null }, 'missing_field', 'model'],
  ['a model of another type', { model: 3 }, 'bad_field', 'model'],
  ['a long model', { model: long }, 'bad_field', 'model'],
  ['no timestamp', { timestamp: undefined }, 'missing_field', 'timestamp'],
  ['no time in the timestamp', { timestamp: 'yesterday' }, 'bad_timestamp', 'timestamp'],
  ['a timestamp of another type', { timestamp: [] }, 'bad_timestamp', 'timestamp'],
];

function payload(change: object | string | null, whole: object): Uint8Array | object | null {
  if (change === null || Array.isArray(change)) return change;
  return bytes(typeof change === 'string' ? change : { ...whole, ...change });
}

describe('a reject', () => {
  test.each(common)('of %s says why and where', (_, change, reason, path) => {
    const expected = path === undefined ? { kind: 'reject', reason } : { kind: 'reject', reason, path };
    expect(decodePrediction(payload(change, prediction), limits)).toEqual(expected);
    expect(decodeLabel(payload(change, label), limits)).toEqual(expected);
  });

  test.each([
    ['a version of another type', { model_version: {} }, 'bad_field', 'model_version'],
    ['a long version', { model_version: long }, 'bad_field', 'model_version'],
    ['features that are text', { features: 'lead_time=3' }, 'bad_field', 'features'],
    ['features in an array', { features: [1] }, 'bad_field', 'features'],
    ['too many features', { features: many }, 'too_many_features', 'features'],
  ] as const)('of a prediction with %s says why and where', (_, change, reason, path) => {
    expect(decoded(change)).toEqual({ kind: 'reject', reason, path });
    expect(decodePrediction({ ...prediction, ...change }, limits)).toEqual({ kind: 'reject', reason, path });
  });

  test('of a label without its truth names the field', () => {
    for (const value of [null, undefined]) {
      const expected = { kind: 'reject', reason: 'missing_field', path: 'label' };
      expect(decodeLabel(bytes({ ...label, label: value }), limits)).toEqual(expected);
    }
  });

  test('is made of every reason that a decoder can give', () => {
    // The others need a clock, a watermark, the floor of a rebuild or the configured models.
    const elsewhere: readonly RejectReason[] = ['future', 'too_late', 'not_rebuilt', 'unknown_model'];
    const here = new Set<RejectReason>([
      ...common.map(([, , reason]) => reason),
      'bad_field',
      'too_many_features',
      'too_large',
    ]);
    expect([...here, ...elsewhere].sort()).toEqual(Object.keys(rejectReasons).sort());
  });
});

describe('limits', () => {
  test('on bytes hold before the bytes are read', () => {
    const broken = new Uint8Array(limits.eventBytes + 1);
    expect(decodePrediction(broken, limits)).toEqual({ kind: 'reject', reason: 'too_large' });
    expect(decodeLabel(broken, limits)).toEqual({ kind: 'reject', reason: 'too_large' });
    expect(decodePrediction(broken.subarray(1), limits)).toEqual({ kind: 'reject', reason: 'undecodable' });
  });

  test('on features hold for any event, however small its features are written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 }), fc.boolean(), (count, asBytes) => {
        const features = Object.fromEntries(
          Array.from({ length: count }, (_, i) => [i === 0 ? '' : `${i}`, 0]),
        );
        const row = { prediction_id: 1, model: 'm', timestamp: 0, features };
        const outcome = decodePrediction(asBytes ? bytes(row) : row, limits);
        expect(outcome.kind).toBe(count > limits.featuresPerEvent ? 'reject' : 'prediction');
      }),
    );
  });

  test('on names allow the longest one', () => {
    const name = 'x'.repeat(64);
    expect(decoded({ prediction_id: name, model: name, model_version: name })).toMatchObject({
      predictionId: name,
      model: name,
      modelVersion: name,
    });
  });
});

describe('hostile input', () => {
  const roomy: EventLimits = { eventBytes: 4 << 20, featuresPerEvent: 5000, nameLength: 256 };

  test('never makes a decoder throw, and every outcome is an event or a reject of the table', () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map(bytes),
      fc.record(
        {
          prediction_id: fc.anything(),
          model: fc.anything(),
          model_version: fc.anything(),
          timestamp: fc.anything(),
          features: fc.anything(),
          prediction: fc.anything(),
          scores: fc.anything(),
          label: fc.anything(),
        },
        { requiredKeys: [] },
      ),
      fc.constant(null),
    );
    fc.assert(
      fc.property(anything, (input) => {
        for (const outcome of [decodePrediction(input, limits), decodeLabel(input, limits)]) {
          if (outcome.kind === 'reject') expect(Object.keys(rejectReasons)).toContain(outcome.reason);
          else expect(Number.isInteger(outcome.timestamp)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('nested a million deep is an ordinary bad value', () => {
    const deep = '['.repeat(1_000_000) + ']'.repeat(1_000_000);
    expect(decodePrediction(bytes(deep), roomy)).toMatchObject({ reason: 'undecodable' });
    const nested = `{"prediction_id":"a","model":"m","timestamp":0,"prediction":${deep},"scores":{"x":1},"features":{"f":${deep}}}`;
    expect(decodePrediction(bytes(nested), roomy)).toMatchObject({ kind: 'prediction', predictionId: 'a' });
    const idless = `{"prediction_id":${deep},"model":"m","timestamp":0}`;
    expect(decodePrediction(bytes(idless), roomy)).toMatchObject({
      reason: 'bad_field',
      path: 'prediction_id',
    });
  });

  test('with numbers beyond all bounds is harmless', () => {
    const huge = '{"prediction_id":1e999,"model":"m","timestamp":0}';
    expect(decodePrediction(bytes(huge), limits)).toMatchObject({
      reason: 'bad_field',
      path: 'prediction_id',
    });
    const late = '{"prediction_id":1,"model":"m","timestamp":1e300}';
    expect(decodePrediction(bytes(late), limits)).toMatchObject({ reason: 'bad_timestamp' });
    const feature = '{"prediction_id":1,"model":"m","timestamp":0,"features":{"f":-1e999}}';
    expect(decodePrediction(bytes(feature), limits)).toMatchObject({ features: { f: -Infinity } });
  });
});

describe('labels that bring their prediction', () => {
  const limits = { eventBytes: 1000, featuresPerEvent: 10, nameLength: 100 };
  const label = {
    prediction_id: 'a',
    model: 'm',
    model_version: '3',
    label: 1,
    timestamp: 2000,
    prediction_timestamp: 1000,
    prediction: 0,
    score: 0.4,
    features: { x: 1 },
  };

  test('are read with it', () => {
    expect(decodeLabel(label, limits)).toMatchObject({
      kind: 'label',
      label: 1,
      timestamp: 2000,
      prediction: {
        kind: 'prediction',
        modelVersion: '3',
        timestamp: 1000,
        prediction: 0,
        score: 0.4,
        features: { x: 1 },
      },
    });
  });

  test('are labels alone without its time', () => {
    const { prediction_timestamp: _, ...alone } = label;
    expect(decodeLabel(alone, limits)).toEqual({
      kind: 'label',
      predictionId: 'a',
      model: 'm',
      label: 1,
      timestamp: 2000,
    });
  });

  test('are refused as a prediction would be, by the name of the field', () => {
    expect(decodeLabel({ ...label, prediction_timestamp: 'soon' }, limits)).toEqual({
      kind: 'reject',
      reason: 'bad_timestamp',
      path: 'prediction_timestamp',
    });
    expect(decodeLabel({ ...label, features: 7 }, limits)).toMatchObject({
      reason: 'bad_field',
      path: 'features',
    });
  });
});

test('a prediction keeps the scores of all classes, and the label that came with it', () => {
  const limits = { eventBytes: 1000, featuresPerEvent: 10, nameLength: 100 };
  const row = {
    prediction_id: 'a',
    model: 'm',
    timestamp: 1,
    prediction: 'cat',
    scores: { cat: 0.7, dog: 0.3 },
    label: 'dog',
  };
  expect(decodePrediction(row, limits)).toMatchObject({
    score: 0.7,
    scores: { cat: 0.7, dog: 0.3 },
    label: 'dog',
  });
});
