// Histograms and distances as NumPy and SciPy define them, which most of the published rules are written with.

/** `count` bins of equal width over [low, high], as `numpy.linspace` cuts them. */
export function evenEdges(low: number, high: number, count: number): Float64Array {
  return Float64Array.from({ length: count + 1 }, (_, i) => low + ((high - low) * i) / count);
}

/**
 * Counts per bin [edge, next edge), the last one closed, as `numpy.histogram` counts them: values outside are left out.
 * `sorted` ascends.
 */
export function histogram(sorted: Float64Array, edges: Float64Array): Float64Array {
  const counts = new Float64Array(edges.length - 1);
  let below = rankBelow(sorted, edges[0]!);
  for (let i = 0; i < counts.length; i++) {
    const upper = edges[i + 1]!;
    const next = i === counts.length - 1 ? rankAtOrBelow(sorted, upper) : rankBelow(sorted, upper);
    counts[i] = Math.max(0, next - below);
    below = next;
  }
  return counts;
}

/** How many values lie below x. */
export function rankBelow(sorted: Float64Array, x: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

function rankAtOrBelow(sorted: Float64Array, x: number): number {
  let rank = rankBelow(sorted, x);
  while (rank < sorted.length && sorted[rank] === x) rank += 1;
  return rank;
}

/** Counts as shares of `rows`. */
export function shares(counts: Float64Array, rows: number): Float64Array {
  return counts.map((count) => count / rows);
}

/** Sum of the counts. */
export function sum(counts: Float64Array): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}

/** Σ (q − p) ln(q / p); every share must be positive. */
export function stabilityIndex(p: Float64Array, q: Float64Array): number {
  let index = 0;
  for (let i = 0; i < p.length; i++) index += (q[i]! - p[i]!) * Math.log(q[i]! / p[i]!);
  return index;
}

/** `scipy.spatial.distance.jensenshannon` with the logarithm in nats: both sides are made to sum to 1. */
export function jensenShannon(p: Float64Array, q: Float64Array): number {
  const ofP = sum(p);
  const ofQ = sum(q);
  let divergence = 0;
  for (let i = 0; i < p.length; i++) {
    const a = p[i]! / ofP;
    const b = q[i]! / ofQ;
    if (a > 0) divergence += a * Math.log((2 * a) / (a + b));
    if (b > 0) divergence += b * Math.log((2 * b) / (a + b));
  }
  return Math.sqrt(Math.max(0, divergence) / 2);
}

/** The same with the logarithm in bits. */
export function jensenShannonBits(p: Float64Array, q: Float64Array): number {
  return jensenShannon(p, q) / Math.sqrt(Math.LN2);
}

/** √(½ Σ (√p − √q)²). */
export function hellinger(p: Float64Array, q: Float64Array): number {
  let squares = 0;
  for (let i = 0; i < p.length; i++) squares += (Math.sqrt(q[i]!) - Math.sqrt(p[i]!)) ** 2;
  return Math.sqrt(squares / 2);
}

/** max |p − q|. */
export function greatestDifference(p: Float64Array, q: Float64Array): number {
  let greatest = 0;
  for (let i = 0; i < p.length; i++) greatest = Math.max(greatest, Math.abs(p[i]! - q[i]!));
  return greatest;
}

/** `scipy.stats.ks_2samp(...).statistic` of two ascending samples. */
export function kolmogorovSmirnov(a: Float64Array, b: Float64Array): number {
  let greatest = 0;
  let i = 0;
  let k = 0;
  while (i < a.length && k < b.length) {
    const x = Math.min(a[i]!, b[k]!);
    while (i < a.length && a[i] === x) i += 1;
    while (k < b.length && b[k] === x) k += 1;
    greatest = Math.max(greatest, Math.abs(i / a.length - k / b.length));
  }
  return greatest;
}

/** `scipy.stats.wasserstein_distance` of two ascending samples. */
export function wasserstein(a: Float64Array, b: Float64Array): number {
  let distance = 0;
  let i = 0;
  let k = 0;
  let previous = Math.min(a[0]!, b[0]!);
  while (i < a.length || k < b.length) {
    const x = Math.min(a[i] ?? Infinity, b[k] ?? Infinity);
    distance += (x - previous) * Math.abs(i / a.length - k / b.length);
    while (i < a.length && a[i] === x) i += 1;
    while (k < b.length && b[k] === x) k += 1;
    previous = x;
  }
  return distance;
}

/** Mean and standard deviation; `lost` degrees of freedom are taken off the divisor (NumPy's `ddof`). */
export function spread(values: Float64Array, lost: 0 | 1): { mean: number; deviation: number } {
  const mean = sum(values) / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / (values.length - lost)) };
}
