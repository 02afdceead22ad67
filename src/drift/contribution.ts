// What moved: the parts of a column's bins that its drift comes from, and a sentence for each of them.
import type { ColumnKind } from '../profile/column.ts';
import { nextUp } from '../sketch/binning.ts';
import { total } from '../sketch/total.ts';
import type { Reference } from './prepared-baseline.ts';
import type { MovedBins, Mover } from './result.ts';

/** More than this nobody reads. */
const moversMax = 5;

/** A mover that contributes less than this share of the greatest one only mirrors it: what one bin gains, the others lose. */
const leastOfGreatest = 0.1;

/**
 * What a further cut must gain, in units of PSI's mean per degree of freedom under no drift (1/n + 1/m): about the greatest
 * of 32 chi-squared variables, so that noise does not cut.
 */
const cutPenalty = 2 * Math.log(32);

/**
 * The movers of a column, at most 5, greatest contribution first. `window` has the window's rows per bin of the reference's
 * finest level: coarse bins, then missing, then unseen; `nEffective` is how many independent rows they are worth. A
 * contribution is the sum of the terms (q − p) ln(q / p) that PSI, half a row added to each bin, has for the bins of the
 * mover: those of all bins add up to PSI on that level, whichever measure decided. Neighbouring bins of a number that moved
 * in the same direction are one mover, once the noise is smoothed away.
 */
export function contributions(
  reference: Reference,
  window: Float64Array,
  nEffective: number,
): readonly Mover[] {
  const bins = smoothed(reference.counts, window);
  const { size } = reference.coarsening;
  const penalty = cutPenalty * (1 / nEffective + 1 / bins.m);
  const runs = reference.kind === 'numeric' ? numericRuns(bins, size, penalty) : singles(0, size);
  const movers = [...runs, ...singles(size, size + 2)]
    .map(({ first, end }) => moverOf(reference, bins, first, end))
    .filter(({ contribution }) => contribution > 0)
    .sort((a, b) => b.contribution - a.contribution);
  const least = leastOfGreatest * (movers[0]?.contribution ?? 0);
  return movers.slice(0, moversMax).filter(({ contribution }) => contribution >= least);
}

/** Bins [first, end). */
interface Run {
  readonly first: number;
  readonly end: number;
}

interface SmoothedBins {
  /** Rows. */
  readonly baseline: Float64Array;
  readonly window: Float64Array;
  readonly m: number;
  readonly n: number;
  /** Shares with half a row added to every bin that is not empty on both sides. */
  readonly p: Float64Array;
  readonly q: Float64Array;
}

function smoothed(baseline: Float64Array, window: Float64Array): SmoothedBins {
  const m = total(baseline);
  const n = total(window);
  let occupied = 0;
  for (let i = 0; i < baseline.length; i++) if (baseline[i]! + window[i]! > 0) occupied += 1;
  const share = (counts: Float64Array, rows: number) =>
    counts.map((count, i) => (baseline[i]! + window[i]! > 0 ? (count + 0.5) / (rows + occupied / 2) : 0));
  return { baseline, window, m, n, p: share(baseline, m), q: share(window, n) };
}

function singles(first: number, end: number): Run[] {
  return Array.from({ length: end - first }, (_, i) => ({ first: first + i, end: first + i + 1 }));
}

function term(p: number, q: number): number {
  return p > 0 && q > 0 ? (q - p) * Math.log(q / p) : 0;
}

/**
 * Cuts the first `size` bins, which are in order, into the runs that keep the most of PSI less a penalty for every cut (by
 * dynamic programming over all cuts), and joins neighbouring runs that moved in the same direction.
 */
function numericRuns({ p, q }: SmoothedBins, size: number, penalty: number): Run[] {
  const best = new Float64Array(size + 1);
  const cutBefore = new Int32Array(size + 1);
  for (let end = 1; end <= size; end++) {
    best[end] = -Infinity;
    let ofBaseline = 0;
    let ofWindow = 0;
    for (let first = end - 1; first >= 0; first--) {
      ofBaseline += p[first]!;
      ofWindow += q[first]!;
      const gain = best[first]! + term(ofBaseline, ofWindow) - penalty;
      if (gain <= best[end]!) continue;
      best[end] = gain;
      cutBefore[end] = first;
    }
  }
  const runs: Run[] = [];
  for (let end = size; end > 0; end = cutBefore[end]!) runs.unshift({ first: cutBefore[end]!, end });
  return joined(runs, (run) => sumOf(q, run) > sumOf(p, run));
}

function joined(runs: readonly Run[], rises: (run: Run) => boolean): Run[] {
  const result: Run[] = [];
  for (const run of runs) {
    const last = result.at(-1);
    if (last !== undefined && rises(last) === rises(run))
      result[result.length - 1] = { first: last.first, end: run.end };
    else result.push(run);
  }
  return result;
}

function sumOf(values: Float64Array, { first, end }: Run): number {
  return total(values.subarray(first, end));
}

function moverOf(reference: Reference, bins: SmoothedBins, first: number, end: number): Mover {
  const baselineRows = sumOf(bins.baseline, { first, end });
  const windowRows = sumOf(bins.window, { first, end });
  let contribution = 0;
  for (let bin = first; bin < end; bin++) contribution += term(bins.p[bin]!, bins.q[bin]!);
  return {
    ...binsOf(reference, first, end),
    ...{ baselineRows, windowRows },
    ...{ baselineShare: baselineRows / bins.m, windowShare: windowRows / bins.n },
    contribution,
  };
}

function binsOf(reference: Reference, first: number, end: number): MovedBins {
  const { groups, size } = reference.coarsening;
  if (first >= size) return { kind: first === size ? 'missing' : 'unseen' };
  if (reference.kind === 'numeric') return rangeOf(reference.numbers!.binning.edges, groups, first, end);
  const category = groups.indexOf(first);
  if (groups.indexOf(first, category + 1) >= 0) return { kind: 'other' };
  return { kind: 'category', name: reference.summary.dictionary!.names[category]! };
}

/** The fine bins of coarse bins [first, end); a bin of a single value ends with that value, not with the next double. */
function rangeOf(edges: Float64Array, groups: Int32Array, first: number, end: number): MovedBins {
  const lowest = groups.indexOf(first);
  const highest = groups.lastIndexOf(end - 1);
  const from = lowest === 0 ? null : edges[lowest - 1]!;
  if (highest === edges.length) return { kind: 'range', from, to: null, closed: false };
  const lower = edges[highest - 1];
  const closed = lower !== undefined && edges[highest] === nextUp(lower);
  return { kind: 'range', from, to: closed ? lower : edges[highest]!, closed };
}

/**
 * A mover as a sentence, such as `share of country=CHN: 2 % → 9 %` or `values from 410 upwards: 5 % → 11 %`. `name` is what
 * the category of the mover is called for the reader; undefined where it must stay unnamed.
 */
export function describeContribution(
  column: DescribedColumn,
  mover: Mover,
  name: string | undefined,
): string {
  const [before, after] = percentages(mover.baselineShare, mover.windowShare);
  return `${subject(column, mover, name)}: ${before} % → ${after} %`;
}

interface DescribedColumn {
  readonly name: string;
  readonly kind: ColumnKind;
}

function subject(column: DescribedColumn, moved: MovedBins, name: string | undefined): string {
  switch (moved.kind) {
    case 'missing':
      return 'missing';
    case 'unseen':
      return column.kind === 'numeric'
        ? 'values where the baseline has none'
        : 'categories that the baseline does not know';
    case 'other':
      return 'rarer categories together';
    case 'category':
      return name === undefined ? 'share of one category' : `share of ${column.name}=${name}`;
    case 'range':
      return rangeText(moved.from, moved.to, moved.closed);
  }
}

function rangeText(from: number | null, to: number | null, closed: boolean): string {
  if (from === null && to === null) return 'finite values';
  if (to === null) return `values from ${edgeText(from!)} upwards`;
  if (from === null) return `values ${closed ? 'up to' : 'below'} ${edgeText(to)}`;
  if (from === to) return `the value ${edgeText(to)}`;
  return `values from ${edgeText(from)} ${closed ? 'to' : 'to below'} ${edgeText(to)}`;
}

/** Six digits of a fraction; whole numbers, such as identifiers and years, to the last. */
function edgeText(edge: number): string {
  return String(Number.isInteger(edge) ? edge : Number(edge.toPrecision(6)));
}

/** Two digits, and as many more as it takes to tell both from each other. */
function percentages(before: number, after: number): readonly [string, string] {
  for (let digits = 2; ; digits++) {
    const texts = [before, after].map((share) => percentText(share, digits)) as [string, string];
    if (texts[0] !== texts[1] || before === after || digits > 15) return texts;
  }
}

/** Of a share near 1 the distance from 1 says as much as a small share itself. */
function percentText(share: number, digits: number): string {
  const percent = 100 * share;
  return String(Number(percent.toPrecision(percent >= 99 ? digits + 1 : digits)));
}
