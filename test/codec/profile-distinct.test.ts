import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decodeProfile, encodeProfile } from '../../src/codec/profile.ts';
import type { CategoricalColumn, NumericColumn } from '../../src/profile/column.ts';
import type { PredictionEvent } from '../../src/profile/event.ts';
import { emptyProfile, mergedProfile, observePrediction, type Profile } from '../../src/profile/profile.ts';
import type { ModelSchema } from '../../src/profile/schema.ts';
import { distinctCategories } from '../../src/sketch/category-summary.ts';
import { compileDictionary } from '../../src/sketch/dictionary.ts';
import { readNumeric } from '../../src/sketch/numeric-summary.ts';

function schemaOf(names: readonly string[], baselineHash = 'hash', countsDistinct = true): ModelSchema {
  return {
    ...{ model: 'm', task: 'regression', baselineHash },
    columns: [
      { name: 'amount', kind: 'numeric', countsDistinct },
      { name: 'shop', kind: 'categorical', dictionary: compileDictionary(names) },
    ],
  };
}

const schema = schemaOf(['s0', 's1']);

interface Kinds {
  readonly amounts: number;
  readonly shops: number;
}

function observed(
  rows: number,
  { amounts, shops }: Kinds,
  onto = emptyProfile(schema),
  of = schema,
): Profile {
  for (let i = 0; i < rows; i++) {
    const event: PredictionEvent = {
      ...{ kind: 'prediction', predictionId: '', model: 'm', modelVersion: '1', timestamp: 0 },
      features: { amount: (i * i) % amounts, shop: `s${i % shops}` },
      ...{ prediction: null, score: null },
    };
    observePrediction(onto, of, event);
  }
  return onto;
}

function amounts(profile: Profile): number | undefined {
  return readNumeric((profile.columns[0] as NumericColumn).summary).distinct;
}

function shops(profile: Profile): number | undefined {
  return distinctCategories((profile.columns[1] as CategoricalColumn).summary);
}

function stored(profile: Profile, of = schema, read = of): Profile {
  return decodeProfile(encodeProfile(profile, of), read);
}

describe('distinct values in a stored profile', () => {
  test.each([
    [0, { amounts: 101, shops: 40 }],
    [900, { amounts: 101, shops: 40 }],
    [5000, { amounts: 101, shops: 700 }],
    [20_000, { amounts: 19_997, shops: 6000 }],
  ])('of %i rows are read as they were, and go on to the same bytes', (rows, kinds) => {
    const profile = observed(rows, kinds);
    const read = stored(profile);
    expect([amounts(read), shops(read)]).toEqual([amounts(profile), shops(profile)]);
    const more = { amounts: 997, shops: 1300 };
    expect(encodeProfile(observed(3000, more, read), schema)).toEqual(
      encodeProfile(observed(3000, more, profile), schema),
    );
  });

  test('are counted over parts as over the whole', () => {
    const parts = [0, 1, 2].map(() => stored(observed(3000, { amounts: 701, shops: 900 })));
    const whole = mergedProfile(parts as [Profile, ...Profile[]]);
    expect(shops(whole)).toBe(900);
    expect(amounts(whole)).toBe(new Set(Array.from({ length: 3000 }, (_, i) => (i * i) % 701)).size);
  });

  test('count a category once that another baseline knows, or knows no longer', () => {
    const profile = observed(3000, { amounts: 7, shops: 500 });
    const knowsOthers = schemaOf(['s1', ...Array.from({ length: 50 }, (_, i) => `s${i * 10 + 7}`)], 'other');
    const read = stored(profile, schema, knowsOthers);
    expect(shops(read)).toBe(500);
    expect(shops(observed(3000, { amounts: 7, shops: 500 }, read, knowsOthers))).toBe(500);
  });

  test('of a numeric column are not known where values were folded without counting them', () => {
    const notCounted = schemaOf(['s0', 's1'], 'hash', false);
    const kinds = { amounts: 101, shops: 3 };
    const of = (rows: number) => observed(rows, kinds, emptyProfile(notCounted), notCounted);
    expect(amounts(of(5000))).toBeUndefined();
    expect(amounts(of(900))).toBe(amounts(observed(900, kinds)));
    expect(amounts(stored(of(5000), notCounted, schema))).toBeUndefined();
    const begun = observed(2000, kinds, stored(of(900), notCounted, schema));
    expect(amounts(begun)).toBe(amounts(observed(2900, kinds)));
    const mixed = mergedProfile([observed(2000, kinds), stored(of(5000), notCounted, schema)]);
    expect(amounts(mixed)).toBeUndefined();
    expect(amounts(stored(observed(5000, kinds), schema, notCounted))).toBeUndefined();
  });
});

describe('a profile stored by version 1, which had no distinct values', () => {
  /** Written by that version: column `amount` i % 7, `shop` s${i % 5} of 40 rows, s${i % 300} of 1,200. */
  const old = JSON.parse(
    readFileSync(new URL('../golden/profile-version-1.json', import.meta.url), 'utf8'),
  ) as Readonly<Record<'few' | 'many', string>>;
  const read = (text: string) => decodeProfile(Buffer.from(text, 'base64'), schema);

  test('is read, and knows what can be told from the names and raw values that it kept', () => {
    const few = read(old.few);
    expect([few.rows, amounts(few), shops(few)]).toEqual([40, 7, 5]);
    const counts = (few.columns[1] as CategoricalColumn).summary;
    expect([...counts.counts, counts.unseen]).toEqual([8, 8, 24]);
  });

  test('does not say what it cannot know, merged and stored again neither', () => {
    const many = read(old.many);
    expect([many.rows, amounts(many), shops(many)]).toEqual([1200, undefined, undefined]);
    const merged = mergedProfile([observed(50, { amounts: 7, shops: 5 }), many]);
    expect([amounts(merged), shops(merged)]).toEqual([undefined, undefined]);
    expect([amounts(stored(merged)), shops(stored(merged))]).toEqual([undefined, undefined]);
  });
});
