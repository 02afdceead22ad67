// A sequential change detector of one column: evidence, from window to window, that its rows have left a box around the
// baseline's shares.

import { total } from '../sketch/total.ts';
import { logGamma } from '../stats/gamma.ts';
import { logSupremum, type NullBox, nullBox } from './null-box.ts';

export interface DetectorOptions {
  /** Share of the past rows that is kept from one window to the next, 0 to 1. */
  readonly decay: number;
  /** Evidence beyond this is not remembered, so that a drift that has ended does not stay an alarm. */
  readonly ceiling: number;
}

/** What is remembered of a column between windows; nothing before the first. */
export interface DetectorState {
  /** ln R, at most ln of the ceiling. */
  readonly logEvidence: number;
  /** Decayed rows of the windows so far per bin of the detector: in single precision, as they are stored. */
  readonly past: Float32Array;
}

export interface Detection {
  readonly state: DetectorState;
  /** ln of this window's e-value. */
  readonly logE: number;
}

/** Shares drawn from a Dirichlet distribution around the baseline's. */
interface Cloud {
  readonly weights: Float64Array;
  /** ln Γ of every weight, and of their sum. */
  readonly logGammas: Float64Array;
  readonly sum: number;
  readonly logGammaSum: number;
}

/** What a detector needs of the baseline, made once. */
export interface DetectorReference {
  readonly box: NullBox;
  /** The baseline's shares, none of them 0. */
  readonly shares: Float64Array;
  /** Alternatives of known shares: ln of every share. */
  readonly tilts: readonly Float64Array[];
  readonly clouds: readonly Cloud[];
}

/** How many rows the baseline is taken for by the alternatives around it, from wide to close. */
const concentrations = [30, 300, 3000] as const;

/** Moves by so many standard deviations, and changes of the spread, of a column that is normal on some scale. */
const locations = [-0.8, -0.4, -0.2, 0.2, 0.4, 0.8] as const;
const spreads = [-0.3, -0.15, 0.15, 0.3] as const;

/** How many rows of the baseline are mixed into the past ones, so that no bin has probability 0. */
const pastPrior = 30;

/**
 * A baseline as a detector takes it: its rows per bin, at least one in all, bins of numbers in ascending order, missing and
 * unseen last. `tolerance` is the relative change of a share that is no drift, on top of what the baseline's own size
 * leaves open.
 */
export function prepareDetector(baseline: Float64Array, tolerance: number): DetectorReference {
  const rows = total(baseline) + baseline.length / 2;
  const shares = baseline.map((count) => (count + 0.5) / rows);
  return {
    box: nullBox(baseline, tolerance),
    shares,
    tilts: tilted(shares),
    clouds: concentrations.map((sum) => {
      const weights = shares.map((share) => sum * share);
      return { weights, logGammas: weights.map(logGamma), sum, logGammaSum: logGamma(sum) };
    }),
  };
}

/**
 * The baseline moved and spread: exponential tilts exp(θ s) and exp(θ s²) by scores s of the bins, ln of the shares. A
 * score is the logit of the middle of its bin, scaled to about a standard normal; missing and unseen keep their shares.
 */
function tilted(shares: Float64Array): Float64Array[] {
  const values = shares.length - 2;
  const held = total(shares.subarray(0, values));
  let below = 0;
  const scores = Float64Array.from({ length: values }, (_, i) => {
    const middle = (below + shares[i]! / 2) / held;
    below += shares[i]!;
    return Math.log(middle / (1 - middle)) / 1.702;
  });
  const tilt = (logRatio: (score: number) => number): Float64Array => {
    const moved = Float64Array.from(scores, (score, i) => shares[i]! * Math.exp(logRatio(score)));
    const norm = held / total(moved);
    return shares.map((share, i) => Math.log(i < values ? moved[i]! * norm : share));
  };
  return [
    ...locations.map((theta) => tilt((score) => theta * score)),
    ...spreads.map((theta) => tilt((score) => theta * score * score)),
  ];
}

/**
 * One more window. Its e-value is the likelihood of the counts under an equal mixture of alternatives (the baseline moved,
 * spread, or with shares drawn around its own or around those of the decayed past), divided by the greatest likelihood
 * of any shares in the box (`nullBox`). Its expectation is at most 1 whatever the shares in the box are, because the
 * alternatives do not look at the window (universal inference: Wasserman, Ramdas and Balakrishnan, PNAS 117, 2020).
 * Evidence adds up as R = (R + 1) e, the Shiryaev-Roberts e-detector: without drift it takes c windows or more on
 * average until R reaches c (Shin, Ramdas and Rinaldo, E-detectors, New England Journal of Statistics in Data Science,
 * 2024).
 *
 * `counts` are the rows of the window per bin; a window without rows changes nothing. Rows are taken as independent of each
 * other: counts may be fractions, of the independent rows that dependent ones are worth. Logarithms are natural.
 */
export function advanceDetector(
  state: DetectorState | undefined,
  counts: Float64Array,
  reference: DetectorReference,
  options: DetectorOptions,
): Detection {
  const logE = logMixture(counts, reference, state?.past) - logSupremum(counts, reference.box);
  const logEvidence = (state === undefined ? 0 : log1pExp(state.logEvidence)) + logE;
  const past = Float32Array.from(counts, (count, i) => options.decay * (state?.past[i] ?? 0) + count);
  return { state: { logEvidence: Math.min(logEvidence, Math.log(options.ceiling)), past }, logE };
}

/** ln of the mean of the alternatives' likelihoods, the multinomial coefficient left out as in `logSupremum`. */
function logMixture(
  counts: Float64Array,
  { tilts, clouds, shares }: DetectorReference,
  past: Float32Array | undefined,
): number {
  const n = total(counts);
  const parts: number[] = [];
  for (const logShares of tilts) {
    let part = 0;
    for (let i = 0; i < counts.length; i++) part += counts[i]! * logShares[i]!;
    parts.push(part);
  }
  for (const { weights, logGammas, sum, logGammaSum } of clouds) {
    let part = logGammaSum - logGamma(sum + n);
    for (let i = 0; i < counts.length; i++) {
      if (counts[i]! > 0) part += logGamma(weights[i]! + counts[i]!) - logGammas[i]!;
    }
    parts.push(part);
  }
  if (past !== undefined) parts.push(logPastCloud(counts, n, shares, past));
  const greatest = Math.max(...parts);
  let sum = 0;
  for (const part of parts) sum += Math.exp(part - greatest);
  return greatest + Math.log(sum / parts.length);
}

/** ln of the probability of these rows, in one order, where the shares are drawn around those of the past. */
function logPastCloud(counts: Float64Array, n: number, shares: Float64Array, past: Float32Array): number {
  let part = 0;
  let sum = pastPrior;
  for (let i = 0; i < counts.length; i++) {
    const weight = pastPrior * shares[i]! + past[i]!;
    sum += past[i]!;
    if (counts[i]! > 0) part += logGamma(weight + counts[i]!) - logGamma(weight);
  }
  return part + logGamma(sum) - logGamma(sum + n);
}

/** ln(1 + eˣ). */
function log1pExp(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}
