import { describe, expect, test } from 'vitest';
import type { PredictionEvent } from '../../src/profile/event.ts';
import type { ModelSchema, Task } from '../../src/profile/schema.ts';
import { awaitedPrediction, leadingScore, outcomeValue } from '../../src/quality/outcome.ts';
import { compileDictionary } from '../../src/sketch/dictionary.ts';
import { labelledBaseline, prepared } from './build.ts';
import { labelledEvents, optionsOf } from './samples.ts';

function schemaOf(task: Task, names: readonly string[] = []): ModelSchema {
  const classes = names.length === 0 ? {} : { classes: compileDictionary(names) };
  return { model: 'm', task, columns: [], baselineHash: '', ...classes };
}

const [binary, animals, numbers] = [
  schemaOf('binary', ['No', 'Yes']),
  schemaOf('multiclass', ['cat', 'dog', 'owl']),
  schemaOf('regression'),
];

function event(over: Partial<PredictionEvent>): PredictionEvent {
  return {
    kind: 'prediction',
    predictionId: 'a',
    model: 'm',
    modelVersion: '2',
    timestamp: 5,
    features: {},
    prediction: 'Yes',
    score: 0.25,
    ...over,
  };
}

describe('a label', () => {
  test('of a class is its place, by text, number or boolean; of another class -1', () => {
    expect(outcomeValue('Yes', binary)).toBe(1);
    expect(outcomeValue('No', binary)).toBe(0);
    expect(outcomeValue('Maybe', binary)).toBe(-1);
    const bits = schemaOf('binary', ['0', '1']);
    expect([1, '1', 0, true].map((value) => outcomeValue(value, bits))).toEqual([1, 1, 0, -1]);
    expect(outcomeValue(true, schemaOf('binary', ['false', 'true']))).toBe(1);
  });

  test('of a number is the number', () => {
    expect(outcomeValue(-2.5, numbers)).toBe(-2.5);
    expect(Object.is(outcomeValue(-0, numbers), 0)).toBe(true);
  });

  test('that is none of the task is refused', () => {
    for (const value of [null, undefined, {}, [1]]) expect(outcomeValue(value, binary)).toBeUndefined();
    for (const value of ['7', Number.NaN, Infinity, 1e71, true])
      expect(outcomeValue(value, numbers)).toBeUndefined();
  });
});

describe('a prediction that waits for its label', () => {
  test('of a binary model keeps its score to the last bit', () => {
    expect(awaitedPrediction(event({ score: 0.1 + 0.2 }), binary, undefined)).toEqual({
      timestamp: 5,
      version: '2',
      value: 1,
      scores: [0.1 + 0.2],
      groups: new Uint8Array(0),
      tag: 0,
    });
  });

  test('keeps no score that is no probability', () => {
    for (const score of [1.5, -0.1, '0.5', null, Number.NaN])
      expect(awaitedPrediction(event({ score }), binary, undefined)!.scores).toEqual([]);
  });

  test('of several classes keeps all scores in single precision, or the one that came', () => {
    const scores = { owl: 0.1, cat: 0.7, dog: 0.2 };
    const all = awaitedPrediction(event({ prediction: 'cat', scores, score: 0.7 }), animals, undefined)!;
    expect(all.scores).toEqual([0.7, 0.2, 0.1].map(Math.fround));
    expect(leadingScore(all)).toBe(Math.fround(0.7));
    const one = awaitedPrediction(event({ prediction: 'dog', score: 0.6 }), animals, undefined)!;
    expect(one.scores).toEqual([Math.fround(0.6)]);
    expect(leadingScore(one)).toBe(Math.fround(0.6));
    const partial = awaitedPrediction(
      event({ prediction: 'dog', scores: { dog: 0.6 }, score: 0.6 }),
      animals,
      undefined,
    )!;
    expect(partial.scores).toEqual([]);
    expect(leadingScore(partial)).toBeUndefined();
  });

  test('is none without a prediction', () => {
    expect(awaitedPrediction(event({ prediction: null }), binary, undefined)).toBeUndefined();
    expect(awaitedPrediction(event({ prediction: 'high' }), numbers, undefined)).toBeUndefined();
  });

  test('knows the group of every tracked feature: a place among values, missing, or unseen', () => {
    const baseline = labelledBaseline(labelledEvents('binary', 3000, 1), optionsOf('binary'));
    const { spec } = prepared(baseline);
    const { features } = spec.grouping!;
    expect(features.map(({ spec: { name } }) => name)).toEqual(['x', 'noise', 'city']);
    const groups = (values: Record<string, unknown>) => [
      ...awaitedPrediction(event({ prediction: 1, features: values }), spec.schema, spec.grouping)!.groups,
    ];
    const [missing, unseen] = features.map(({ coarsening }) => [coarsening.size, coarsening.size + 1])[0]!;
    expect(groups({ x: -9, noise: 9, city: 'city 0' })[0]).toBe(0);
    expect(groups({ x: 9, noise: 9 })[0]).toBe(missing! - 1);
    expect(groups({ x: null, noise: 'text' }).slice(0, 2)).toEqual([missing, missing]);
    expect(groups({ x: 0, city: 'elsewhere' })[2]).toBe(features[2]!.coarsening.size + 1);
    expect(unseen).toBeLessThan(16);
    // What objects inherit is no value.
    expect(groups(Object.create({ x: 1 }) as Record<string, unknown>)[0]).toBe(missing);
  });
});
