// Histograms as NumPy cuts them: what other monitors' numbers rest on, to the last bin.

/** `numpy.linspace`: the edges of `bins` bins of equal width over [low, high]; a single value gets half a unit on each side. */
export function evenEdges(low: number, high: number, bins: number): Float64Array {
  const from = low === high ? low - 0.5 : low;
  const to = low === high ? high + 0.5 : high;
  const step = (to - from) / bins;
  return Float64Array.from({ length: bins + 1 }, (_, i) => (i === bins ? to : i * step + from));
}

/** `numpy.histogram_bin_edges(…, 'sturges')` of an ascending sample of finite values: width = range / (log₂ n + 1). */
export function sturgesEdges(sorted: Float64Array): Float64Array {
  const range = sorted.at(-1)! - sorted[0]!;
  return edgesOfWidth(sorted, range / (Math.log2(sorted.length) + 1));
}

/**
 * `numpy.histogram_bin_edges(…, 'doane')` of an ascending sample of finite values: as Sturges, with more bins the more skewed
 * the sample is. Source: Doane, Aesthetic frequency classifications, The American Statistician 30 (1976).
 */
export function doaneEdges(sorted: Float64Array): Float64Array {
  const n = sorted.length;
  const { mean, deviation } = populationSpread(sorted);
  if (n <= 2 || deviation === 0) return evenEdges(sorted[0]!, sorted[n - 1]!, 1);
  let cubes = 0;
  for (const value of sorted) cubes += ((value - mean) / deviation) ** 3;
  const spread = Math.sqrt((6 * (n - 2)) / ((n + 1) * (n + 3)));
  const classes = 1 + Math.log2(n) + Math.log2(1 + Math.abs(cubes / n) / spread);
  return edgesOfWidth(sorted, (sorted[n - 1]! - sorted[0]!) / classes);
}

function edgesOfWidth(sorted: Float64Array, width: number): Float64Array {
  const low = sorted[0]!;
  const high = sorted.at(-1)!;
  return evenEdges(low, high, width > 0 ? Math.ceil((high - low) / width) : 1);
}

/**
 * `numpy.histogram`: counts in [edge, next edge), the last bin closed; values outside are not counted. `sorted` ascends.
 */
export function histogram(sorted: Float64Array, edges: Float64Array): Float64Array {
  const counts = new Float64Array(edges.length - 1);
  let i = 0;
  while (i < sorted.length && sorted[i]! < edges[0]!) i += 1;
  for (let bin = 0; bin < counts.length; bin++) {
    const upper = edges[bin + 1]!;
    const isLast = bin === counts.length - 1;
    const from = i;
    while (i < sorted.length && (sorted[i]! < upper || (isLast && sorted[i] === upper))) i += 1;
    counts[bin] = i - from;
  }
  return counts;
}

/** Mean and standard deviation with divisor n. At least one value. */
export function populationSpread(values: Float64Array): { mean: number; deviation: number } {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / values.length) };
}

/** Ascending, without NaN and infinities: all of these monitors leave them out. */
export function sortedFinite(values: Iterable<number>): Float64Array {
  return Float64Array.from([...values].filter(Number.isFinite)).sort();
}

/** How often each distinct value occurs on both sides, in ascending order; both samples ascend. */
export function distinctCounts(
  reference: Float64Array,
  current: Float64Array,
): { reference: Float64Array; current: Float64Array } {
  const values = [...new Set([...reference, ...current])];
  const place = new Map(values.sort((a, b) => a - b).map((value, i) => [value, i]));
  const counted = (sample: Float64Array) => {
    const counts = new Float64Array(values.length);
    for (const value of sample) counts[place.get(value)!]! += 1;
    return counts;
  };
  return { reference: counted(reference), current: counted(current) };
}
