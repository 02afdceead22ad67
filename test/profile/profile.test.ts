import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CategoricalColumn, Column, ColumnKind, NumericColumn } from '../../src/profile/column.ts';
import type { PredictionEvent } from '../../src/profile/event.ts';
import { emptyProfile, mergedProfile, observePrediction, type Profile } from '../../src/profile/profile.ts';
import { type ModelSchema, predictionColumn, scoreColumn } from '../../src/profile/schema.ts';
import { compileBinning } from '../../src/sketch/binning.ts';
import { categoryCount } from '../../src/sketch/category-summary.ts';
import { compileDictionary } from '../../src/sketch/dictionary.ts';
import { numericCount, readNumeric } from '../../src/sketch/numeric-summary.ts';

const binning = compileBinning(Float64Array.of(0, 10, 20));
const dictionary = compileDictionary(['red', 'blue', 'true', '1']);

function schemaOf(kinds: Readonly<Record<string, ColumnKind>>, baselineHash = 'hash'): ModelSchema {
  const columns = Object.entries(kinds).map(([name, kind]) =>
    kind === 'numeric' ? { name, kind, binning } : { name, kind, dictionary },
  );
  return { model: 'm', task: 'binary', columns, baselineHash };
}

/** Features as JSON brings them: every name is an own one, `__proto__` too. */
function event(features: string, prediction: unknown = 0, score: unknown = 0.5): PredictionEvent {
  return {
    ...{ kind: 'prediction', predictionId: 'p', model: 'm', modelVersion: '1', timestamp: 0 },
    ...{ features: JSON.parse(features), prediction, score },
  };
}

function profileOf(schema: ModelSchema, events: readonly PredictionEvent[]): Profile {
  const profile = emptyProfile(schema);
  for (const each of events) observePrediction(profile, schema, each);
  return profile;
}

function counters(column: Column): Readonly<Record<string, number>> {
  const { missing, invalid } = column;
  return column.kind === 'numeric'
    ? { n: numericCount(column.summary), missing, invalid, nonfinite: column.nonfinite }
    : { n: categoryCount(column.summary), missing, invalid };
}

/** The only column of a schema after it has seen one value. */
function afterOne(kind: ColumnKind, value: unknown): Readonly<Record<string, number>> {
  const schema = schemaOf({ x: kind });
  const seen: PredictionEvent = { ...event('{}'), features: { x: value } };
  return counters(profileOf(schema, [seen]).columns[0]!);
}

describe('a value of a numeric column', () => {
  test.each([0, -0, -1.5, 1e308, 5e-324])('%s is observed', (value) => {
    expect(afterOne('numeric', value)).toEqual({ n: 1, missing: 0, invalid: 0, nonfinite: 0 });
  });

  test.each([null, undefined])('%s is missing', (value) => {
    expect(afterOne('numeric', value)).toEqual({ n: 0, missing: 1, invalid: 0, nonfinite: 0 });
  });

  test.each([Number.NaN, Infinity, -Infinity, 'NaN', 'Infinity', '-Infinity'])(
    '%s is not finite',
    (value) => {
      expect(afterOne('numeric', value)).toEqual({ n: 0, missing: 0, invalid: 0, nonfinite: 1 });
    },
  );

  test.each(['', '1', 'nan', true, false, {}, [1], 1n, Symbol('s')])('%o is invalid', (value) => {
    expect(afterOne('numeric', value)).toEqual({ n: 0, missing: 0, invalid: 1, nonfinite: 0 });
  });
});

describe('a value of a categorical column', () => {
  test.each(['', 'red', 'NaN', true, false, 0, -0, 1.5])('%s is observed', (value) => {
    expect(afterOne('categorical', value)).toEqual({ n: 1, missing: 0, invalid: 0 });
  });

  test.each([null, undefined])('%s is missing', (value) => {
    expect(afterOne('categorical', value)).toEqual({ n: 0, missing: 1, invalid: 0 });
  });

  test.each([Number.NaN, Infinity, {}, ['red'], 1n])('%o is invalid', (value) => {
    expect(afterOne('categorical', value)).toEqual({ n: 0, missing: 0, invalid: 1 });
  });

  test('is the same category as text, number or boolean', () => {
    const schema = schemaOf({ x: 'categorical' });
    const profile = profileOf(schema, [
      ...['{"x":true}', '{"x":"true"}', '{"x":1}', '{"x":"1"}', '{"x":1.0}'].map((features) =>
        event(features),
      ),
    ]);
    expect([...(profile.columns[0] as CategoricalColumn).summary.counts]).toEqual([0, 0, 2, 3]);
  });
});

describe('features', () => {
  const awkward = [
    'toString',
    'constructor',
    '__proto__',
    'hasOwnProperty',
    'valueOf',
    '__defineGetter__',
    '',
  ];
  const kinds = JSON.parse(`{${awkward.map((name) => `${JSON.stringify(name)}:"numeric"`)}}`);

  test('that an object inherits are missing, whatever they are called', () => {
    const profile = profileOf(schemaOf(kinds), [event('{}')]);
    expect(profile.columns).toHaveLength(awkward.length);
    for (const column of profile.columns) {
      expect(counters(column)).toEqual({ n: 0, missing: 1, invalid: 0, nonfinite: 0 });
    }
    expect(profile.unknownFeatures).toBe(0);
  });

  test('are found by name, whatever they are called and in whatever order they come', () => {
    for (const names of [awkward, awkward.toReversed()]) {
      const features = `{${names.map((name, i) => `${JSON.stringify(name)}:${i}`)}}`;
      const profile = profileOf(schemaOf(kinds), [event(features)]);
      for (const column of profile.columns) expect(counters(column)).toMatchObject({ n: 1, missing: 0 });
      expect(profile.unknownFeatures).toBe(0);
    }
  });

  test('that the schema lacks are counted, and nothing of them is kept', () => {
    const schema = schemaOf({ a: 'numeric' });
    const events = [
      event('{"a":1,"b":2}'),
      event('{"__proto__":1,"toString":2}'),
      event('{"b":null,"a":null}'),
    ];
    const profile = profileOf(schema, events);
    expect(profile).toMatchObject({ rows: 3, unknownFeatures: 4 });
    expect(counters(profile.columns[0]!)).toEqual({ n: 1, missing: 2, invalid: 0, nonfinite: 0 });
  });

  test('without a value are missing, not unknown, in whatever order they come', () => {
    const schema = schemaOf({ a: 'numeric', b: 'numeric' });
    for (const features of [
      { a: undefined, b: 1 },
      { b: 1, a: undefined },
    ]) {
      const profile = profileOf(schema, [{ ...event('{}'), features }]);
      expect(profile.unknownFeatures).toBe(0);
      expect(profile.columns.map((column) => column.missing)).toEqual([1, 0]);
    }
  });

  test('called like the columns of the prediction are unknown, and do not get into those', () => {
    const schema = schemaOf({ a: 'numeric', [predictionColumn]: 'categorical', [scoreColumn]: 'numeric' });
    const features = `{"a":1,"${predictionColumn}":"blue","${scoreColumn}":7}`;
    const profile = profileOf(schema, [event(features, 'red', 0.25)]);
    expect(profile.unknownFeatures).toBe(2);
    expect([...(profile.columns[1] as CategoricalColumn).summary.counts]).toEqual([1, 0, 0, 0]);
    expect([...readNumeric((profile.columns[2] as NumericColumn).summary).exact!]).toEqual([0.25]);
  });

  test('any features at all: each column counts every row once, and unknown names are those it has no column for', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd', '__proto__', 'toString', '1', '0', predictionColumn);
    const value = fc.oneof(fc.double(), fc.constantFrom(null, 'red', 'NaN', true, 1, []));
    const schema = schemaOf(
      JSON.parse('{"b":"numeric","a":"categorical","toString":"numeric","0":"categorical"}'),
    );
    fc.assert(
      fc.property(fc.array(fc.array(fc.tuple(name, value)), { maxLength: 5 }), (rows) => {
        const events = rows.map((pairs) => ({ ...event('{}'), features: objectOf(pairs) }));
        const profile = profileOf(schema, events);
        const known = schema.columns.map((column) => column.name);
        const names = events.flatMap(({ features }) => Object.keys(features));
        expect(profile.rows).toBe(rows.length);
        expect(profile.unknownFeatures).toBe(names.filter((each) => !known.includes(each)).length);
        profile.columns.forEach((column, i) => {
          const all = Object.values(counters(column)).reduce((sum, count) => sum + count, 0);
          expect(all).toBe(rows.length);
          const values = events.map(({ features }) =>
            Object.hasOwn(features, known[i]!) ? features[known[i]!] : null,
          );
          expect(column.missing).toBe(values.filter((each) => each === null).length);
        });
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});

/** Own properties, `__proto__` among them, as JSON.parse makes them. */
function objectOf(pairs: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (const [key, value] of pairs) {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return object;
}

describe('predictions and scores', () => {
  const schema = schemaOf({ [predictionColumn]: 'categorical', [scoreColumn]: 'numeric' });

  test('have columns of their own', () => {
    const profile = profileOf(schema, [
      event('{}', 'red', 0.9),
      event('{}', 'green', 'NaN'),
      event('{}', 1, null),
    ]);
    expect([...(profile.columns[0] as CategoricalColumn).summary.counts]).toEqual([1, 0, 0, 1]);
    expect(counters(profile.columns[0]!)).toEqual({ n: 3, missing: 0, invalid: 0 });
    expect(counters(profile.columns[1]!)).toEqual({ n: 1, missing: 1, invalid: 0, nonfinite: 1 });
  });

  test('are missing where the event has none', () => {
    const without = { ...event('{}'), prediction: undefined, score: undefined };
    const profile = profileOf(schema, [without, event('{}', null, null)]);
    expect(profile.columns.map((column) => column.missing)).toEqual([2, 2]);
  });
});

describe('a merged profile', () => {
  const kinds = { price: 'numeric', colour: 'categorical', [scoreColumn]: 'numeric' } as const;
  const schema = schemaOf(kinds);
  const events = Array.from({ length: 3500 }, (_, i) =>
    event(
      `{"price":${i % 11 === 0 ? 'null' : (i * 37) % 30},"colour":"${['red', 'blue', 'green'][i % 3]}","x":1}`,
      0,
      i % 7 === 0 ? 'NaN' : (i % 100) / 100,
    ),
  );
  const parts = [events.slice(0, 0), events.slice(0, 900), events.slice(900, 2950), events.slice(2950)];

  function merged(schemas: readonly ModelSchema[]): Profile {
    const [first, ...others] = parts.map((part, i) => profileOf(schemas[i]!, part));
    return mergedProfile([first!, ...others]);
  }

  test('of parts counts what the profile of the whole counts', () => {
    const profile = merged(parts.map(() => schema));
    const whole = profileOf(schema, events);
    expect(profile).toMatchObject({ baselineHash: 'hash', rows: 3500, unknownFeatures: 3500 });
    expect(profile.columns.map(counters)).toEqual(whole.columns.map(counters));
    for (const place of [0, 2]) {
      const [a, b] = [profile, whole].map((each) =>
        readNumeric((each.columns[place] as NumericColumn).summary),
      );
      expect(a!.bins!.counts).toEqual(b!.bins!.counts);
      expect(a!.rank(12)).toEqual(b!.rank(12));
    }
    expect(profile.columns[1]).toEqual(whole.columns[1]);
  });

  test('of parts of different baselines carries no bins and no hash, and loses no value', () => {
    const profile = merged([schema, schema, schemaOf(kinds, 'other'), schema]);
    const whole = profileOf(schema, events);
    expect(profile).toMatchObject({ baselineHash: '', rows: 3500, unknownFeatures: 3500 });
    expect(profile.columns.map(counters)).toEqual(whole.columns.map(counters));
    const price = (profile.columns[0] as NumericColumn).summary;
    expect(price.bins).toBeUndefined();
    expect(readNumeric(price).rank(12)).toEqual(
      readNumeric((whole.columns[0] as NumericColumn).summary).rank(12),
    );
    expect(profile.columns[1]).toEqual(whole.columns[1]);
  });

  test.each([['hash'], ['other']])('leaves its parts as they were (second baseline: %s)', (hash) => {
    const made = () => [profileOf(schema, parts[1]!), profileOf(schemaOf(kinds, hash), parts[2]!)] as const;
    const [first, second] = made();
    const whole = mergedProfile([first, second]);
    for (const each of events) observePrediction(whole, schema, each);
    expect([first, second]).toEqual(made());
  });

  test('of one part is a copy of it', () => {
    const part = profileOf(schema, parts[2]!);
    const copy = mergedProfile([part]);
    expect(copy.columns.map(counters)).toEqual(part.columns.map(counters));
    observePrediction(copy, schema, events[0]!);
    expect([part.rows, copy.rows]).toEqual([2050, 2051]);
  });
});
