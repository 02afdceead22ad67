import { describe, expect, test } from 'vitest';
import {
  type CategorySummary,
  categoryCount,
  copyCategorySummary,
  distinctCategories,
  emptyCategorySummary,
  mergeCategorySummaries,
  nameLengthMax,
  observeCategory,
  topCategories,
} from '../../src/sketch/category-summary.ts';
import { type CategoryValue, compileDictionary } from '../../src/sketch/dictionary.ts';

const dictionary = compileDictionary(['BB', 'HB', '1', 'true']);

function summaryOf(...values: readonly CategoryValue[]): CategorySummary {
  const summary = emptyCategorySummary(dictionary);
  for (const value of values) observeCategory(summary, value);
  return summary;
}

describe('a category summary', () => {
  test('counts known categories in the order of the dictionary, and the others by name', () => {
    const summary = summaryOf('HB', 'HB', 1, '1', true, 'true', false, 'SC', 'SC', 2.5);
    expect([...summary.counts]).toEqual([0, 2, 2, 2]);
    expect(summary.unseen).toBe(4);
    expect(new Map(summary.names.counts)).toEqual(
      new Map([
        ['false', 1],
        ['SC', 2],
        ['2.5', 1],
      ]),
    );
    expect(categoryCount(summary)).toBe(10);
  });

  test('without a dictionary has everything unseen', () => {
    const summary = emptyCategorySummary();
    for (const value of ['a', 'a', 1, '1']) observeCategory(summary, value);
    expect(summary.unseen).toBe(4);
    expect(topCategories(summary, 10)).toEqual([
      { name: '1', count: 2 },
      { name: 'a', count: 2 },
    ]);
  });

  test('cuts long names, so that those which agree so far are one', () => {
    const long = 'x'.repeat(nameLengthMax);
    const summary = summaryOf(`${long}a`, `${long}b`, long, 'x'.repeat(nameLengthMax - 1));
    expect([...summary.names.counts.values()]).toEqual([3, 1]);
    expect(Math.max(...[...summary.names.counts.keys()].map((name) => name.length))).toBe(nameLengthMax);
  });

  test('knows how many categories there are, known ones and unseen ones', () => {
    expect(distinctCategories(summaryOf())).toBe(0);
    expect(distinctCategories(summaryOf('HB', 'HB', 1, '1', true, 'SC', 'SC', false, 'false'))).toBe(5);
    const many = Array.from({ length: 4000 }, (_, i) => `n${i % 999}`);
    expect(distinctCategories(summaryOf('HB', ...many))).toBe(1000);
    const more = Array.from({ length: 20_000 }, (_, i) => `n${i % 15_000}`);
    expect(Math.abs(distinctCategories(summaryOf('HB', ...more))! / 15_001 - 1)).toBeLessThan(0.03);
  });

  test('counts names that are alike as far as they are kept as one', () => {
    const long = 'x'.repeat(nameLengthMax);
    expect(distinctCategories(summaryOf(`${long}a`, `${long}b`, long))).toBe(1);
  });

  test('ranks categories by count, equal ones by name, known and unseen alike', () => {
    const summary = summaryOf('SC', 'SC', 'HB', 'HB', 'BB', 'AA', 'AA', 'AA');
    expect(topCategories(summary, 3)).toEqual([
      { name: 'AA', count: 3 },
      { name: 'HB', count: 2 },
      { name: 'SC', count: 2 },
    ]);
    expect(topCategories(summaryOf(), 3)).toEqual([]);
  });

  test('merges by addition, and leaves what is merged as it was', () => {
    const [into, from] = [summaryOf('BB', 'SC'), summaryOf('BB', 'HB', 'SC', 'XX')];
    const before = copyCategorySummary(from);
    mergeCategorySummaries(into, from);
    observeCategory(into, 'SC');
    expect([...into.counts]).toEqual([2, 1, 0, 0]);
    expect(into.unseen).toBe(4);
    expect(into.names.counts.get('SC')).toBe(3);
    expect(from).toEqual(before);
  });

  test('refuses to merge one of another dictionary, and stays as it was', () => {
    const into = summaryOf('BB');
    for (const other of [
      compileDictionary(['HB', 'BB', '1', 'true']),
      compileDictionary(['BB']),
      undefined,
    ]) {
      const from = emptyCategorySummary(other);
      observeCategory(from, 'BB');
      expect(() => mergeCategorySummaries(into, from)).toThrow(expect.objectContaining({ code: 'BUG' }));
      expect(into).toEqual(summaryOf('BB'));
    }
    const compiledApart = emptyCategorySummary(compileDictionary(['BB', 'HB', '1', 'true']));
    expect(() => mergeCategorySummaries(into, compiledApart)).not.toThrow();
  });

  test('a copy goes its own way', () => {
    const summary = summaryOf('BB', 'SC');
    const copy = copyCategorySummary(summary);
    for (const value of ['BB', 'SC', 'new']) observeCategory(copy, value);
    expect(summary).toEqual(summaryOf('BB', 'SC'));
  });
});
