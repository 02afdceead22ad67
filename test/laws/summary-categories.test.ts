import { expect } from 'vitest';
import { decodeProfile, encodeProfile } from '../../src/codec/profile.ts';
import type { CategoricalColumn } from '../../src/profile/column.ts';
import { emptyProfile } from '../../src/profile/profile.ts';
import type { ColumnSpec, ModelSchema } from '../../src/profile/schema.ts';
import {
  type CategorySummary,
  emptyCategorySummary,
  mergeCategorySummaries,
  nameLengthMax,
  observeCategory,
} from '../../src/sketch/category-summary.ts';
import { type CategoryValue, categoryText, compileDictionary } from '../../src/sketch/dictionary.ts';
import {
  countersMax,
  emptyHeavyHitters,
  type HeavyHitters,
  mergeHeavyHitters,
  observeName,
} from '../../src/sketch/heavy-hitters.ts';
import { type NamedValues, type SummaryCase, summaryLaws } from './summary.laws.ts';
import { sampleSizes, seededRandom } from './summary-samples.ts';

function schemaOf(spec: ColumnSpec): ModelSchema {
  return { model: 'm', task: 'regression', columns: [spec], baselineHash: 'hash' };
}

type Categories = readonly CategoryValue[];

const awkward: Categories = [
  ...[
    '__proto__',
    'constructor',
    'toString',
    '',
    ' ',
    '\u0000',
    'é',
    'e\u0301',
    '日本',
    '😀',
    '\ud800',
    '\ufeffx',
  ],
  ...['x'.repeat(300), '😀'.repeat(200), 'true', true, false, '1', 1, 1.5, -0, 0, 1e21, 5e-324],
];

const categories: NamedValues<Categories>[] = sampleSizes.flatMap((size) => {
  const random = seededRandom(5);
  const draw = (value: () => CategoryValue) => Array.from({ length: size }, value);
  return [
    { name: `${size} × five names`, values: draw(() => 'abcde'[Math.floor(random() * 5)]!) },
    { name: `${size} × awkward names`, values: draw(() => awkward[Math.floor(random() * awkward.length)]!) },
    { name: `${size} × names of a Zipf law`, values: draw(() => `z${Math.floor(1 / (1 - random()))}`) },
    { name: `${size} × names that never return`, values: Array.from({ length: size }, (_, i) => `u${i}`) },
    {
      name: `${size} × 150 names and others that never return`,
      values: Array.from({ length: size }, (_, i) => (i % 3 === 0 ? i : `n${i % 150}`)),
    },
  ];
});

function textOf(value: CategoryValue): string {
  return categoryText(value).slice(0, nameLengthMax);
}

function counted(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** True counts lie between the counter and the counter plus the error, which is bounded, as memory is. */
function expectTrueHitters(hitters: HeavyHitters, names: readonly string[], sample: string): void {
  const truth = counted(names);
  expect(hitters.counts.size, sample).toBeLessThanOrEqual(countersMax);
  expect(hitters.error, sample).toBeLessThanOrEqual(names.length / (countersMax / 2 + 1));
  for (const [name, count] of truth) {
    const counter = hitters.counts.get(name) ?? 0;
    const isBetween = counter <= count && count <= counter + hitters.error;
    if (!isBetween)
      expect.fail(`${sample}: ${name} counted ${counter}, error ${hitters.error}, in truth ${count}`);
  }
  expect([...hitters.counts.keys()].filter((name) => !truth.has(name))).toEqual([]);
}

function encodeCategories(summary: CategorySummary): Uint8Array {
  const schema = schemaOf({ name: 'x', kind: 'categorical', ...(summary.dictionary && { dictionary }) });
  const column: CategoricalColumn = { kind: 'categorical', missing: 0, invalid: 0, summary };
  return encodeProfile({ ...emptyProfile(schema), columns: [column] }, schema);
}

function decodeCategories(bytes: Uint8Array, isKnown: boolean): CategorySummary {
  const schema = schemaOf({ name: 'x', kind: 'categorical', ...(isKnown && { dictionary }) });
  return (decodeProfile(bytes, schema).columns[0] as CategoricalColumn).summary;
}

const hittersCase: SummaryCase<HeavyHitters, Categories> = {
  name: 'heavy hitters',
  samples: categories,
  empty: emptyHeavyHitters,
  of: (values) => {
    const hitters = emptyHeavyHitters();
    for (const value of values) observeName(hitters, textOf(value));
    return hitters;
  },
  merge: (into, from) => {
    mergeHeavyHitters(into, from);
    return into;
  },
  encode: (names, values) => encodeCategories({ ...emptyCategorySummary(), unseen: values.length, names }),
  decode: (bytes) => decodeCategories(bytes, false).names,
  expectSame: (actual, expected, { name, values }) => {
    if (new Set(values.map(textOf)).size <= countersMax) expect(actual, name).toEqual(expected);
    else expectTrueHitters(actual, values.map(textOf), name);
  },
  expectTrue: (actual, { name, values }) => expectTrueHitters(actual, values.map(textOf), name),
};

const known = [
  'a',
  'c',
  '__proto__',
  'true',
  '1',
  '1e+21',
  'z1',
  'n7',
  'u0',
  '😀',
  '\ud800',
  'x'.repeat(256),
];
const dictionary = compileDictionary(known);

const categoryCase: SummaryCase<CategorySummary, Categories> = {
  name: 'category summary',
  samples: categories,
  empty: () => emptyCategorySummary(dictionary),
  of: (values) => {
    const summary = emptyCategorySummary(dictionary);
    for (const value of values) observeCategory(summary, value);
    return summary;
  },
  merge: (into, from) => {
    mergeCategorySummaries(into, from);
    return into;
  },
  encode: encodeCategories,
  decode: (bytes) => decodeCategories(bytes, true),
  expectSame: (actual, expected, { name }) => {
    expect(actual.counts, name).toEqual(expected.counts);
    expect(actual.unseen, name).toBe(expected.unseen);
    if (expected.names.error === 0) expect(actual.names, name).toEqual(expected.names);
  },
  expectTrue: (actual, { name, values }) => {
    const texts = values.map(textOf);
    const truth = counted(texts);
    const unseen = texts.filter((text) => !known.includes(text));
    expect([...actual.counts], name).toEqual(known.map((text) => truth.get(text) ?? 0));
    expect(actual.unseen, name).toBe(unseen.length);
    expectTrueHitters(actual.names, unseen, name);
  },
};

summaryLaws(hittersCase);
summaryLaws(categoryCase);
