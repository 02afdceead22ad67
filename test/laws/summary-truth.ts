// What is true of raw values, worked out the slow and certain way, and how far a summary is from it.
import { expect } from 'vitest';
import type { Rank } from '../../src/sketch/digest.ts';
import type { Moments } from '../../src/sketch/moments.ts';

/** The values in ascending order, zeros without sign. */
export function ascending(values: Float64Array): Float64Array {
  return values.map((x) => x + 0).sort();
}

/** How many values of an ascending array lie below x, and how many at or below it. */
export function rankIn(sorted: Float64Array, x: number): Rank {
  return { below: firstNot(sorted, (y) => y < x), atOrBelow: firstNot(sorted, (y) => y <= x) };
}

function firstNot(sorted: Float64Array, holds: (value: number) => boolean): number {
  let from = 0;
  let to = sorted.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (holds(sorted[middle]!)) from = middle + 1;
    else to = middle;
  }
  return from;
}

/**
 * By how much of all values the ranks of a summary miss the true ones, at the worst of up to 2,000 of the values and of
 * points between them. A value that occurs several times has a range of ranks; it is missed by what lies outside.
 */
export function rankError(rank: (x: number) => Rank, sorted: Float64Array): number {
  const n = sorted.length;
  const probes = Math.min(n, 2000);
  let worst = 0;
  for (let i = 0; i < probes; i++) {
    const at = Math.floor((i * (n - 1)) / Math.max(1, probes - 1));
    const value = sorted[at]!;
    const next = sorted[Math.min(n - 1, at + 1)]!;
    for (const x of [value, value / 2 + next / 2]) {
      const truth = rankIn(sorted, x);
      const { below, atOrBelow } = rank(x);
      worst = Math.max(worst, truth.below - atOrBelow, below - truth.atOrBelow);
    }
  }
  return worst / n;
}

/** By two passes with compensated sums (A. Neumaier, 1974), what the rounded mean is off by taken out of them. */
function momentsOf(values: Float64Array): Moments & { absolute: number; absoluteM3: number } {
  const n = values.length;
  const mean = compensatedSum(values.map((x) => x / n));
  const deviations = values.map((x) => x - mean);
  const offset = compensatedSum(deviations) / n;
  const m2 = compensatedSum(deviations.map((d) => d * d));
  return {
    n,
    zeros: values.filter((x) => x === 0).length,
    min: values.reduce((a, b) => Math.min(a, b), Infinity),
    max: values.reduce((a, b) => Math.max(a, b), -Infinity),
    mean: mean + offset,
    m2,
    m3: compensatedSum(deviations.map((d) => d * d * d)) - 3 * offset * m2,
    absolute: compensatedSum(values.map((x) => Math.abs(x) / n)),
    absoluteM3: compensatedSum(deviations.map((d) => Math.abs(d * d * d))),
  };
}

function compensatedSum(values: Float64Array): number {
  let sum = 0;
  let lost = 0;
  for (const value of values) {
    const next = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  return Number.isFinite(sum) ? sum + lost : sum;
}

/** Counts and extremes are exact; moments are true to 1e-9 of what they would be were no deviation to cancel another. */
export function expectTrueMoments(moments: Moments, values: Float64Array, name: string): void {
  const truth = momentsOf(values);
  const { n, zeros, min, max } = moments;
  expect([n, zeros, min + 0, max + 0], name).toEqual([truth.n, truth.zeros, truth.min + 0, truth.max + 0]);
  if (truth.n === 0) return;
  expectWithin(moments.mean, truth.mean, 1e-9 * truth.absolute + Number.MIN_VALUE * n, `${name}: mean`);
  if (truth.m2 < Infinity) expectWithin(moments.m2, truth.m2, 1e-9 * truth.m2, `${name}: m2`);
  else expect(moments.m2, `${name}: m2 overflows`).toBe(Infinity);
  if (truth.absoluteM3 < Infinity) {
    expectWithin(moments.m3, truth.m3, 1e-9 * truth.absoluteM3, `${name}: m3`);
  } else expect(moments.m3, `${name}: m3 overflows`).not.toSatisfy(Number.isFinite);
}

/** |actual − expected| ≤ tolerance; NaN fails. */
export function expectWithin(actual: number, expected: number, tolerance: number, name: string): void {
  const error = Math.abs(actual - expected);
  expect(error, `${name} is ${actual}, in truth ${expected}`).toBeLessThanOrEqual(tolerance);
}
