// A sum of doubles without rounding: the same in every order, and what was added can be taken away again to the last bit.
//
// It is kept as an expansion: doubles that do not overlap and that add up to the sum exactly. J. R. Shewchuk, "Adaptive
// Precision Floating-Point Arithmetic and Fast Robust Geometric Predicates" (1997); read as R. Hettinger's `fsum` in
// Python does. A sum of numbers of the same size takes two or three doubles, one of the most different 40 or so.

export interface ExactSum {
  /** Ascending in size, none of them 0. Different expansions may have the same sum: compare `canonicalParts`. */
  readonly parts: number[];
}

/** The sum of nothing. */
export function emptySum(): ExactSum {
  return { parts: [] };
}

/** Adds a finite number; the sum must stay below 1e300 in size. */
export function addExactly({ parts }: ExactSum, x: number): void {
  let carried = x;
  let kept = 0;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i]!;
    const high = carried + part;
    const low = Math.abs(carried) < Math.abs(part) ? carried - (high - part) : part - (high - carried);
    if (low !== 0) {
      parts[kept] = low;
      kept += 1;
    }
    carried = high;
  }
  parts.length = kept;
  if (carried !== 0) parts.push(carried);
}

/** 2^27 + 1: splits a double into two halves whose products are exact (T. J. Dekker, 1971). */
const splitter = 134_217_729;

/** Adds a · b without rounding it, for products between 1e-290 and 1e290 in size or 0. */
export function addProduct(sum: ExactSum, a: number, b: number): void {
  const product = a * b;
  const aHigh = splitter * a - (splitter * a - a);
  const bHigh = splitter * b - (splitter * b - b);
  const [aLow, bLow] = [a - aHigh, b - bHigh];
  addExactly(sum, product);
  addExactly(sum, aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow));
}

/** Adds `from` to `into`, or takes it away where `times` is -1; `from` stays as it is. */
export function mergeSums(into: ExactSum, from: ExactSum, times: 1 | -1 = 1): void {
  for (const part of from.parts) addExactly(into, times * part);
}

/** A sum of its own with the same value. */
export function copySum(sum: ExactSum): ExactSum {
  return { parts: [...sum.parts] };
}

/** The double next to the sum; of two equally near, the even one. */
export function sumValue({ parts }: ExactSum): number {
  let next = parts.length - 1;
  if (next < 0) return 0;
  let high = parts[next]!;
  let low = 0;
  while (next > 0 && low === 0) {
    next -= 1;
    const before = high;
    high = before + parts[next]!;
    low = parts[next]! - (high - before);
  }
  // Half way between two doubles: what is further down decides.
  if (next > 0 && low !== 0 && low < 0 === parts[next - 1]! < 0) {
    const other = high + 2 * low;
    if (other - high === 2 * low) high = other;
  }
  return high;
}

/**
 * The expansion that equal sums share: the double next to the sum, then the one next to what is left, and so on. Greatest
 * first; empty for 0.
 */
export function canonicalParts(sum: ExactSum): number[] {
  const rest = copySum(sum);
  const parts: number[] = [];
  while (rest.parts.length > 0) {
    const next = sumValue(rest);
    parts.push(next);
    addExactly(rest, -next);
  }
  return parts;
}

/**
 * Σ(x - mean)² of `n` numbers of which the sum and the sum of squares (by `addProduct`) are known: n Σx² - (Σx)² is
 * formed without rounding, so that nothing cancels.
 */
export function squaredDeviations(n: number, sum: ExactSum, squares: ExactSum): number {
  if (n === 0) return 0;
  const scaled = emptySum();
  for (const part of squares.parts) addProduct(scaled, n, part);
  for (const part of sum.parts) for (const other of sum.parts) addProduct(scaled, -part, other);
  return Math.max(0, sumValue(scaled)) / n;
}
