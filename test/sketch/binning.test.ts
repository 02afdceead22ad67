import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { binCount, binOf, compileBinning, freezeEdges, nextUp } from '../../src/sketch/binning.ts';
import { sampleNames, sampleOf } from '../laws/summary-samples.ts';

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

/** How many edges lie at or below x: what a bin is by definition. */
function countedBin(edges: Float64Array, x: number): number {
  let bin = 0;
  while (bin < edges.length && edges[bin]! <= x) bin += 1;
  return bin;
}

function probes(edges: Float64Array): number[] {
  const extremes = [
    0,
    -0,
    Number.MIN_VALUE,
    -Number.MIN_VALUE,
    1e-310,
    Number.MAX_VALUE,
    -Number.MAX_VALUE,
    1,
    -1,
  ];
  const below = (x: number) => -nextUp(-x);
  const around = [...edges].flatMap((edge) => [edge, nextUp(edge), below(edge)]);
  return [...extremes, ...around].filter(Number.isFinite);
}

describe('the next double', () => {
  test('is greater, and nothing lies between', () => {
    fc.assert(
      fc.property(finite, (x) => {
        const next = nextUp(x);
        expect(next).toBeGreaterThan(x);
        const middle = Number.isFinite(next) ? x / 2 + next / 2 : x;
        expect(middle <= x || middle >= next).toBe(true);
      }),
      { seed: 1 },
    );
  });

  test('after zero of either sign is the least denormal, and there is none after the greatest', () => {
    expect([nextUp(0), nextUp(-0), nextUp(-Number.MIN_VALUE)]).toEqual([5e-324, 5e-324, -0]);
    expect(nextUp(1)).toBe(1 + Number.EPSILON);
    expect(nextUp(Number.MAX_VALUE)).toBe(Infinity);
  });
});

describe('the table of a binning', () => {
  test.each(sampleNames)('%s: finds the bin that counting edges finds', (name) => {
    const binning = compileBinning(freezeEdges(sampleOf(name, 5000).sort()));
    for (const x of [...probes(binning.edges), ...sampleOf(name, 2000, 2)]) {
      expect(binOf(binning, x), `bin of ${x}`).toBe(countedBin(binning.edges, x));
    }
  });

  test('finds it for any edges at all', () => {
    fc.assert(
      fc.property(fc.uniqueArray(finite, { maxLength: 60 }), fc.array(finite), (list, values) => {
        const edges = Float64Array.from(new Set(list.map((x) => x + 0))).sort();
        const binning = compileBinning(edges);
        for (const x of [...values, ...probes(edges)]) expect(binOf(binning, x)).toBe(countedBin(edges, x));
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test.each(['normal', 'normal at a million', 'lognormal', 'Pareto of shape 1.1', 'up to ±1e300'] as const)(
    '%s: leaves next to nothing to scan',
    (name) => {
      const { edges, starts } = compileBinning(freezeEdges(sampleOf(name, 20_000).sort()));
      const perSlot = [...starts].map((start, slot) => (starts[slot + 1] ?? edges.length) - start);
      expect(perSlot.reduce((sum, count) => sum + count * count, 0)).toBeLessThan(2 * edges.length);
    },
  );

  test('without edges there is one bin for everything', () => {
    const binning = compileBinning(new Float64Array(0));
    expect(binCount(binning)).toBe(1);
    expect([-1e308, 0, 1e308].map((x) => binOf(binning, x))).toEqual([0, 0, 0]);
  });
});

describe('frozen edges', () => {
  test('cut a continuous sample into 256 bins of equal mass', () => {
    const sorted = sampleOf('normal', 25_600).sort();
    const binning = compileBinning(freezeEdges(sorted));
    expect(binCount(binning)).toBe(256);
    const counts = new Float64Array(256);
    for (const x of sorted) counts[binOf(binning, x)]! += 1;
    expect(new Set(counts)).toEqual(new Set([100]));
  });

  test.each(sampleNames)('%s: give a bin of its own to every value that holds more than 1/256', (name) => {
    const sorted = sampleOf(name, 20_000).sort();
    const binning = compileBinning(freezeEdges(sorted));
    expect(
      binning.edges.every((edge, i, edges) => Number.isFinite(edge) && (i === 0 || edge > edges[i - 1]!)),
    ).toBe(true);
    expect(binCount(binning)).toBeLessThanOrEqual(3 * 256);
    const held = new Map<number, number>();
    for (const x of sorted) held.set(x + 0, (held.get(x + 0) ?? 0) + 1);
    const valuesIn = new Map<number, Set<number>>();
    for (const x of held.keys()) {
      const bin = binOf(binning, x);
      valuesIn.set(bin, (valuesIn.get(bin) ?? new Set()).add(x));
    }
    for (const [x, count] of held) {
      if (count * 256 <= sorted.length) continue;
      const bin = binOf(binning, x);
      expect(valuesIn.get(bin)).toEqual(new Set([x]));
      expect(binOf(binning, nextUp(x))).toBe(bin + 1);
    }
  });

  test('of a constant are the constant and the next double', () => {
    expect([...freezeEdges(new Float64Array(1000).fill(7))]).toEqual([7, nextUp(7)]);
    expect([...freezeEdges(new Float64Array(1000).fill(-0))]).toEqual([0, 5e-324]);
    expect([...freezeEdges(Float64Array.of(Number.MAX_VALUE))]).toEqual([Number.MAX_VALUE]);
  });

  test('of nothing are none', () => {
    expect(freezeEdges(new Float64Array(0)).length).toBe(0);
  });

  test('never leave more than two parts in 256 in a bin that is not one value', () => {
    for (const name of sampleNames) {
      const sorted = sampleOf(name, 20_000).sort();
      const { edges } = compileBinning(freezeEdges(sorted));
      const binning = compileBinning(edges);
      const counts = new Float64Array(binCount(binning));
      for (const x of sorted) counts[binOf(binning, x)]! += 1;
      counts.forEach((count, bin) => {
        const isAtom = bin > 0 && bin < edges.length && nextUp(edges[bin - 1]!) === edges[bin];
        if (!isAtom) expect(count / sorted.length, `${name}, bin ${bin}`).toBeLessThanOrEqual(2 / 256);
      });
    }
  });
});
