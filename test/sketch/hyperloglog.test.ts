import { expect, test } from 'vitest';
import { emptyHyperLogLog, estimatedCount, observeHash, rankMax } from '../../src/sketch/hyperloglog.ts';
import { hashNumber } from '../../src/sketch/murmur-hash.ts';

function estimateOf(first: number, count: number): number {
  const registers = emptyHyperLogLog();
  const hash = { low: 0, high: 0 };
  for (let i = 0; i < count; i++) {
    hashNumber(first + i, hash);
    observeHash(registers, hash);
  }
  return estimatedCount(registers);
}

test.each([
  [1000, 40],
  [10_000, 20],
  [50_000, 10],
])('of %i values the error is 0.81 %% in the quadratic mean, for small numbers less', (count, trials) => {
  let squares = 0;
  for (let trial = 0; trial < trials; trial++)
    squares += (estimateOf(trial * 1e7, count) / count - 1) ** 2 / trials;
  // Twice that would be no accident.
  expect(Math.sqrt(squares)).toBeLessThan(0.0162);
  expect(Math.sqrt(squares)).toBeGreaterThan(0.001);
});

test('of nothing the estimate is 0, of one value it is 1', () => {
  expect(estimatedCount(emptyHyperLogLog())).toBe(0);
  expect(Math.round(estimateOf(7, 1))).toBe(1);
});

test('registers that are all full give an infinite estimate, not a wrong one', () => {
  expect(estimatedCount(emptyHyperLogLog().fill(rankMax))).toBe(Infinity);
});

test('a hash falls into the register of its lowest bits, with the zeros behind them as its rank', () => {
  const registers = emptyHyperLogLog();
  observeHash(registers, { low: 5, high: 0 });
  expect(registers[5]).toBe(rankMax);
  observeHash(registers, { low: (1 << 14) | 6, high: 0 });
  expect(registers[6]).toBe(1);
  observeHash(registers, { low: 0x80000007, high: 0 });
  expect(registers[7]).toBe(18);
  observeHash(registers, { low: 8, high: 1 });
  expect(registers[8]).toBe(19);
  observeHash(registers, { low: 9, high: 0x80000000 });
  expect(registers[9]).toBe(50);
  observeHash(registers, { low: (1 << 14) | 9, high: 0 });
  expect(registers[9]).toBe(50);
});
