// Evidently's numbers by its own rules (0.7, src/evidently/legacy/calculations/stattests): for those who move, so that old and
// new can stand side by side. Own implementation; what differs from Driftline's measures is in docs/migration.md.

import { total } from '../sketch/total.ts';
import { normalTail } from '../stats/normal.ts';
import { chiSquaredFit } from './chi-squared.ts';
import {
  distinctCounts,
  histogram,
  populationSpread,
  sortedFinite,
  sturgesEdges,
} from './compatibility-histogram.ts';
import { kolmogorovTwoSample } from './compatibility-kolmogorov.ts';
import { jensenShannonDistance } from './jensen-shannon.ts';
import { exactDistance } from './wasserstein.ts';

export type EvidentlyTest =
  | 'ks'
  | 'chisquare'
  | 'z'
  | 'wasserstein'
  | 'jensenshannon'
  | 'psi'
  | 'kl_div'
  | 'hellinger';

/** Two samples of one column: numbers, or rows per category in the same order on both sides. Missing values left out. */
export type Samples =
  | { readonly kind: 'numeric'; readonly reference: Float64Array; readonly current: Float64Array }
  | { readonly kind: 'categorical'; readonly reference: Float64Array; readonly current: Float64Array };

export interface EvidentlyVerdict {
  readonly test: EvidentlyTest;
  /** A p-value of `ks`, `chisquare` and `z`, a distance or divergence of the others. */
  readonly score: number;
  readonly threshold: number;
  readonly drifted: boolean;
}

/**
 * Which test Evidently takes by default (`registry.py`): up to 1,000 reference rows tests with p-values, beyond distances.
 * `distinct` counts the different values of both sides together.
 */
export function evidentlyTest(kind: Samples['kind'], referenceRows: number, distinct: number): EvidentlyTest {
  const few = kind === 'categorical' || distinct <= 5;
  if (referenceRows > 1000) return few ? 'jensenshannon' : 'wasserstein';
  if (!few) return 'ks';
  return distinct > 2 ? 'chisquare' : 'z';
}

/** The default test of a column, its score, and Evidently's verdict: p below 0.05 (`ks`: at most), distance at least 0.1. */
export function evidentlyDrift(samples: Samples): EvidentlyVerdict {
  const counts = evidentlyCounts(samples, 'distinct');
  const test = evidentlyTest(samples.kind, total(counts.reference), counts.reference.length);
  return verdict(test, samples, counts);
}

/** What the tests say that can be chosen for a column of this kind, each against Evidently's default threshold. */
export function evidentlyNumbers(samples: Samples): readonly EvidentlyVerdict[] {
  const counts = evidentlyCounts(samples, 'distinct');
  const ofKind: readonly EvidentlyTest[] =
    samples.kind === 'numeric' ? ['ks', 'wasserstein'] : [counts.reference.length > 2 ? 'chisquare' : 'z'];
  const byDefault = evidentlyTest(samples.kind, total(counts.reference), counts.reference.length);
  const tests = new Set<EvidentlyTest>([byDefault, ...ofKind, 'psi', 'kl_div', 'jensenshannon', 'hellinger']);
  return [...tests].map((test) => verdict(test, samples, counts));
}

const pValues: readonly EvidentlyTest[] = ['ks', 'chisquare', 'z'];

function verdict(test: EvidentlyTest, samples: Samples, counts: Counts): EvidentlyVerdict {
  const score = scores[test](samples, counts);
  const isDistance = !pValues.includes(test);
  const threshold = isDistance ? 0.1 : 0.05;
  const drifted = isDistance ? score >= threshold : test === 'ks' ? score <= threshold : score < threshold;
  return { test, score, threshold, drifted };
}

interface Counts {
  readonly reference: Float64Array;
  readonly current: Float64Array;
}

const scores: Readonly<Record<EvidentlyTest, (samples: Samples, distinct: Counts) => number>> = {
  ks: ({ reference, current }) => kolmogorovTwoSample(sortedFinite(reference), sortedFinite(current)).p,
  chisquare: (_, distinct) => evidentlyChiSquared(distinct),
  z: (_, distinct) => evidentlyProportions(distinct),
  wasserstein: ({ reference, current }) => evidentlyWasserstein(reference, current),
  jensenshannon: (samples) => evidentlyJensenShannon(samples),
  psi: (samples) => evidentlyPsi(samples),
  kl_div: (samples) => evidentlyKullbackLeibler(samples),
  hellinger: (samples) => evidentlyHellinger(samples),
};

/**
 * The bins of PSI, KL and Jensen-Shannon (`utils.py`): the distinct values where the reference has at most 20 of them, else
 * `sturges` over both samples together, so that they change with every window.
 */
function evidentlyCounts(samples: Samples, bins: 'published' | 'distinct' = 'published'): Counts {
  if (samples.kind === 'categorical') return occupied(samples);
  const reference = sortedFinite(samples.reference);
  const current = sortedFinite(samples.current);
  if (bins === 'distinct' || new Set(reference).size <= 20) return distinctCounts(reference, current);
  const edges = sturgesEdges(sortedFinite([...reference, ...current]));
  return { reference: histogram(reference, edges), current: histogram(current, edges) };
}

/** Without the categories that neither side has: to Evidently they do not exist. */
function occupied({ reference, current }: Counts): Counts {
  const kept = [...reference.keys()].filter((i) => reference[i]! + current[i]! > 0);
  return {
    reference: Float64Array.from(kept, (i) => reference[i]!),
    current: Float64Array.from(kept, (i) => current[i]!),
  };
}

/** An empty bin gets 1e-4, or a millionth of the side's least share where that is at most 1e-4; nothing is renormalised. */
function filledShares(counts: Float64Array): Float64Array {
  const rows = total(counts);
  const shares = counts.map((count) => count / rows);
  const least = shares.reduce((lowest, share) => (share > 0 ? Math.min(lowest, share) : lowest), 1);
  const substitute = least <= 1e-4 ? least / 1e6 : 1e-4;
  return shares.map((share) => (share === 0 ? substitute : share));
}

/** `psi`: Σ (p − q) ln(p / q) over filled shares. */
export function evidentlyPsi(samples: Samples): number {
  const { reference, current } = evidentlyCounts(samples);
  const p = filledShares(reference);
  const q = filledShares(current);
  return p.reduce((sum, share, i) => sum + (share - q[i]!) * Math.log(share / q[i]!), 0);
}

/** `kl_div`: Σ p ln(p / q) of reference and current over filled shares, made to sum to 1. */
export function evidentlyKullbackLeibler(samples: Samples): number {
  const { reference, current } = evidentlyCounts(samples);
  const p = filledShares(reference);
  const q = filledShares(current);
  const ofP = total(p);
  const ofQ = total(q);
  return p.reduce((sum, share, i) => sum + (share / ofP) * Math.log(share / ofP / (q[i]! / ofQ)), 0);
}

/** `jensenshannon`: the distance with the natural logarithm: √ln 2 times Driftline's. */
export function evidentlyJensenShannon(samples: Samples): number {
  const { reference, current } = evidentlyCounts(samples);
  return jensenShannonDistance(reference, current) * Math.sqrt(Math.LN2);
}

/** `hellinger`: of numbers on `sturges` bins of the *distinct* values of both sides. */
export function evidentlyHellinger(samples: Samples): number {
  const { reference, current } = samples.kind === 'categorical' ? samples : hellingerCounts(samples);
  const n = total(reference);
  const m = total(current);
  const overlap = reference.reduce((sum, count, i) => sum + Math.sqrt((count / n) * (current[i]! / m)), 0);
  return Math.sqrt(1 - Math.min(1, overlap));
}

function hellingerCounts(samples: Samples): Counts {
  const reference = sortedFinite(samples.reference);
  const current = sortedFinite(samples.current);
  const edges = sturgesEdges(sortedFinite(new Set([...reference, ...current])));
  return { reference: histogram(reference, edges), current: histogram(current, edges) };
}

/** `wasserstein`: divided by the reference's standard deviation (divisor n), at least 0.001. */
export function evidentlyWasserstein(reference: Float64Array, current: Float64Array): number {
  const sorted = sortedFinite(reference);
  return exactDistance(sorted, sortedFinite(current)) / Math.max(populationSpread(sorted).deviation, 0.001);
}

/** `chisquare`: p-value of the fit to the reference's shares, taken as known; 0 where a category is new. */
export function evidentlyChiSquared({ reference, current }: Counts): number {
  if (reference.some((count, i) => count === 0 && current[i]! > 0)) return 0;
  return chiSquaredFit(reference, current)?.p ?? 1;
}

/** `z`: two-sided p-value of the two proportions of the second of two categories; 1 where there is only one. */
export function evidentlyProportions({ reference, current }: Counts): number {
  if (reference.length < 2) return 1;
  const m = total(reference);
  const n = total(current);
  const p = 1 - reference[0]! / m;
  const q = 1 - current[0]! / n;
  const pooled = (p * m + q * n) / (m + n);
  const z = (p - q) / Math.sqrt(pooled * (1 - pooled) * (1 / m + 1 / n));
  return 2 * normalTail(Math.abs(z));
}

/** Whether the dataset counts as drifted: at least this share of its columns has. */
export function evidentlyDatasetDrift(drifted: readonly boolean[], share = 0.5): boolean {
  return drifted.filter((is) => is).length / drifted.length >= share;
}
