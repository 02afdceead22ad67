import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sampledNumbersMax } from '../../src/profile/column-sample.ts';
import type { PredictionEvent } from '../../src/profile/event.ts';
import {
  columnsMax,
  dictionaryMax,
  emptyReference,
  type FreezeOptions,
  freezeProblems,
  freezeSchema,
  type Reference,
  sampleEvent,
} from '../../src/profile/freeze.ts';
import { emptyProfile, observePrediction } from '../../src/profile/profile.ts';
import { categoryCount, nameLengthMax } from '../../src/sketch/category-summary.ts';
import { numericCount } from '../../src/sketch/numeric-summary.ts';

interface Row {
  readonly features?: Readonly<Record<string, unknown>>;
  readonly prediction?: unknown;
  readonly score?: unknown;
}

function event({ features = {}, prediction = 0, score = 0.5 }: Row): PredictionEvent {
  return {
    kind: 'prediction',
    predictionId: 'p',
    model: 'm',
    modelVersion: '1',
    timestamp: 0,
    features,
    prediction,
    score,
  };
}

function referenceOf(rows: readonly Row[], options: Partial<FreezeOptions> = {}): Reference {
  const reference = emptyReference({ model: 'm', ...options });
  for (const row of rows) sampleEvent(reference, event(row));
  return reference;
}

function frozen(rows: readonly Row[], options: Partial<FreezeOptions> = {}) {
  const reference = referenceOf(rows, options);
  expect(freezeProblems(reference)).toEqual([]);
  return freezeSchema(reference);
}

const kindsOf = (schema: ReturnType<typeof frozen>) => schema.columns.map(({ name, kind }) => [name, kind]);

describe('a kind', () => {
  test('is numeric for numbers, categorical for text and booleans', () => {
    const schema = frozen([{ features: { age: 3, city: 'Porto', member: true } }]);
    expect(kindsOf(schema).slice(0, 3)).toEqual([
      ['age', 'numeric'],
      ['city', 'categorical'],
      ['member', 'categorical'],
    ]);
  });

  test('is that of most values where they are mixed', () => {
    const rows = [
      { a: 1, b: 1 },
      { a: 2, b: 'x' },
      { a: 'UNK', b: 'y' },
    ];
    const schema = frozen(rows.map((features) => ({ features })));
    expect(kindsOf(schema).slice(0, 2)).toEqual([
      ['a', 'numeric'],
      ['b', 'categorical'],
    ]);
  });

  test('rests on values only: null, NaN in any spelling, and objects do not count', () => {
    const rows = [{ a: null }, { a: 'NaN' }, { a: 'Infinity' }, { a: {} }, { a: [1] }, { a: NaN }, { a: 1 }];
    expect(kindsOf(frozen(rows.map((features) => ({ features }))))[0]).toEqual(['a', 'numeric']);
  });

  test('that is given overrides what the values look like', () => {
    const kinds = new Map([['zip', 'categorical' as const]]);
    const schema = frozen([{ features: { zip: 12, age: 1 } }, { features: { zip: 9, age: 2 } }], { kinds });
    expect(kindsOf(schema).slice(0, 2)).toEqual([
      ['zip', 'categorical'],
      ['age', 'numeric'],
    ]);
    expect(schema.columns[0]?.dictionary?.names).toEqual(['12', '9']);
  });
});

describe('columns', () => {
  test('stand in the order of first appearance, then the prediction and the score', () => {
    const schema = frozen([{ features: { b: 1 } }, { features: { a: 1, b: 1 } }, { features: { c: 1 } }]);
    expect(schema.columns.map(({ name }) => name)).toEqual(['b', 'a', 'c', '@prediction', '@score']);
  });

  test('are those of the list, in its order, where there is one', () => {
    const schema = frozen([{ features: { b: 1, a: 1, c: 1 } }], { features: ['c', 'b'] });
    expect(schema.columns.map(({ name }) => name)).toEqual(['c', 'b', '@prediction', '@score']);
  });

  test('may have the names of what objects inherit', () => {
    const features = JSON.parse('{"__proto__":1,"constructor":"x"}') as Record<string, unknown>;
    const schema = frozen([{ features }]);
    expect(kindsOf(schema).slice(0, 2)).toEqual([
      ['__proto__', 'numeric'],
      ['constructor', 'categorical'],
    ]);
    const profile = emptyProfile(schema);
    observePrediction(profile, schema, event({ features }));
    observePrediction(profile, schema, event({}));
    expect(profile.columns.map(({ missing }) => missing)).toEqual([1, 1, 0, 0]);
    expect(profile.unknownFeatures).toBe(0);
  });

  test('that never had a number have no bins', () => {
    const schema = frozen([{ features: { a: null } }], { kinds: new Map([['a', 'numeric']]) });
    expect(schema.columns[0]).toEqual({ name: 'a', kind: 'numeric' });
  });
});

describe('a dictionary', () => {
  test('lists categories by count, then by name', () => {
    const values = ['b', 'a', 'c', 'c', 'a', 'b', 'd', 'e', 'e', 'e'];
    const schema = frozen(values.map((city) => ({ features: { city } })));
    expect(schema.columns[0]?.dictionary?.names).toEqual(['e', 'a', 'b', 'c', 'd']);
  });

  test('does not depend on the order of rows', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c', 1, 2, true, null), { minLength: 1 }), (values) => {
        const kinds = new Map([['x', 'categorical' as const]]);
        const names = (order: readonly unknown[]) =>
          frozen(
            order.map((x) => ({ features: { x } })),
            { kinds },
          ).columns[0]?.dictionary?.names;
        expect(names(values.toReversed())).toEqual(names(values));
      }),
    );
  });

  test('holds the most frequent names up to its bound, and the rest is unseen', () => {
    const rows = [
      ...Array.from({ length: dictionaryMax + 5 }, (_, i) => ({
        features: { id: `n${String(i).padStart(5, '0')}` },
      })),
      { features: { id: `n${dictionaryMax + 4}` } },
    ];
    const schema = frozen(rows);
    const names = schema.columns[0]?.dictionary?.names;
    expect(names).toHaveLength(dictionaryMax);
    expect(names?.[0]).toBe(`n${dictionaryMax + 4}`);
    const profile = emptyProfile(schema);
    for (const row of rows) observePrediction(profile, schema, event(row));
    const column = profile.columns[0]!;
    if (column.kind !== 'categorical') throw new Error(column.kind);
    expect(column.summary.unseen).toBe(5);
  });

  test('leaves out names that are too long to be kept', () => {
    const longest = 'x'.repeat(nameLengthMax);
    const schema = frozen([longest, `${longest}y`].map((a) => ({ features: { a } })));
    expect(schema.columns[0]?.dictionary?.names).toEqual([longest]);
  });

  test('knows the numbers of a column that is categorical by majority', () => {
    const schema = frozen(['x', 'x', 7].map((a) => ({ features: { a } })));
    expect(schema.columns[0]?.dictionary?.names).toEqual(['x', '7']);
  });
});

describe('a task', () => {
  const rows = (predictions: readonly unknown[], score: unknown) =>
    predictions.map((prediction) => ({ prediction, score }));

  test.each([
    ['a score and two classes', rows([0, 1, 0], 0.5), 'binary', 'categorical', true],
    ['a score and three classes', rows([0, 1, 2], 0.5), 'multiclass', 'categorical', true],
    ['numbers without score', rows([1.5, 2.5, 3.5], null), 'regression', 'numeric', false],
    ['two classes without score', rows([0, 1, 1], null), 'binary', 'categorical', false],
    ['texts without score', rows(['a', 'b', 'c'], null), 'multiclass', 'categorical', false],
  ] as const)('with %s is told from the data', (_, data, task, kind, hasScore) => {
    const schema = frozen(data);
    expect(schema.task).toBe(task);
    expect(kindsOf(schema)).toEqual([['@prediction', kind], ...(hasScore ? [['@score', 'numeric']] : [])]);
  });

  test('without predictions or scores has no column for them', () => {
    expect(kindsOf(frozen([{ features: { a: 1 }, prediction: null, score: null }]))).toEqual([
      ['a', 'numeric'],
    ]);
  });

  test('that is given decides which columns there are', () => {
    const schema = frozen(rows([0, 1, 1], 0.5), { task: 'regression' });
    expect(kindsOf(schema)).toEqual([['@prediction', 'numeric']]);
  });
});

describe('data that make no schema', () => {
  test.each([
    ['without rows', [], {}, /no events of model "m"/],
    ['with a reserved name', [{ features: { '@score': 1 } }], {}, /must not begin with "@": @score/],
    ['with a kind for nothing', [{}], { kinds: new Map([['x', 'numeric']]) }, /not there: x/],
    [
      'without a listed feature',
      [{ features: { a: 1, b: null } }],
      { features: ['a', 'b'] },
      /no value of these features: b/,
    ],
  ] as const)('%s are refused with the reason', (_, data, options, message) => {
    expect(freezeProblems(referenceOf(data, options as Partial<FreezeOptions>)).join()).toMatch(message);
  });

  test('with too many features are refused and stay bounded', () => {
    const features = Object.fromEntries(Array.from({ length: columnsMax + 10 }, (_, i) => [`f${i}`, 'x']));
    const reference = referenceOf([{ features }]);
    expect(reference.features.size).toBe(columnsMax);
    expect(freezeProblems(reference).join()).toMatch(/more than 5000 features/);
  });
});

test('the same data give the same schema, and sampling keeps the quantiles of more numbers than it stores', () => {
  const build = () => {
    const reference = emptyReference({ model: 'm' });
    for (let i = 0; i < sampledNumbersMax * 1.5; i++) {
      // A permutation of 0 … 1: the golden ratio spreads evenly.
      sampleEvent(reference, event({ features: { x: (i * 0.618033988749895) % 1 } }));
    }
    return reference;
  };
  const reference = build();
  const sample = reference.features.get('x')!;
  expect([sample.sampled, sample.numeric]).toEqual([sampledNumbersMax, sampledNumbersMax * 1.5]);
  const edges = freezeSchema(reference).columns[0]?.binning?.edges;
  expect(freezeSchema(build()).columns[0]?.binning?.edges).toEqual(edges);
  edges?.forEach((edge, i) => {
    // Dvoretzky-Kiefer-Wolfowitz: off by more than 0.002 with a probability below 1e-3.
    expect(Math.abs(edge - (i + 1) / (edges.length + 1))).toBeLessThan(0.002 + 1 / (edges.length + 1));
  });
});

test('the counts of the second pass cover every row', () => {
  const value = fc.oneof(fc.double(), fc.string(), fc.boolean(), fc.constant(null));
  fc.assert(
    fc.property(fc.array(fc.dictionary(fc.constantFrom('a', 'b', 'c'), value), { minLength: 1 }), (table) => {
      const rows = table.map((features) => ({ features }));
      const reference = referenceOf(rows);
      const schema = freezeSchema(reference);
      const profile = emptyProfile(schema);
      for (const row of rows) observePrediction(profile, schema, event(row));
      expect(profile.rows).toBe(rows.length);
      expect(profile.unknownFeatures).toBe(0);
      for (const column of profile.columns) {
        const known =
          column.kind === 'numeric'
            ? numericCount(column.summary) + column.nonfinite
            : categoryCount(column.summary);
        expect(column.missing + column.invalid + known).toBe(rows.length);
        if (column.kind === 'categorical') expect(column.summary.unseen).toBe(0);
      }
    }),
  );
});
