import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countVector, occupied } from '../../src/drift/count-vectors.ts';
import { compileBinning, freezeEdges } from '../../src/sketch/binning.ts';
import { coarseBins, coarsenedBins, coarsenedCategories } from '../../src/sketch/coarsen.ts';
import { emptyNumericSummary, observeNumber, readNumeric } from '../../src/sketch/numeric-summary.ts';
import { total } from '../../src/sketch/total.ts';
import { normal, uniform } from '../drift/random.ts';

function fineCounts(values: readonly number[]): Float64Array {
  const sorted = Float64Array.from(values).sort();
  const summary = emptyNumericSummary(compileBinning(freezeEdges(sorted)));
  for (const value of values) observeNumber(summary, value);
  return readNumeric(summary).bins!.counts;
}

function masses(counts: Float64Array): Float64Array {
  const coarsening = coarsenedBins(counts);
  return countVector(coarsening, counts, 0, 0).subarray(0, coarsening.size);
}

describe('coarsened bins', () => {
  test('of a smooth column hold about a 32nd of the rows each', () => {
    const random = uniform(1);
    const coarse = masses(fineCounts(Array.from({ length: 20_000 }, () => normal(random))));
    expect(coarse.length).toBe(coarseBins);
    for (const mass of coarse) expect(mass / 20_000).toBeCloseTo(1 / coarseBins, 2);
  });

  test('leave every value alone that holds a full share', () => {
    const random = uniform(2);
    const values = Array.from({ length: 10_000 }, () =>
      random() < 0.6 ? 0 : random() < 0.2 ? 7 : normal(random) * 5,
    );
    const coarse = masses(fineCounts(values));
    expect(coarse).toContain(values.filter((value) => value === 0).length);
    expect(coarse).toContain(values.filter((value) => value === 7).length);
    expect(coarse.length).toBeLessThanOrEqual(coarseBins);
    expect(coarse.length).toBeGreaterThan(10);
  });

  test('of few distinct values are those values', () => {
    const values = Array.from({ length: 2_400 }, (_, i) => i % 24);
    expect(Array.from(masses(fineCounts(values)))).toEqual(new Array(24).fill(100));
  });

  test('are adjacent, at most 32, without gaps, and lose no row', () => {
    const counts = fc.array(fc.oneof(fc.constant(0), fc.nat(20), fc.nat(5_000)), {
      minLength: 0,
      maxLength: 300,
    });
    fc.assert(
      fc.property(counts, (fine) => {
        const { groups, size } = coarsenedBins(Float64Array.from(fine));
        const used = Array.from(groups).filter((group) => group >= 0);
        expect(size).toBeLessThanOrEqual(coarseBins);
        expect([...new Set(used)]).toEqual(Array.from({ length: size }, (_, i) => i));
        expect(used).toEqual(used.toSorted((a, b) => a - b));
        fine.forEach((count, i) => {
          expect(groups[i]! < 0).toBe(count === 0);
        });
      }),
    );
  });
});

describe('coarsened categories', () => {
  test('are the 31 most frequent and the rest, ties in dictionary order', () => {
    const counts = Float64Array.from({ length: 100 }, (_, i) => (i === 99 ? 50 : i < 40 ? 10 : 1));
    const { groups, size } = coarsenedCategories(counts);
    expect(size).toBe(coarseBins);
    expect(groups[99]).toBe(0);
    expect(Array.from(groups.subarray(0, 30))).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
    expect(new Set(groups.subarray(30, 99))).toEqual(new Set([31]));
  });

  test('that the baseline has no row of are unseen', () => {
    expect(coarsenedCategories(Float64Array.of(3, 0, 2))).toEqual({
      groups: Int32Array.of(0, -1, 1),
      size: 2,
    });
  });
});

describe('count vectors', () => {
  test('hold every row once: coarse bins, missing, unseen', () => {
    const coarsening = coarsenedCategories(Float64Array.of(5, 0, 2));
    const vector = countVector(coarsening, Float64Array.of(1, 4, 2), 7, 3);
    expect(Array.from(vector)).toEqual([1, 2, 7, 7]);
    expect(total(vector)).toBe(17);
  });

  test('lose the bins that are empty on both sides', () => {
    expect(occupied(Float64Array.of(1, 0, 0, 2), Float64Array.of(0, 0, 3, 1))).toEqual({
      baseline: Float64Array.of(1, 0, 2),
      window: Float64Array.of(0, 3, 1),
    });
  });
});
