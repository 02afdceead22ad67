import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addExactly,
  addProduct,
  canonicalParts,
  copySum,
  type ExactSum,
  emptySum,
  mergeSums,
  squaredDeviations,
  sumValue,
} from '../../src/sketch/exact-sum.ts';

const number = fc.double({ noNaN: true, min: -1e100, max: 1e100 });

function sumOf(values: readonly number[]): ExactSum {
  const sum = emptySum();
  for (const value of values) addExactly(sum, value);
  return sum;
}

/** A double as a whole number of 2^-1074. */
function wholeOf(x: number): bigint {
  const [mantissa, exponent] = partsOf(x);
  return mantissa << BigInt(exponent + 1074);
}

function partsOf(x: number): [mantissa: bigint, exponent: number] {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const bits = view.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & ((1n << 52n) - 1n);
  const mantissa = exponent === 0 ? fraction : fraction | (1n << 52n);
  return [x < 0 ? -mantissa : mantissa, Math.max(exponent, 1) - 1075];
}

describe('an exact sum', () => {
  test('has the value of the sum in whole numbers, rounded once', () => {
    fc.assert(
      fc.property(fc.array(number, { maxLength: 60 }), (values) => {
        const exact = values.reduce((sum, x) => sum + wholeOf(x), 0n);
        const parts = canonicalParts(sumOf(values));
        expect(parts.reduce((sum, x) => sum + wholeOf(x), 0n)).toBe(exact);
        const value = sumValue(sumOf(values));
        const off = (x: number) => {
          const distance = wholeOf(x) - exact;
          return distance < 0n ? -distance : distance;
        };
        // No neighbour is nearer.
        const step = Math.max(Number.MIN_VALUE, Math.abs(value) * 2 ** -53);
        expect(off(value) <= off(value + step) && off(value) <= off(value - step)).toBe(true);
      }),
    );
  });

  test('is the same in every order, down to the last bit of what is stored of it', () => {
    fc.assert(
      fc.property(fc.array(number, { maxLength: 40 }), fc.infiniteStream(fc.nat()), (values, keys) => {
        const order = values.map((value) => ({ value, key: keys.next().value as number }));
        order.sort((a, b) => a.key - b.key);
        expect(canonicalParts(sumOf(order.map(({ value }) => value)))).toEqual(canonicalParts(sumOf(values)));
      }),
    );
  });

  test('is what it was before, once what was added is taken away', () => {
    fc.assert(
      fc.property(fc.array(number), fc.array(number), (kept, removed) => {
        const sum = sumOf([...kept, ...removed]);
        mergeSums(sum, sumOf(removed), -1);
        expect(canonicalParts(sum)).toEqual(canonicalParts(sumOf(kept)));
      }),
    );
  });

  test('keeps what a plain sum loses', () => {
    expect(sumValue(sumOf([1e100, 1, -1e100]))).toBe(1);
    expect(sumValue(sumOf(Array.from({ length: 10 }, () => 0.1)))).toBe(1);
    // Half way between two doubles, and a little beyond: what is further down decides.
    expect(sumValue(sumOf([1, 2 ** -53]))).toBe(1);
    expect(sumValue(sumOf([1, 2 ** -53, 2 ** -200]))).toBe(1 + 2 ** -52);
  });

  test('a copy lives by itself', () => {
    const sum = sumOf([1, 2]);
    addExactly(copySum(sum), 5);
    expect(sumValue(sum)).toBe(3);
  });

  test('holds products without rounding them', () => {
    const factor = fc
      .double({ noNaN: true, min: -1e70, max: 1e70 })
      .filter((x) => x === 0 || Math.abs(x) > 1e-70);
    fc.assert(
      fc.property(factor, factor, (a, b) => {
        const sum = emptySum();
        addProduct(sum, a, b);
        const exact = wholeOf(a) * wholeOf(b);
        const found = canonicalParts(sum).reduce((total, x) => total + wholeOf(x), 0n);
        expect(found << 1074n).toBe(exact);
      }),
    );
  });
});

test('squared deviations do not cancel where the mean is a million times the spread', () => {
  const offsets = Array.from({ length: 1000 }, (_, i) => Math.sin(i));
  const deviations = (values: readonly number[]) => {
    const squares = emptySum();
    for (const value of values) addProduct(squares, value, value);
    return squaredDeviations(values.length, sumOf(values), squares);
  };
  // Offsets that a double near 1e9 can hold, so that adding 1e9 changes nothing.
  const exact = offsets.map((x) => Math.round(x * 2 ** 20) / 2 ** 20);
  expect(deviations(exact.map((x) => x + 1e9))).toBe(deviations(exact));
  expect(deviations([])).toBe(0);
  expect(deviations([7, 7, 7])).toBe(0);
});
