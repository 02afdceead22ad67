import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sortPrefix } from '../../src/sketch/radix-sort.ts';
import { sampleNames, sampleOf } from '../laws/summary-samples.ts';

const sizes = [0, 1, 2, 47, 48, 49, 1000, 5000, 65_536, 65_537];

describe('sorting a prefix', () => {
  test.each(sampleNames)('%s: orders as the built-in sort does', (name) => {
    for (const size of sizes) {
      const values = sampleOf(name, size).map((x) => x + 0);
      const expected = values.slice().sort();
      sortPrefix(values, size);
      expect(
        Buffer.compare(new Uint8Array(values.buffer), new Uint8Array(expected.buffer)),
        `${size} values`,
      ).toBe(0);
    }
  });

  test('leaves what comes after it alone', () => {
    const values = sampleOf('normal', 1000);
    const rest = values.slice(600);
    sortPrefix(values, 600);
    expect(values.slice(600)).toEqual(rest);
    expect(values.slice(0, 600)).toEqual(sampleOf('normal', 1000).slice(0, 600).sort());
  });

  test('orders any finite numbers, whatever the sort before has left behind', () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0);
    fc.assert(
      fc.property(fc.array(finite, { minLength: 50, maxLength: 300 }), (list) => {
        const values = Float64Array.from(list);
        sortPrefix(values, values.length);
        expect(values).toEqual(Float64Array.from(list).sort());
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  test('orders neighbouring doubles, which no key tells apart, and one far away', () => {
    for (const outlier of [1e6, 1e300]) {
      const values = Float64Array.from({ length: 2000 }, (_, i) => 1e6 + ((i * 7919) % 2000) * 2 ** -33);
      values[1234] = outlier;
      const expected = values.slice().sort();
      sortPrefix(values, values.length);
      expect(values).toEqual(expected);
    }
  });
});
