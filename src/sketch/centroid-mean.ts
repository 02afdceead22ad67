// Where the mean of a centroid lies that is made of two others.

/** Between `a` and `b`, rounding included while the share of `b` is below 1; also where they are so far apart that their distance overflows. */
export function weightedMean(a: number, b: number, share: number): number {
  const mean = a + (b - a) * share;
  return Number.isFinite(mean) ? mean : a * (1 - share) + b * share;
}

/**
 * Whether the weighted mean of both would lie above nearly all of their values, so that those to come would be taken for
 * smaller ones: with it alone, ranks of numbers that spread over 600 orders of magnitude go wrong by 27 %.
 */
export function isFarApart(a: number, b: number): boolean {
  return Math.abs(a) > 16 * Math.abs(b) || Math.abs(b) > 16 * Math.abs(a);
}
