import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  categoricalGrouping,
  coarseLevels,
  levelFor,
  numericGrouping,
  regrouped,
} from '../../src/drift/coarse-level.ts';
import { total } from '../../src/sketch/total.ts';

const vector = (values: readonly number[], missing = 0, unseen = 0) =>
  Float64Array.from([...values, missing, unseen]);

describe('the level of a window', () => {
  test('has as many bins as leave twenty effective rows to each, but no fewer than ten', () => {
    const bins = [1, 100, 319.9, 320, 639.9, 640, 1e9].map((rows) => coarseLevels[levelFor(rows)]);
    expect(bins).toEqual([10, 10, 10, 16, 16, 32, 32]);
  });
});

describe('a coarser vector', () => {
  test('of 32 equal bins is of pairs at 16, and of three or four at 10', () => {
    const counts = vector(new Array(32).fill(100), 7, 3);
    expect([...regrouped(counts, numericGrouping(counts, 16))]).toEqual([...new Array(16).fill(200), 7, 3]);
    const ten = [...regrouped(counts, numericGrouping(counts, 10))];
    expect(ten).toHaveLength(12);
    expect(ten.slice(0, 10).every((rows) => rows === 300 || rows === 400)).toBe(true);
  });

  test('leaves a heavy bin alone', () => {
    const values = new Array<number>(30).fill(100);
    values[11] = 2_000;
    const counts = vector(values);
    for (const limit of coarseLevels)
      expect(regrouped(counts, numericGrouping(counts, limit))).toContain(2_000);
  });

  test('of categories keeps the first and pools the others', () => {
    const counts = vector([50, 40, 30, 20, 10, 9, 8, 7, 6, 5, 4, 3], 2, 1);
    expect([...regrouped(counts, categoricalGrouping(counts, 10))]).toEqual([
      ...[50, 40, 30, 20, 10, 9, 8, 7, 6, 12],
      ...[2, 1],
    ]);
  });

  test('of as many bins as it may have is the same', () => {
    const counts = vector([5, 1, 4], 1, 2);
    for (const groupingOf of [numericGrouping, categoricalGrouping]) {
      expect(regrouped(counts, groupingOf(counts, 10))).toEqual(counts);
    }
  });

  test('loses no row, and keeps missing and unseen last', () => {
    const counts = fc.array(fc.nat(1_000), { minLength: 0, maxLength: 32 });
    fc.assert(
      fc.property(
        counts,
        fc.nat(9),
        fc.nat(9),
        fc.constantFrom(10, 16, 32),
        (values, missing, unseen, limit) => {
          const filled = vector(
            values.map((count) => count + 1),
            missing,
            unseen,
          );
          for (const groupingOf of [numericGrouping, categoricalGrouping]) {
            const coarser = regrouped(filled, groupingOf(filled, limit));
            expect(total(coarser)).toBe(total(filled));
            expect(coarser.length).toBeLessThanOrEqual(limit + 2);
            expect([...coarser.subarray(-2)]).toEqual([missing, unseen]);
          }
        },
      ),
    );
  });
});
