import { expect, test } from 'vitest';
import { normalTail } from '../../src/stats/normal.ts';
import { normalsOf } from './normals.ts';

const count = 1_000_000;

function drawn(seed: number): Float64Array {
  const next = normalsOf(seed);
  return Float64Array.from({ length: count }, () => next());
}

const values = drawn(1);

test('the values are standard normal, in the middle and in both tails', () => {
  const sorted = values.slice().sort();
  for (const z of [-4, -3.4427, -3, -2, -1, -0.5, -0.1, 0, 0.1, 0.5, 1, 2, 3, 3.4427, 4]) {
    const expected = 1 - normalTail(z);
    const below = sorted.findIndex((x) => x > z) / count;
    const deviation = Math.sqrt((expected * (1 - expected)) / count);
    expect(Math.abs(below - expected), `below ${z}`).toBeLessThan(4 * deviation);
  }
  let squares = 0;
  let fourths = 0;
  for (const x of values) {
    squares += x * x;
    fourths += x ** 4;
  }
  expect(Math.abs(squares / count - 1)).toBeLessThan(4 * Math.sqrt(2 / count));
  expect(Math.abs(fourths / count - 3)).toBeLessThan(4 * Math.sqrt(96 / count));
});

test('neighbours, and values of neighbouring seeds, are not correlated', () => {
  const others = [values.subarray(1), values.subarray(5), drawn(2), drawn(2 ** 31)];
  for (const other of others) {
    const pairs = Math.min(other.length, count);
    let products = 0;
    let ofSquares = 0;
    for (let i = 0; i < pairs; i++) {
      products += values[i]! * other[i]!;
      ofSquares += (values[i]! ** 2 - 1) * (other[i]! ** 2 - 1);
    }
    expect(Math.abs(products / pairs)).toBeLessThan(4 / Math.sqrt(pairs));
    expect(Math.abs(ofSquares / pairs)).toBeLessThan((4 * 2) / Math.sqrt(pairs));
  }
});

test('a seed gives the same values again, and another gives others', () => {
  const [again, other] = [normalsOf(1), normalsOf(2)];
  for (const value of values.subarray(0, 1_000)) {
    expect(again()).toBe(value);
    expect(other()).not.toBe(value);
  }
});
