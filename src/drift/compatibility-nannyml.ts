// NannyML's numbers by its own rules (0.13, nannyml/drift/univariate/methods.py and thresholds.py), for those who move. Own
// implementation; what differs from Driftline's measures is in docs/migration.md.
import { type ChiSquaredTest, chiSquaredHomogeneity } from './chi-squared.ts';
import {
  doaneEdges,
  evenEdges,
  histogram,
  populationSpread,
  sortedFinite,
} from './compatibility-histogram.ts';
import { hellingerDistance } from './hellinger.ts';
import { jensenShannonDistance } from './jensen-shannon.ts';
import { exactStatistic } from './kolmogorov-smirnov.ts';
import { lInfinityDistance } from './l-infinity.ts';
import { exactDistance } from './wasserstein.ts';

/** From so many reference rows on, Kolmogorov-Smirnov and Wasserstein are estimated on bins of equal width. */
const exactRowsBelow = 10_000;
const estimationBins = 10_000;

interface Counts {
  readonly reference: Float64Array;
  readonly current: Float64Array;
}

/** Numbers on Doane's bins of the reference, frozen, and one bin more for what falls outside. */
function doaneCounts(reference: Float64Array, current: Float64Array): Counts {
  const sorted = sortedFinite(reference);
  const chunk = sortedFinite(current);
  const edges = doaneEdges(sorted);
  const inside = histogram(chunk, edges);
  const outside = chunk.length - inside.reduce((sum, count) => sum + count, 0);
  return {
    reference: Float64Array.of(...histogram(sorted, edges), 0),
    current: Float64Array.of(...inside, outside),
  };
}

/** `jensen_shannon` of numbers: the distance in base 2, as Driftline's. */
export function nannymlJensenShannon(reference: Float64Array, current: Float64Array): number {
  const counts = doaneCounts(reference, current);
  return jensenShannonDistance(counts.reference, counts.current);
}

/** `hellinger` of numbers. */
export function nannymlHellinger(reference: Float64Array, current: Float64Array): number {
  const counts = doaneCounts(reference, current);
  return hellingerDistance(counts.reference, counts.current);
}

/**
 * `jensen_shannon`, `hellinger`, `l_infinity` and `chi2` of categories, from rows per category in the same order on both
 * sides. NannyML pools the new ones for the first two, which does not change them.
 */
export function nannymlCategories({ reference, current }: Counts): {
  readonly jensenShannon: number;
  readonly hellinger: number;
  readonly lInfinity: number;
  readonly chiSquared: ChiSquaredTest | undefined;
} {
  return {
    jensenShannon: jensenShannonDistance(reference, current),
    hellinger: hellingerDistance(reference, current),
    lInfinity: lInfinityDistance(reference, current),
    chiSquared: contingency(reference, current),
  };
}

/** `scipy.stats.chi2_contingency`: homogeneity; of two categories with Yates' correction (1934), half a row towards equality. */
function contingency(reference: Float64Array, current: Float64Array): ChiSquaredTest | undefined {
  const filled = [...reference.keys()].filter((i) => reference[i]! + current[i]! > 0);
  if (filled.length !== 2) return chiSquaredHomogeneity(reference, current);
  const [a, b] = filled.map((i) => reference[i]!) as [number, number];
  const [c, d] = filled.map((i) => current[i]!) as [number, number];
  // All four cells deviate from what is expected by the same amount.
  const deviation = a - ((a + b) * (a + c)) / (a + b + c + d);
  const shift = -Math.sign(deviation) * Math.min(0.5, Math.abs(deviation));
  return chiSquaredHomogeneity(Float64Array.of(a + shift, b - shift), Float64Array.of(c - shift, d + shift));
}

/** `kolmogorov_smirnov`: exact below 10,000 reference rows, else at the edges of 10,000 bins of equal width. */
export function nannymlKolmogorovSmirnov(reference: Float64Array, current: Float64Array): number {
  const sorted = sortedFinite(reference);
  const chunk = sortedFinite(current);
  if (sorted.length < exactRowsBelow) return exactStatistic(sorted, chunk);
  const edges = evenEdges(sorted[0]!, sorted.at(-1)!, estimationBins);
  return differences(sorted, chunk, edges, chunk.filter((x) => x < edges[0]!).length / chunk.length).greatest;
}

/**
 * `wasserstein`, not divided by anything: exact below 10,000 reference rows, else by 10,000 bins of equal width and exactly
 * beyond their ends. NannyML counts one value too many below the bins; here too, since the numbers are to agree.
 */
export function nannymlWasserstein(reference: Float64Array, current: Float64Array): number {
  const sorted = sortedFinite(reference);
  const chunk = sortedFinite(current);
  if (sorted.length < exactRowsBelow) return exactDistance(sorted, chunk);
  const edges = evenEdges(sorted[0]!, sorted.at(-1)!, estimationBins);
  const low = edges[0]!;
  const high = edges.at(-1)!;
  const below = chunk.filter((x) => x < low);
  const above = chunk.filter((x) => x > high);
  const sharesBelow = below.length > 0 ? (below.length + 1) / chunk.length : 0;
  const { sum } = differences(sorted, chunk, edges, sharesBelow);
  const beyond = [...below.map((x) => low - x), ...above.map((x) => x - high)];
  return (
    sum * (edges[1]! - edges[0]!) + beyond.reduce((total, distance) => total + distance, 0) / chunk.length
  );
}

/** Greatest and total difference of the distribution functions at the upper edges; `from` is the chunk's at the lowest. */
function differences(
  sorted: Float64Array,
  chunk: Float64Array,
  edges: Float64Array,
  from: number,
): { greatest: number; sum: number } {
  const ofReference = histogram(sorted, edges);
  const ofChunk = histogram(chunk, edges);
  let f = 0;
  let g = from;
  let greatest = 0;
  let sum = 0;
  for (let bin = 0; bin < ofReference.length; bin++) {
    f += ofReference[bin]! / sorted.length;
    g += ofChunk[bin]! / chunk.length;
    greatest = Math.max(greatest, Math.abs(f - g));
    sum += Math.abs(f - g);
  }
  return { greatest, sum };
}

export interface ChunkThresholds {
  readonly lower: number;
  readonly upper: number;
}

/**
 * The thresholds that NannyML learns from the values of the reference's chunks: `lower` and `upper` standard deviations
 * (divisor n) from their mean, median, least or greatest. Its defaults are the mean and 3 on both sides; a chunk alarms
 * outside. It takes 10 chunks, and warns of fewer than 6.
 */
export function nannymlThresholds(
  ofChunks: readonly number[],
  deviations: { readonly lower: number; readonly upper: number } = { lower: 3, upper: 3 },
  offsetFrom: 'mean' | 'median' | 'min' | 'max' = 'mean',
): ChunkThresholds {
  const sorted = Float64Array.from(ofChunks).sort();
  const { mean, deviation } = populationSpread(sorted);
  const offsets = {
    mean,
    median: (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2,
    min: sorted[0]!,
    max: sorted.at(-1)!,
  };
  const offset = offsets[offsetFrom];
  return {
    lower: offset - deviations.lower * deviation,
    upper: offset + deviations.upper * deviation,
  };
}
