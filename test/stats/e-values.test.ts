import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rejectedByEBenjaminiHochberg } from '../../src/stats/e-values.ts';

describe('e-Benjamini-Hochberg', () => {
  const rejected = (values: readonly (number | null)[], level: number) =>
    rejectedByEBenjaminiHochberg(
      values.map((value) => value && Math.log(value)),
      level,
    );

  test('asks of a single value the level, of one among many as many times more', () => {
    expect(rejected([19.99], 20)).toEqual([false]);
    expect(rejected([20.01], 20)).toEqual([true]);
    expect(rejected([1, 79, 1, 1], 20)).toEqual([false, false, false, false]);
    expect(rejected([1, 81, 1, 1], 20)).toEqual([false, true, false, false]);
  });

  test('asks less of values that are great together', () => {
    expect(rejected([41, 1, 42, 1], 20)).toEqual([true, false, true, false]);
    expect(rejected([21, 22, 23, 24], 20)).toEqual([true, true, true, true]);
  });

  test('does not count what was not tested, and rejects nothing of nothing', () => {
    expect(rejected([null, 21, null], 20)).toEqual([false, true, false]);
    expect(rejected([null], 20)).toEqual([false]);
    expect(rejected([], 20)).toEqual([]);
  });

  test('is the definition: the greatest k whose k-th value reaches K level / k', () => {
    const values = fc.array(fc.double({ min: -5, max: 12, noNaN: true }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 1000 }), (logs, level) => {
        const sorted = [...logs].sort((a, b) => b - a);
        let greatest = 0;
        for (let k = 1; k <= logs.length; k++)
          if (sorted[k - 1]! >= Math.log((logs.length * level) / k)) greatest = k;
        const decided = rejectedByEBenjaminiHochberg(logs, level);
        expect(decided.filter(Boolean).length).toBeGreaterThanOrEqual(greatest);
        for (const [i, log] of logs.entries())
          expect(decided[i]).toBe(greatest > 0 && log >= sorted[greatest - 1]!);
      }),
    );
  });
});
