// The exact distribution of the two-sample Kolmogorov-Smirnov statistic, by the lattice paths that two samples in common
// order draw.
//
// A path goes from (0, 0) to (n, m), one step for every value in ascending order; under the hypothesis all paths are
// equally likely. The statistic reaches D where the path leaves the band |i/n − j/m| < D. Instead of counting paths, which
// overflows, and of subtracting what stays inside from 1, which cancels, the probability of having left is carried
// along: T. Viehmann, "Numerically more stable computation of the p-values for the two-sample Kolmogorov-Smirnov test"
// (2021, arXiv:2102.08037); SciPy's `method="exact"` is the same. Here it goes by diagonals, and only up to the middle one:
// read backwards, the second half of a path is a first half.

/**
 * From this product of sample sizes on the exact distribution is not worth its time; the limit distribution is then
 * within a few percent.
 */
export const exactPairsMax = 1_000_000;

/** What D·(least common multiple) may be off a whole number by rounding, far below the next step of the lattice. */
const latticeRounding = 1e-6;

/**
 * P(D ≥ `statistic`) for two samples of `n` and `m` independent values of one continuous distribution; for ties it is
 * conservative, as SciPy's is. The relative error is below 1e-11 down to 1e-290; below that the result may be 0. The time
 * grows with n · m: at `exactPairsMax` 0.1 to 0.4 ms for samples of one size, 5 ms for a single value against all.
 */
export function exactKolmogorovTail(statistic: number, n: number, m: number): number {
  const [small, large] = n < m ? [n, m] : [m, n];
  const divisor = greatestCommonDivisor(large, small);
  const band: Band = { small, large, across: large / divisor, along: small / divisor, border: 0 };
  const steps = Math.ceil(statistic * band.across * small - latticeRounding);
  if (!(steps > 0)) return 1;
  if (steps > band.across * small) return 0;
  return tailOf({ ...band, border: steps });
}

/** Point (i, j) is outside where |i · across − j · along| ≥ border; i counts the smaller sample. */
interface Band {
  readonly small: number;
  readonly large: number;
  readonly across: number;
  readonly along: number;
  readonly border: number;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** Every path crosses the middle diagonal once, and is outside if it has left before or leaves after. */
function tailOf(band: Band): number {
  const { small, large } = band;
  const middle = Math.floor((small + large) / 2);
  const before = startOf(band);
  for (let sum = 1; sum <= middle; sum++) step(band, before, sum);
  const after = before.slice();
  if ((small + large) % 2 === 1) step(band, after, middle + 1);
  const crossing = crossingShares(band, middle);
  let tail = 0;
  for (let i = 0; i < crossing.length; i++) {
    const left = before[i]!;
    tail += crossing[i]! * (left + after[small - i]! * (1 - left));
  }
  return Math.min(1, tail);
}

/** By i, the probability of having left; of points that no diagonal has reached yet, what they begin with. */
function startOf({ small, across, border }: Band): Float64Array {
  return Float64Array.from({ length: small + 1 }, (_, i) => (i * across >= border ? 1 : 0));
}

/**
 * From the points i + j = `sum` − 1 to those of `sum`, in place: the last step came from the left with probability i / sum,
 * from below otherwise.
 */
function step({ small, large, across, along, border }: Band, left: Float64Array, sum: number): void {
  const slope = across + along;
  const first = Math.max(0, sum - large, Math.floor((sum * along - border) / slope) + 1);
  const last = Math.min(small, sum, Math.ceil((sum * along + border) / slope) - 1);
  // Between the two reaches nothing can have left yet: those points are 0 and stay so.
  const upperReach = Math.ceil(border / across);
  const lowerReach = sum - Math.ceil(border / along);
  for (let i = last; i >= Math.max(first, upperReach); i--) {
    left[i] = (i * left[i - 1]! + (sum - i) * left[i]!) / sum;
  }
  for (let i = Math.min(last, lowerReach, upperReach - 1); i >= Math.max(first, 1); i--) {
    left[i] = (i * left[i - 1]! + (sum - i) * left[i]!) / sum;
  }
  if (first > 0) left[first - 1] = 1;
}

/**
 * The probability of each i on the diagonal, hypergeometric: from its mode by ratios and divided by their sum, so that no
 * binomial coefficient is needed.
 */
function crossingShares({ small, large }: Band, sum: number): Float64Array {
  const shares = new Float64Array(small + 1);
  const mode = Math.floor(((sum + 1) * (small + 1)) / (small + large + 2));
  shares[mode] = 1;
  for (let i = mode; i < Math.min(small, sum); i++)
    shares[i + 1] = (shares[i]! * (sum - i) * (small - i)) / ((i + 1) * (large - sum + i + 1));
  for (let i = mode; i > 0; i--)
    shares[i - 1] = (shares[i]! * i * (large - sum + i)) / ((sum - i + 1) * (small - i + 1));
  const total = shares.reduce((all, share) => all + share, 0);
  return shares.map((share) => share / total);
}
