import { describe, expect, test } from 'vitest';
import {
  type Binning,
  binCount,
  binOf,
  compileBinning,
  freezeEdges,
  nextUp,
} from '../../src/sketch/binning.ts';
import {
  copyNumericSummary,
  emptyNumericSummary,
  mergeNumericSummaries,
  type NumericSummary,
  numericCount,
  observeNumber,
  pendingMax,
  readNumeric,
  rebinned,
  withoutBins,
} from '../../src/sketch/numeric-summary.ts';
import { benignNames, sampleOf } from '../laws/summary-samples.ts';

const binning = compileBinning(freezeEdges(sampleOf('normal', 20_000).sort()));

function summaryOf(values: Float64Array, bins?: Binning): NumericSummary {
  const summary = emptyNumericSummary(bins);
  for (const x of values) observeNumber(summary, x);
  return summary;
}

/** The content, without room to spare. */
function content(summary: NumericSummary): unknown {
  return { ...summary, pending: summary.pending.slice(0, summary.pendingCount) };
}

describe('a numeric summary', () => {
  test('keeps a thousand values raw, and reads them exactly', () => {
    const values = sampleOf('integers', pendingMax);
    const reading = readNumeric(summaryOf(values));
    const sorted = values.slice().sort();
    expect(reading.exact).toEqual(sorted);
    for (const q of [0, 0.001, 0.07, 0.5, 0.95, 0.9995, 1]) {
      const expected = sorted.find((x) => sorted.filter((y) => y <= x).length / sorted.length >= q);
      expect(reading.quantile(q)).toBe(expected);
    }
    for (const x of [-1e9, 40, 40.5, 1e9]) {
      const [below, atOrBelow] = [values.filter((v) => v < x).length, values.filter((v) => v <= x).length];
      expect(reading.rank(x)).toEqual({ below, atOrBelow });
    }
    const more = summaryOf(values);
    observeNumber(more, 40);
    expect(readNumeric(more).exact).toBeUndefined();
  });

  test('quantiles of few values are the inverted distribution function, rounding notwithstanding', () => {
    const hundred = readNumeric(summaryOf(Float64Array.from({ length: 100 }, (_, i) => i + 1)));
    for (let k = 1; k <= 100; k++) expect(hundred.quantile(k / 100)).toBe(k);
    expect(readNumeric(summaryOf(Float64Array.of(3, 1, 2))).quantile(0.5)).toBe(2);
    expect(readNumeric(emptyNumericSummary()).quantile(0.5)).toBeNaN();
  });

  test('counts what waits in moments, bins, ranks and n', () => {
    const values = sampleOf('normal', 2750);
    const reading = readNumeric(summaryOf(values, binning));
    expect([reading.n, reading.moments.n]).toEqual([2750, 2750]);
    expect(numericCount(summaryOf(values))).toBe(2750);
    const counts = new Float64Array(binCount(binning));
    for (const x of values) counts[binOf(binning, x)]! += 1;
    expect(reading.bins?.counts).toEqual(counts);
    expect(reading.rank(1e9)).toEqual({ below: 2750, atOrBelow: 2750 });
    expect(reading.quantile(1)).toBe(Math.max(...values));
  });

  test('is not changed by being read, copied or re-binned', () => {
    const [watched, alone] = [emptyNumericSummary(binning), emptyNumericSummary(binning)];
    for (const x of sampleOf('normal', 5000)) {
      observeNumber(watched, x);
      observeNumber(alone, x);
      if (watched.pendingCount % 97 === 0) {
        readNumeric(watched).quantile(0.5);
        observeNumber(copyNumericSummary(watched), 1);
        rebinned(watched, compileBinning(Float64Array.of(0)));
      }
    }
    expect(content(watched)).toEqual(content(alone));
  });

  test('is the same whether a copy or the original goes on', () => {
    for (const size of [0, 1, 63, 64, 65, 999, 1000, 1001, 1700]) {
      const original = summaryOf(sampleOf('normal', size), binning);
      const copy = copyNumericSummary(original);
      for (const x of sampleOf('normal', 1500, 2)) {
        observeNumber(original, x);
        observeNumber(copy, x);
      }
      expect(content(copy)).toEqual(content(original));
    }
  });

  test.each([900, 1000, 1001, 25_000])('knows how many distinct values %i are, where asked', (count) => {
    const values = Float64Array.from({ length: count }, (_, i) => (i % 700) / 7);
    const asked = emptyNumericSummary(binning, true);
    for (const x of values) observeNumber(asked, x);
    expect(readNumeric(asked).distinct).toBe(Math.min(count, 700));
    expect(readNumeric(summaryOf(values)).distinct).toBe(count > pendingMax ? undefined : 700);
  });

  test('estimates the number of many distinct values within 3 %', () => {
    const asked = emptyNumericSummary(undefined, true);
    for (let i = 0; i < 30_000; i++) observeNumber(asked, i % 12_345);
    expect(Math.abs(readNumeric(asked).distinct! / 12_345 - 1)).toBeLessThan(0.03);
  });

  test('takes -0 for 0', () => {
    const values = Float64Array.from({ length: 3000 }, (_, i) => (i % 2 ? 0 : -0));
    const summary = summaryOf(values, compileBinning(freezeEdges(Float64Array.of(0))));
    expect(content(summary)).toEqual(content(summaryOf(new Float64Array(3000), summary.bins!.binning)));
    expect(Object.is(readNumeric(summary).moments.min, 0)).toBe(true);
  });

  test('takes memory only as values come', () => {
    expect(emptyNumericSummary(binning).pending.length).toBe(0);
    expect(summaryOf(sampleOf('normal', 1)).pending.length).toBe(64);
    expect(summaryOf(sampleOf('normal', 10_000)).pending.length).toBe(pendingMax);
  });

  test('merges raw values behind those it has', () => {
    const into = summaryOf(Float64Array.of(3, 1));
    mergeNumericSummaries(into, summaryOf(Float64Array.of(2, 5)));
    expect(content(into)).toEqual(content(summaryOf(Float64Array.of(3, 1, 2, 5))));
  });

  test.each([
    ['one with bins and one without', binning, undefined],
    ['one without bins and one with', undefined, binning],
    ['two with different bins', binning, compileBinning(Float64Array.of(0))],
  ])('refuses to merge %s, and stays as it was', (_, a, b) => {
    const [into, from] = [summaryOf(sampleOf('normal', 1500), a), summaryOf(sampleOf('normal', 1500, 2), b)];
    const before = structuredClone(content(into));
    expect(() => mergeNumericSummaries(into, from)).toThrow(expect.objectContaining({ code: 'BUG' }));
    expect(content(into)).toEqual(before);
    expect(() => mergeNumericSummaries(withoutBins(into), withoutBins(from))).not.toThrow();
  });
});

describe('a summary in the bins of another baseline', () => {
  const other = compileBinning(
    freezeEdges(
      sampleOf('normal', 9000, 5)
        .map((x) => x / 2 + 0.2)
        .sort(),
    ),
  );

  test('is exact while all values are raw', () => {
    const values = sampleOf('normal', 800);
    const moved = readNumeric(rebinned(summaryOf(values, binning), other));
    expect(moved.bins).toEqual(readNumeric(summaryOf(values, other)).bins);
  });

  test('stays as it is where the bins are the same', () => {
    const summary = summaryOf(sampleOf('normal', 5000), binning);
    const moved = rebinned(summary, compileBinning(binning.edges.slice()));
    expect(moved.bins?.counts).toEqual(summary.bins?.counts);
  });

  test.each(benignNames)(
    '%s: has whole counts of the same total, and the same values in each bin within the rank error',
    (name) => {
      const values = sampleOf(name, 50_500);
      const target = compileBinning(freezeEdges(sampleOf(name, 9000, 5).sort()));
      const moved = readNumeric(rebinned(summaryOf(values), target)).bins!;
      const exact = readNumeric(summaryOf(values, target)).bins!;
      expect(moved.counts.every((count) => Number.isInteger(count) && count >= 0)).toBe(true);
      expect(moved.counts.reduce((sum, count) => sum + count, 0)).toBe(values.length);
      let [rank, exactRank] = [0, 0];
      target.edges.forEach((_, i) => {
        rank += moved.counts[i]!;
        exactRank += exact.counts[i]!;
        expect(Math.abs(rank - exactRank)).toBeLessThanOrEqual(0.008 * values.length);
      });
    },
  );

  test('has every sum where its bin is, and atoms exactly', () => {
    const values = sampleOf('70 % zeros, lognormal otherwise', 60_000);
    const target = compileBinning(Float64Array.of(0, nextUp(0), 0.5, 1, 2, 8));
    const { counts, sums } = rebinned(summaryOf(values), target).bins!;
    expect(counts[1]).toBe(values.slice(0, 60_000 - 1000).filter((x) => x === 0).length);
    for (let bin = 1; bin < 6; bin++) {
      const mean = sums[bin]! / counts[bin]!;
      expect(mean).toBeGreaterThanOrEqual(target.edges[bin - 1]!);
      expect(mean).toBeLessThan(target.edges[bin]!);
    }
  });

  test('has the sum of a heavy tail in its open bin', () => {
    const values = sampleOf('Pareto of shape 1.1', 100_000);
    const target = compileBinning(Float64Array.of(2, 100));
    const moved = readNumeric(rebinned(summaryOf(values), target)).bins!;
    const exact = readNumeric(summaryOf(values, target)).bins!;
    expect(Math.abs(moved.sums[2]! / exact.sums[2]! - 1)).toBeLessThan(0.05);
  });
});
