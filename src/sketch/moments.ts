// Count, extremes and central moments up to the third, mergeable without loss of precision.
// Chan, Golub, LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances" (1979); third moment:
// Pébay, "Formulas for robust, one-pass parallel computation of covariances and arbitrary-order statistical moments" (2008).

export interface Moments {
  n: number;
  zeros: number;
  /** Infinity while empty. */
  min: number;
  /** -Infinity while empty. */
  max: number;
  mean: number;
  /** Sums of the second and third powers of deviations from the mean. */
  m2: number;
  m3: number;
}

/** The moments of nothing. */
export function emptyMoments(): Moments {
  return { n: 0, zeros: 0, min: Infinity, max: -Infinity, mean: 0, m2: 0, m3: 0 };
}

/** Adds the first `length` values, all finite: two passes over the buffer, then one merge. */
export function observeMoments(moments: Moments, values: Float64Array, length: number): void {
  if (length === 0) return;
  mergeMoments(moments, momentsOf(values, length));
}

function momentsOf(values: Float64Array, length: number): Moments {
  const first = values[0]!;
  let zeros = 0;
  let min = first;
  let max = first;
  // Deviations from the first value: a sum of offsets loses nothing where the values are huge and close together.
  let offset = 0;
  for (let i = 0; i < length; i++) {
    const x = values[i]!;
    if (x === 0) zeros += 1;
    if (x < min) min = x;
    if (x > max) max = x;
    offset += x - first;
  }
  if (min === max) return { n: length, zeros, min, max, mean: first, m2: 0, m3: 0 };
  const mean = Number.isFinite(offset) ? first + offset / length : plainMean(values, length);
  let m2 = 0;
  let m3 = 0;
  let drift = 0;
  for (let i = 0; i < length; i++) {
    const d = values[i]! - mean;
    drift += d;
    m2 += d * d;
    m3 += d * d * d;
  }
  // The mean itself was rounded; what it is off by is taken out of the moments (corrected two-pass algorithm).
  if (Number.isFinite(m3)) m3 -= (3 * drift * m2) / length;
  if (Number.isFinite(m2)) m2 = Math.max(0, m2 - (drift * drift) / length);
  return { n: length, zeros, min, max, mean, m2, m3 };
}

/** The mean of values so far apart that their differences overflow. */
function plainMean(values: Float64Array, length: number): number {
  let mean = 0;
  for (let i = 0; i < length; i++) mean += values[i]! / length;
  return mean;
}

/**
 * Adds `from` to `into`; `from` stays as it is. The mean of finite values is finite always; the higher moments of values
 * beyond 1e100 or so overflow to Infinity or NaN.
 */
export function mergeMoments(into: Moments, from: Moments): void {
  if (from.n === 0) return;
  if (into.n === 0) {
    Object.assign(into, from);
    return;
  }
  const n = into.n + from.n;
  const delta = from.mean - into.mean;
  const product = (into.n * from.n) / n;
  into.m3 +=
    from.m3 +
    (delta * delta * delta * product * (into.n - from.n)) / n +
    (3 * delta * (into.n * from.m2 - from.n * into.m2)) / n;
  into.m2 += from.m2 + delta * delta * product;
  into.mean = Number.isFinite(delta)
    ? into.mean + delta * (from.n / n)
    : into.mean * (into.n / n) + from.mean * (from.n / n);
  into.n = n;
  into.zeros += from.zeros;
  into.min = Math.min(into.min, from.min);
  into.max = Math.max(into.max, from.max);
  // A constant column has no spread at all, whatever rounding says.
  if (into.min === into.max) Object.assign(into, { mean: into.min, m2: 0, m3: 0 });
}

/** Population variance (divided by n); NaN while empty. */
export function variance(moments: Moments): number {
  return moments.n === 0 ? Number.NaN : moments.m2 / moments.n;
}

/** Population standard deviation; exactly 0 for a constant column, NaN while empty. */
export function standardDeviation(moments: Moments): number {
  return Math.sqrt(variance(moments));
}
