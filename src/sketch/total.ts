// The number of rows in a vector of counts.

/** The sum of all bins. */
export function total(counts: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < counts.length; i++) sum += counts[i]!;
  return sum;
}
