// Where a number stands among ascending values.

/** How many of the first `length` values, which ascend, are below x. */
export function countBelow(sorted: Float64Array, length: number, x: number): number {
  let from = 0;
  let to = length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (sorted[middle]! < x) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** How many of the first `length` values, which ascend, are at or below x. */
export function countUpTo(sorted: Float64Array, length: number, x: number): number {
  let from = 0;
  let to = length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (sorted[middle]! <= x) from = middle + 1;
    else to = middle;
  }
  return from;
}
