// Correction of p-values for having made many tests at once.

/** The corrections that can be chosen: what they control, and under which dependence between the tests. */
export const corrections = {
  benjamini_hochberg: adjustedByBenjaminiHochberg,
  benjamini_yekutieli: adjustedByBenjaminiYekutieli,
} as const satisfies Record<string, (pValues: readonly (number | null)[]) => (number | null)[]>;

export type CorrectionName = keyof typeof corrections;

/**
 * Benjamini-Hochberg adjusted p-values, in the order given: rejecting all that are below alpha keeps the expected share
 * of false rejections below alpha for tests that are independent or positively dependent (Journal of the Royal
 * Statistical Society B 57, 1995). A null is no test: it stays null and does not count.
 */
export function adjustedByBenjaminiHochberg(pValues: readonly (number | null)[]): (number | null)[] {
  return adjustedBySteps(pValues, 1);
}

/**
 * Benjamini-Yekutieli adjusted p-values: the same for tests that depend on each other in any way, at the price of a
 * factor 1 + 1/2 + … + 1/k for k tests, 5.2 for a hundred (Annals of Statistics 29, 2001).
 */
export function adjustedByBenjaminiYekutieli(pValues: readonly (number | null)[]): (number | null)[] {
  let tests = 0;
  let factor = 0;
  for (const p of pValues) if (p !== null) factor += 1 / ++tests;
  return adjustedBySteps(pValues, factor);
}

/** min over k ≥ rank of `factor` · tests · p₍ₖ₎ / k, at most 1. */
function adjustedBySteps(pValues: readonly (number | null)[], factor: number): (number | null)[] {
  const adjusted = [...pValues];
  const order: number[] = [];
  for (let i = 0; i < pValues.length; i++) if (pValues[i] !== null) order.push(i);
  order.sort((a, b) => pValues[b]! - pValues[a]!);
  let smallest = 1;
  for (let k = 0; k < order.length; k++) {
    const rank = order.length - k;
    smallest = Math.min(smallest, (pValues[order[k]!]! * order.length * factor) / rank);
    adjusted[order[k]!] = smallest;
  }
  return adjusted;
}
