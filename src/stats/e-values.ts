// Decisions on many e-values at once.

/**
 * The e-Benjamini-Hochberg procedure: of K e-values the k greatest are rejected, for the greatest k whose k-th is at least
 * K · `level` / k. At most 1/`level` of the rejected are false in expectation, however the e-values depend on each other
 * (Wang and Ramdas, False discovery rate control with e-values, JRSS B 84, 2022). Applied to e-detectors in every window
 * it bounds the same share per window waited (Dandapanthula and Ramdas, Multiple testing in multi-stream sequential change
 * detection, 2025). Takes natural logarithms of the e-values in any order, null where there is none: that one is not
 * counted and not rejected. `level` is what a single e-value has to reach.
 */
export function rejectedByEBenjaminiHochberg(
  logEValues: readonly (number | null)[],
  level: number,
): boolean[] {
  const descending = logEValues.filter((logE) => logE !== null).sort((a, b) => b - a);
  const tests = descending.length;
  const enough = (logE: number, k: number) => logE >= Math.log((tests * level) / k);
  const last = descending.findLastIndex((logE, rank) => enough(logE, rank + 1));
  const least = last < 0 ? Infinity : descending[last]!;
  return logEValues.map((logE) => logE !== null && logE >= least);
}
