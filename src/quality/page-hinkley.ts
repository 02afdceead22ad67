// Page-Hinkley: the sum of how far values lie above their running mean, which rises for long only where the mean does.
//
// E. S. Page, "Continuous Inspection Schemes" (Biometrika 41, 1954); D. V. Hinkley, "Inference about the change-point from
// cumulative sum tests" (Biometrika 58, 1971). One-sided as in MOA and scikit-multiflow, two-sided as in river.

export interface PageHinkleyOptions {
  /** A rise by less is no change, in units of the values. */
  readonly delta: number;
  /** The sum that is a detection. */
  readonly threshold: number;
  /** Share of the sum that is kept from one value to the next. */
  readonly alpha: number;
  /** Nothing is detected before so many values. */
  readonly valuesMin: number;
}

export const pageHinkleyDefaults: PageHinkleyOptions = {
  delta: 0.005,
  threshold: 50,
  alpha: 0.9999,
  valuesMin: 30,
};

export interface PageHinkleyState {
  readonly n: number;
  readonly mean: number;
  readonly sum: number;
}

export const pageHinkleyStart: PageHinkleyState = { n: 0, mean: 0, sum: 0 };

/** One more value, and whether the mean has risen: then the state is a fresh one. */
export function advancePageHinkley(
  state: PageHinkleyState,
  value: number,
  { delta, threshold, alpha, valuesMin }: PageHinkleyOptions,
): readonly [PageHinkleyState, boolean] {
  const n = state.n + 1;
  const mean = state.mean + (value - state.mean) / n;
  const sum = Math.max(0, alpha * state.sum + value - mean - delta);
  const isRisen = n >= valuesMin && sum > threshold;
  return isRisen ? [pageHinkleyStart, true] : [{ n, mean, sum }, false];
}

export interface TwoSidedState {
  readonly n: number;
  readonly mean: number;
  /** Sums of rises and of falls, and the least and the greatest that they have been. */
  readonly rise: number;
  readonly riseLeast: number;
  readonly fall: number;
  readonly fallGreatest: number;
}

export const twoSidedStart: TwoSidedState = {
  n: 0,
  mean: 0,
  rise: 0,
  riseLeast: Infinity,
  fall: 0,
  fallGreatest: -Infinity,
};

/** One more value, and whether the mean has risen or fallen: then the state is a fresh one. */
export function advanceTwoSided(
  state: TwoSidedState,
  value: number,
  { delta, threshold, alpha, valuesMin }: PageHinkleyOptions,
): readonly [TwoSidedState, boolean] {
  const n = state.n + 1;
  const mean = state.mean + (value - state.mean) / n;
  const deviation = value - mean;
  const rise = alpha * state.rise + deviation - delta;
  const fall = alpha * state.fall + deviation + delta;
  const next: TwoSidedState = {
    n,
    mean,
    rise,
    riseLeast: Math.min(state.riseLeast, rise),
    fall,
    fallGreatest: Math.max(state.fallGreatest, fall),
  };
  const farthest = Math.max(rise - next.riseLeast, next.fallGreatest - fall);
  return n >= valuesMin && farthest > threshold ? [twoSidedStart, true] : [next, false];
}
