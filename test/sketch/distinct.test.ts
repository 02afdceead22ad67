import { expect, test } from 'vitest';
import {
  copyDistinct,
  type Distinct,
  distinctCount,
  distinctCountWith,
  emptyDistinct,
  exactDistinctMax,
  hashes,
  observeDistinctNumber,
  observeDistinctText,
} from '../../src/sketch/distinct.ts';

function named(count: number, first = 0): Distinct {
  const distinct = emptyDistinct();
  for (let i = first; i < first + count; i++) observeDistinctText(distinct, `name ${i}`);
  return distinct;
}

test('is exact below a thousand values, an estimate within 3 % from there on', () => {
  for (const count of [0, 1, 2, 17, exactDistinctMax - 1]) {
    const distinct = named(count);
    expect(distinctCount(distinct)).toBe(count);
    expect([...hashes(distinct)].length).toBe(count);
  }
  for (const count of [exactDistinctMax, exactDistinctMax + 1, 5000]) {
    const distinct = named(count);
    expect(distinct.registers).toBeDefined();
    expect([...hashes(distinct)]).toEqual([]);
    expect(Math.abs(distinctCount(distinct) / count - 1)).toBeLessThan(0.03);
  }
});

test('repeated values do not end the exact phase', () => {
  const distinct = emptyDistinct();
  for (let i = 0; i < 50_000; i++) observeDistinctNumber(distinct, i % (exactDistinctMax - 1));
  expect(distinctCount(distinct)).toBe(exactDistinctMax - 1);
});

test('0 and -0 are one number; 1 and "1" are two values', () => {
  const distinct = emptyDistinct();
  observeDistinctNumber(distinct, 0);
  observeDistinctNumber(distinct, -0);
  expect(distinctCount(distinct)).toBe(1);
  observeDistinctNumber(distinct, 1);
  observeDistinctText(distinct, '1');
  expect(distinctCount(distinct)).toBe(3);
});

test('hashes are kept in ascending order', () => {
  const values = [...hashes(named(500))].map(({ high, low }) => (BigInt(high) << 32n) | BigInt(low));
  expect(values).toEqual(values.toSorted((a, b) => (a < b ? -1 : 1)));
});

test.each([0, 40, 5000])('together with texts, %i values count those once that are in both', (count) => {
  const distinct = named(count);
  const before = copyDistinct(distinct);
  const texts = Array.from({ length: 60 }, (_, i) => `name ${i + count - 20}`);
  const whole = count + (count === 0 ? 60 : 40);
  const found = distinctCountWith(distinct, texts);
  if (count < exactDistinctMax) expect(found).toBe(whole);
  else expect(Math.abs(found / whole - 1)).toBeLessThan(0.03);
  expect(distinct).toEqual(before);
});

test('a copy goes on alone', () => {
  for (const count of [30, 3000]) {
    const original = named(count);
    const copy = copyDistinct(original);
    for (let i = 0; i < 3000; i++) observeDistinctText(copy, `other ${i}`);
    expect(original).toEqual(named(count));
    expect(distinctCount(copy)).toBeGreaterThan(count + 2000);
  }
});
