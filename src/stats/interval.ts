// Confidence intervals in closed form. `z` is the standard normal quantile of the confidence: 1.96 for 95 %.

export interface Interval {
  readonly lower: number;
  readonly upper: number;
}

/**
 * Wilson's score interval for a share of `n` independent rows, at least one. E. B. Wilson, "Probable Inference, the Law
 * of Succession, and Statistical Inference" (JASA 22, 1927).
 */
export function shareInterval(successes: number, n: number, z: number): Interval {
  const share = successes / n;
  const center = (successes + (z * z) / 2) / (n + z * z);
  const half = (z / (n + z * z)) * Math.sqrt(n * share * (1 - share) + (z * z) / 4);
  // Rounding must not put the end beyond what was observed.
  return {
    lower: Math.max(0, Math.min(share, center - half)),
    upper: Math.min(1, Math.max(share, center + half)),
  };
}

/** The normal interval for a value with this standard error. */
export function normalInterval(value: number, standardError: number, z: number): Interval {
  return { lower: value - z * standardError, upper: value + z * standardError };
}

/**
 * The normal interval on the scale of log-odds, for a value strictly between 0 and 1: it does not leave that range.
 * `standardError` is that of the value itself.
 */
export function logitInterval(value: number, standardError: number, z: number): Interval {
  const logit = Math.log(value / (1 - value));
  const half = (z * standardError) / (value * (1 - value));
  return { lower: 1 / (1 + Math.exp(half - logit)), upper: 1 / (1 + Math.exp(-half - logit)) };
}
