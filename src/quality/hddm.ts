// HDDM_A: whether the mean of a bounded stream has left the one it had when it was lowest, by Hoeffding's inequality.
//
// I. Frías-Blanco et al., "Online and Non-Parametric Drift Detection Methods Based on Hoeffding's Bounds" (IEEE TKDE 27,
// 2015), the A test, two-sided, as in scikit-multiflow.

export interface HddmOptions {
  /** Probability of a false detection at one value. */
  readonly confidence: number;
}

export const hddmDefaults: HddmOptions = { confidence: 0.001 };

interface Sample {
  readonly n: number;
  readonly total: number;
}

export interface HddmState {
  readonly all: Sample;
  /** The beginning of the stream with the lowest upper bound of its mean, and the one with the greatest lower bound. */
  readonly lowest: Sample;
  readonly greatest: Sample;
}

const nothing: Sample = { n: 0, total: 0 };

export const hddmStart: HddmState = { all: nothing, lowest: nothing, greatest: nothing };

/** One more value, which lies in [0, 1], and whether the mean has risen: then, and where it has fallen, the state is a fresh one. */
export function advanceHddm(
  state: HddmState,
  value: number,
  { confidence }: HddmOptions,
): readonly [HddmState, boolean] {
  const all = { n: state.all.n + 1, total: state.all.total + value };
  const bound = ({ n }: Sample) => Math.sqrt(Math.log(1 / confidence) / (2 * n));
  const upper = (sample: Sample) => mean(sample) + bound(sample);
  const lower = (sample: Sample) => mean(sample) - bound(sample);
  const lowest = state.lowest.n === 0 || upper(state.lowest) >= upper(all) ? all : state.lowest;
  const greatest = state.greatest.n === 0 || lower(state.greatest) <= lower(all) ? all : state.greatest;
  if (mean(all) - mean(lowest) >= distance(lowest, all, confidence)) return [hddmStart, true];
  if (mean(greatest) - mean(all) >= distance(greatest, all, confidence)) return [hddmStart, false];
  return [{ all, lowest, greatest }, false];
}

function mean({ n, total }: Sample): number {
  return total / n;
}

/** How far the mean of a beginning may lie from the mean of all by chance; no bound while it is all there is. */
function distance(beginning: Sample, all: Sample, confidence: number): number {
  if (beginning.n === all.n) return Infinity;
  return Math.sqrt((((all.n - beginning.n) / (beginning.n * all.n)) * Math.log(2 / confidence)) / 2);
}
