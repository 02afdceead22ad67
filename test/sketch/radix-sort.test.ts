import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sortInto } from '../../src/sketch/radix-sort.ts';
import { sampleNames, sampleOf } from '../laws/summary-samples.ts';

const sizes = [0, 1, 2, 47, 48, 49, 1000, 1024, 1025, 5000];

function sorted(values: Float64Array, length = values.length): Float64Array {
  const result = new Float64Array(length);
  sortInto(result, values, length);
  return result;
}

describe('sorting', () => {
  test.each(sampleNames)('%s: orders as the built-in sort does', (name) => {
    for (const size of sizes) {
      const values = sampleOf(name, size).map((x) => x + 0);
      const expected = values.slice().sort();
      expect(
        Buffer.compare(new Uint8Array(sorted(values).buffer), new Uint8Array(expected.buffer)),
        `${size} values`,
      ).toBe(0);
    }
  });

  test('takes as many values as it is told, and leaves them and what comes after its result alone', () => {
    const values = sampleOf('normal', 1000);
    const result = new Float64Array(700).fill(7);
    sortInto(result, values, 600);
    expect(values).toEqual(sampleOf('normal', 1000));
    expect(result).toEqual(Float64Array.of(...values.slice(0, 600).sort(), ...new Array(100).fill(7)));
  });

  test('orders any finite numbers, whatever the sort before has left behind', () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0);
    fc.assert(
      fc.property(fc.array(finite, { minLength: 50, maxLength: 300 }), (list) => {
        const values = Float64Array.from(list);
        expect(sorted(values)).toEqual(Float64Array.from(list).sort());
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  test('orders neighbouring doubles, which no key tells apart, and one far away', () => {
    for (const outlier of [1e6, 1e300]) {
      const values = Float64Array.from({ length: 1000 }, (_, i) => 1e6 + ((i * 7919) % 1000) * 2 ** -33);
      values[234] = outlier;
      expect(sorted(values)).toEqual(values.slice().sort());
    }
  });
});
