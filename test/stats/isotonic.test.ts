import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fitIsotonic, type IsotonicMap, isotonicRun, isotonicValue } from '../../src/stats/isotonic.ts';
import golden from '../golden/quality.json' with { type: 'json' };

/** The map of pairs of score and 0 or 1. */
function fitted(scores: readonly number[], labels: readonly number[]): IsotonicMap {
  const rows = new Map<number, [rows: number, hits: number]>();
  scores.forEach((score, i) => {
    const [n, hits] = rows.get(score) ?? [0, 0];
    rows.set(score, [n + 1, hits + labels[i]!]);
  });
  const ascending = [...rows].sort(([a], [b]) => a - b);
  return fitIsotonic(
    Float64Array.from(ascending, ([score]) => score),
    Float64Array.from(ascending, ([, [, hits]]) => hits),
    Float64Array.from(ascending, ([, [n]]) => n),
  )!;
}

describe('isotonic regression', () => {
  test.each(golden.binary)(
    'of scores $name is that of scikit-learn, between and outside of the scores too',
    (sample) => {
      const map = fitted(sample.scores, sample.labels);
      sample.isotonic.at.forEach((x, i) => {
        expect(isotonicValue(map, x)).toBeCloseTo(sample.isotonic.value[i]!, 12);
      });
    },
  );

  test('rises from run to run, and keeps the mean', () => {
    const row = fc.tuple(fc.integer({ min: 0, max: 20 }), fc.constantFrom(0, 1));
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 60 }), (rows) => {
        const scores = rows.map(([score]) => score / 20);
        const map = fitted(
          scores,
          rows.map(([, label]) => label),
        );
        for (let run = 1; run < map.value.length; run++) {
          expect(map.value[run]!).toBeGreaterThan(map.value[run - 1]!);
          expect(map.from[run]!).toBeGreaterThan(map.to[run - 1]!);
        }
        const mean = scores.reduce((sum, score) => sum + isotonicValue(map, score), 0);
        expect(mean).toBeCloseTo(
          rows.reduce((sum, [, label]) => sum + label, 0),
          9,
        );
      }),
    );
  });

  test('says which run a score rests on: its own, or the nearest', () => {
    const map = fitted([0.1, 0.2, 0.5, 0.9], [0, 0, 0, 1]);
    expect([...map.from]).toEqual([0.1, 0.9]);
    expect([...map.to]).toEqual([0.5, 0.9]);
    expect([0, 0.3, 0.6, 0.8, 1].map((x) => isotonicRun(map, x))).toEqual([0, 0, 0, 1, 1]);
  });

  test('there is none without rows', () => {
    const none = new Float64Array(0);
    expect(fitIsotonic(none, none, none)).toBeUndefined();
  });
});
