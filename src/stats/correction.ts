// Correction of p-values for having made many tests at once.

/**
 * Benjamini-Hochberg adjusted p-values, in the order given: rejecting all that are below alpha keeps the expected share
 * of false rejections below alpha (Journal of the Royal Statistical Society B 57, 1995). A null is no test: it stays
 * null and does not count.
 */
export function adjustedByBenjaminiHochberg(pValues: readonly (number | null)[]): (number | null)[] {
  const adjusted = [...pValues];
  const order: number[] = [];
  for (let i = 0; i < pValues.length; i++) if (pValues[i] !== null) order.push(i);
  order.sort((a, b) => pValues[b]! - pValues[a]!);
  let smallest = 1;
  for (let k = 0; k < order.length; k++) {
    const rank = order.length - k;
    smallest = Math.min(smallest, (pValues[order[k]!]! * order.length) / rank);
    adjusted[order[k]!] = smallest;
  }
  return adjusted;
}
