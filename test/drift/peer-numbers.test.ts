import { describe, expect, test } from 'vitest';
import { type ColumnRows, peerNumbers, peerProducts } from '../../src/drift/compatibility.ts';
import {
  nannymlCategories,
  nannymlJensenShannon,
  nannymlThresholds,
} from '../../src/drift/compatibility-nannyml.ts';
import { peerSample } from './peer-samples.ts';

const numbers = (rows: Iterable<number>): ColumnRows => ({ kind: 'numeric', rows: Float64Array.from(rows) });
const names = (rows: readonly (string | null)[]): ColumnRows => ({ kind: 'categorical', rows });

const reference = numbers(peerSample(1, 3005, 0));
const current = numbers(peerSample(2, 700, 0.4));

describe.each(peerProducts)('%s', (product) => {
  test('says nothing where one side has no value, or the sides are not of one kind', () => {
    expect(peerNumbers(product, reference, numbers([Number.NaN, Infinity]))).toEqual([]);
    expect(peerNumbers(product, numbers([]), current)).toEqual([]);
    expect(peerNumbers(product, reference, names(['a']))).toEqual([]);
    expect(peerNumbers(product, names(['a', null]), names([null, null]))).toEqual([]);
  });

  test('leaves rows without a value out', () => {
    const holes = numbers([...current.rows, Number.NaN, Number.NaN] as number[]);
    expect(peerNumbers(product, reference, holes)).toEqual(peerNumbers(product, reference, current));
    expect(peerNumbers(product, names(['a', 'b', 'a']), names(['b', null, 'a']))).toEqual(
      peerNumbers(product, names(['a', 'b', 'a']), names(['b', 'a'])),
    );
  });

  test('has a number that it takes by default for either kind', () => {
    const ofNumbers = peerNumbers(product, reference, current);
    const ofNames = peerNumbers(product, names(['a', 'b', 'a']), names(['b', 'c', 'a']));
    for (const found of [ofNumbers, ofNames]) expect(found.some(({ isDefault }) => isDefault)).toBe(true);
  });
});

test('Evidently decides by the test of the size and the kind, which stands first', () => {
  const first = (before: ColumnRows, after: ColumnRows) => peerNumbers('evidently', before, after)[0]!;
  expect(first(reference, current)).toMatchObject({
    statistic: 'wasserstein',
    isDefault: true,
    threshold: 0.1,
  });
  const small = numbers((reference.rows as Float64Array).subarray(0, 900));
  expect(first(small, current)).toMatchObject({ statistic: 'ks', threshold: 0.05, drifted: true });
  expect(first(names(['a', 'b', 'a']), names(['b', 'a']))).toMatchObject({ statistic: 'z' });
  expect(first(names(['a', 'b', 'c']), names(['b', 'a']))).toMatchObject({ statistic: 'chisquare' });
});

describe("NannyML's thresholds", () => {
  const rows = reference.rows as Float64Array;

  test('are learnt from ten chunks of the reference in its order, the last with what is left over', () => {
    const chunks = Array.from({ length: 10 }, (_, k) =>
      rows.subarray(300 * k, k === 9 ? 3005 : 300 * (k + 1)),
    );
    const { upper } = nannymlThresholds(chunks.map((chunk) => nannymlJensenShannon(rows, chunk)));
    const [found] = peerNumbers('nannyml', reference, current);
    expect(found).toMatchObject({ statistic: 'jensen_shannon', threshold: upper, drifted: true });
    expect(found!.value).toBe(nannymlJensenShannon(rows, current.rows as Float64Array));
  });

  test('are exceeded below too: the reference itself is nearer than its chunks', () => {
    expect(peerNumbers('nannyml', reference, reference)[0]).toMatchObject({ value: 0, drifted: true });
  });

  test('are none where there are fewer rows than chunks', () => {
    const few = numbers([1, 2, 3, 4, 5]);
    expect(peerNumbers('nannyml', few, few)[0]).toMatchObject({ threshold: null, drifted: null });
  });

  test('of categories follow the same rule, and chi2 alarms by its p-value', () => {
    const plans = (count: number, of: (i: number) => string) =>
      names(Array.from({ length: count }, (_, i) => of(i)));
    const before = plans(1000, (i) => 'abc'[(i * i + (i >> 3)) % 3]!);
    const after = plans(300, (i) => 'ab'[i % 2]!);
    const found = peerNumbers('nannyml', before, after);
    expect(found.map(({ statistic }) => statistic)).toEqual([
      'jensen_shannon',
      'hellinger',
      'l_infinity',
      'chi2',
    ]);
    expect(found.every(({ drifted }) => drifted)).toBe(true);
    const counts = (of: ColumnRows) =>
      Float64Array.from('abc', (name) => (of.rows as string[]).filter((value) => value === name).length);
    const { chiSquared } = nannymlCategories({ reference: counts(before), current: counts(after) });
    expect(found.at(-1)).toMatchObject({ value: chiSquared!.statistic, threshold: null });
    expect(peerNumbers('nannyml', before, before).at(-1)).toMatchObject({ drifted: false });
  });
});
