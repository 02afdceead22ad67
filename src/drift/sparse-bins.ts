// What a bin with few expected rows contributes to a distance under no drift: its count is Poisson, not normal.

/** Mean and variance of one bin's term by the rows expected in it, the term scaled so that both tend to 1 and 2. */
export interface TermMoments {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}

/** Above this many expected rows the normal limit holds to a percent. */
const denseFrom = 64;
const leastExpected = 1e-4;
const steps = 96;
const stepsPerLog = steps / Math.log(denseFrom / leastExpected);

/**
 * Tabulates a term(count, expected) over a logarithmic grid of expected counts, by summing over the Poisson
 * distribution.
 */
export function tabulateTerm(term: (count: number, expected: number) => number): TermMoments {
  const mean = new Float64Array(steps + 1);
  const variance = new Float64Array(steps + 1);
  for (let step = 0; step <= steps; step++) {
    const expected = leastExpected * Math.exp(step / stepsPerLog);
    const last = Math.ceil(expected + 12 * Math.sqrt(expected) + 12);
    let probability = Math.exp(-expected);
    let first = 0;
    let second = 0;
    for (let count = 0; count <= last; count++) {
      const value = term(count, expected);
      first += probability * value;
      second += probability * value * value;
      probability *= expected / (count + 1);
    }
    mean[step] = first;
    variance[step] = second - first * first;
  }
  return { mean, variance };
}

/**
 * A multiple of a chi-squared variable with the mean and variance of the sum of all bins' terms (Satterthwaite 1946).
 * One bin's worth is taken off because the shares sum to 1.
 */
export function fittedTerms(
  moments: TermMoments,
  baseline: Float64Array,
  n: number,
  m: number,
): { factor: number; degreesOfFreedom: number } {
  let mean = 0;
  let variance = 0;
  for (const count of baseline) {
    const expected = (n * (count + 0.5)) / (m + baseline.length / 2);
    const position = Math.min(steps, Math.max(0, Math.log(expected / leastExpected) * stepsPerLog));
    const step = Math.min(steps - 1, Math.floor(position));
    const weight = position - step;
    mean += moments.mean[step]! * (1 - weight) + moments.mean[step + 1]! * weight;
    variance += moments.variance[step]! * (1 - weight) + moments.variance[step + 1]! * weight;
  }
  const constrained = 1 - 1 / baseline.length;
  return {
    factor: variance / (2 * mean),
    degreesOfFreedom: (constrained * 2 * mean * mean) / variance,
  };
}
