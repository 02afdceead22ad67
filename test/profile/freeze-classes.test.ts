import { describe, expect, test } from 'vitest';
import type { PredictionEvent } from '../../src/profile/event.ts';
import {
  classesMax,
  emptyReference,
  type FreezeOptions,
  freezeSchema,
  sampleEvent,
} from '../../src/profile/freeze.ts';
import { classOf, countedScore, isScore, type ModelSchema } from '../../src/profile/schema.ts';

type Row = Pick<PredictionEvent, 'prediction' | 'score' | 'label'>;

function frozen(rows: readonly Row[], options: Partial<FreezeOptions> = {}): ModelSchema {
  const reference = emptyReference({ model: 'm', ...options });
  for (const row of rows) {
    const common = {
      kind: 'prediction',
      predictionId: 'p',
      model: 'm',
      modelVersion: '1',
      timestamp: 0,
    } as const;
    sampleEvent(reference, { ...common, features: {}, ...row });
  }
  return freezeSchema(reference);
}

const names = (rows: readonly Row[], options: Partial<FreezeOptions> = {}) =>
  frozen(rows, options).classes?.names;

describe('the classes of a binary model', () => {
  test('have the positive one last: the one that is predicted at the higher scores', () => {
    expect(
      names([
        { prediction: 'churn', score: 0.8 },
        { prediction: 'stay', score: 0.2 },
        { prediction: 'stay', score: 0.4 },
      ]),
    ).toEqual(['stay', 'churn']);
    expect(
      names([
        { prediction: 0, score: 0.9 },
        { prediction: 1, score: 0.1 },
      ]),
    ).toEqual(['1', '0']);
  });

  test('are found where one is never predicted, by the labels', () => {
    expect(names([{ prediction: 0, score: 0.1, label: 1 }])).toEqual(['0', '1']);
    expect(names([{ prediction: 'b', score: 0.9, label: 'a' }])).toEqual(['a', 'b']);
  });

  test('are in the order of their text where there are no scores', () => {
    expect(
      names([
        { prediction: true, score: null },
        { prediction: false, score: null },
      ]),
    ).toEqual(['false', 'true']);
    expect(
      names([
        { prediction: 'Yes', score: null },
        { prediction: 'No', score: null },
      ]),
    ).toEqual(['No', 'Yes']);
  });

  test('are what they are said to be', () => {
    const rows = [
      { prediction: 'a', score: 0.9 },
      { prediction: 'b', score: 0.1 },
    ];
    expect(names(rows, { positive: 'b' })).toEqual(['a', 'b']);
    expect(names(rows, { positive: 'c' })).toBeUndefined();
  });

  test('are not known where there are not two', () => {
    expect(names([{ prediction: 'a', score: 0.9 }])).toBeUndefined();
    const three = [
      { prediction: 'a', score: 0.9, label: 'b' },
      { prediction: 'c', score: 0.1 },
    ];
    expect(names(three, { task: 'binary' })).toBeUndefined();
  });
});

test('the classes of a multiclass model are those that predictions and labels name', () => {
  const rows = ['dog', 'cat', 'owl'].map((prediction) => ({ prediction, score: 0.5, label: 'yak' }));
  expect(names(rows)).toEqual(['cat', 'dog', 'owl', 'yak']);
  const many = Array.from({ length: classesMax + 1 }, (_, i) => ({ prediction: `class ${i}`, score: 0.5 }));
  expect(names(many)).toBeUndefined();
  expect(names(many.slice(1))?.length).toBe(classesMax);
});

test('a regression has no classes', () => {
  expect(names([1.5, 2.5, 3.5].map((prediction) => ({ prediction, score: undefined })))).toBeUndefined();
});

test('a class is found by its text, number or boolean, and nothing else is one', () => {
  const schema = frozen([
    { prediction: 0, score: 0.1 },
    { prediction: 1, score: 0.9 },
  ]);
  expect([0, 1, '1', 2, true, null, {}, 'toString'].map((value) => classOf(schema, value))).toEqual([
    0, 1, 1, -1, -1, -1, -1, -1,
  ]);
});

test('a score is a probability, counted in single precision where there are several classes', () => {
  expect([0, 1, 0.5, -0, 1.01, -0.1, Number.NaN, '0.5', null].map(isScore)).toEqual([
    true,
    true,
    true,
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
  const schema = frozen([{ prediction: 0, score: 0.1, label: 1 }]);
  expect(countedScore(schema, 0.1)).toBe(0.1);
  expect(countedScore({ ...schema, task: 'multiclass' }, 0.1)).toBe(Math.fround(0.1));
});
