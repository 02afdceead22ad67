import { describe, expect, test } from 'vitest';
import { compileBinning } from '../../src/sketch/binning.ts';
import { copyBins, emptyBins, mergeBins, observeBins, sameEdges } from '../../src/sketch/bins.ts';

const binning = compileBinning(Float64Array.of(0, 10, 20));

describe('bins', () => {
  test('count and sum what lies in them, edges to the right, the ends open', () => {
    const bins = emptyBins(binning);
    observeBins(bins, Float64Array.of(-1e300, -5, 0, 9.5, 10, 20, 1e6), 7);
    expect([...bins.counts]).toEqual([2, 2, 1, 2]);
    expect([...bins.sums]).toEqual([-1e300, 9.5, 10, 1_000_020]);
  });

  test('take only as many values as they are told', () => {
    const bins = emptyBins(binning);
    observeBins(bins, Float64Array.of(5, 5, 99), 2);
    expect([...bins.counts]).toEqual([0, 2, 0, 0]);
  });

  test('merge by addition, and leave what is merged as it was', () => {
    const [into, from] = [emptyBins(binning), emptyBins(binning)];
    observeBins(into, Float64Array.of(1, 15), 2);
    observeBins(from, Float64Array.of(2, 25), 2);
    const before = copyBins(from);
    mergeBins(into, from);
    expect([...into.counts]).toEqual([0, 2, 1, 1]);
    expect([...into.sums]).toEqual([0, 3, 15, 25]);
    expect(from).toEqual(before);
  });

  test('of equal edges merge though they were compiled apart', () => {
    const other = compileBinning(Float64Array.of(0, 10, 20));
    expect(sameEdges(binning, other)).toBe(true);
    expect(() => mergeBins(emptyBins(binning), emptyBins(other))).not.toThrow();
  });

  test.each([[[0, 10]], [[0, 10, 21]], [[]]])('refuse others with edges %j', (edges) => {
    const other = emptyBins(compileBinning(Float64Array.from(edges)));
    expect(() => mergeBins(emptyBins(binning), other)).toThrow(expect.objectContaining({ code: 'BUG' }));
  });

  test('a copy goes its own way', () => {
    const bins = emptyBins(binning);
    const copy = copyBins(bins);
    observeBins(copy, Float64Array.of(5), 1);
    expect([...bins.counts, ...bins.sums]).toEqual(Array(8).fill(0));
  });
});
