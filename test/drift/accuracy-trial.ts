// Distances between two samples as their summaries give them, beside what they are by definition.
import { compareColumn } from '../../src/drift/compare.ts';
import { exactStatistic, kolmogorovSmirnov } from '../../src/drift/kolmogorov-smirnov.ts';
import { type PreparedBaseline, prepareBaseline } from '../../src/drift/prepared-baseline.ts';
import { exactDistance, wassersteinDistance } from '../../src/drift/wasserstein.ts';
import type { NumericColumn } from '../../src/profile/column.ts';
import { emptyColumn, observeValue } from '../../src/profile/profile.ts';
import type { ColumnSpec } from '../../src/profile/schema.ts';
import { mergeNumericSummaries, withoutBins } from '../../src/sketch/numeric-summary.ts';
import { partsOf, type SampleName, sampleNames, sampleOf } from '../laws/summary-samples.ts';
import { baselineOf } from './build.ts';

/** What the window's counts per bin are taken from: its own bins or, after a change of the baseline, its digest. */
export const bases = ['bins', 'digest'] as const;
export type Basis = (typeof bases)[number];

export interface TrialBaseline {
  readonly spec: ColumnSpec;
  /** Ascending. */
  readonly values: Float64Array;
  readonly prepared: PreparedBaseline;
}

export interface Trial {
  /** |KS − the exact one|. */
  readonly kolmogorovSmirnov: number;
  /** |W₁ − the exact one| in standard deviations of the baseline; NaN where that is no finite number above 0. */
  readonly wasserstein: number;
  /** Whether the interval that the bins prove holds the exact KS; a digest claims none. */
  readonly isHeld: boolean;
}

/** How windows differ from their baseline: not at all, in scale, in place. */
const changes: readonly ((x: number) => number)[] = [(x) => x, (x) => 1.1 * x, (x) => x + 0.3];

/** How many parts the windows are summarised in: one shard, or 33 that are merged. */
const partCounts = [1, 33];

/** A baseline of a sample. */
export function trialBaseline(sample: Float64Array): TrialBaseline {
  const baseline = baselineOf(
    Array.from(sample, (x) => ({ x })),
    [['x', 'numeric']],
  );
  const prepared = prepareBaseline(baseline);
  return { spec: baseline.schema.columns[0]!, values: sample.toSorted(), prepared };
}

/** One window of so many parts compared with a baseline. */
export function trial(
  { spec, values, prepared }: TrialBaseline,
  sample: Float64Array,
  basis: Basis,
  parts: number,
): Trial {
  const column = columnOf(spec, sample, parts);
  const seen = basis === 'bins' ? column : { ...column, summary: withoutBins(column.summary) };
  const { comparison } = compareColumn(spec, seen, prepared.columns[0], basis === 'bins');
  const { baseline, window } = comparison!.numbers!;
  const { statistic, lower, upper } = kolmogorovSmirnov(baseline, window);
  const ascending = sample.toSorted();
  const exact = exactStatistic(values, ascending);
  const distance = wassersteinDistance(baseline, window);
  const error = Math.abs(distance - exactDistance(values, ascending)) / baseline.deviation;
  return {
    kolmogorovSmirnov: Math.abs(statistic - exact),
    wasserstein: Number.isFinite(error) ? error : Number.NaN,
    isHeld: basis === 'digest' || (exact >= lower - 1e-12 && exact <= upper + 1e-12),
  };
}

function columnOf(spec: ColumnSpec, sample: Float64Array, parts: number): NumericColumn {
  const [whole, ...others] = partsOf(sample, parts).map((part) => {
    const column = emptyColumn(spec) as NumericColumn;
    for (const x of part) observeValue(column, x);
    return column;
  });
  for (const { summary } of others) mergeNumericSummaries(whole!.summary, summary);
  return whole!;
}

export interface Accuracy {
  readonly name: SampleName;
  readonly size: number;
  readonly basis: Basis;
  readonly trials: number;
  readonly worstKolmogorovSmirnov: number;
  readonly worstWasserstein: number;
  /** How many intervals held the exact value. */
  readonly held: number;
}

/** The worst of `seeds` windows of each change and number of parts, for every distribution of the laws. */
export function* accuracies(size: number, seeds: number): Generator<Accuracy> {
  for (const name of sampleNames) {
    const baseline = trialBaseline(sampleOf(name, size, 1));
    for (const basis of bases) {
      const all = Array.from({ length: seeds }, (_, seed) => sampleOf(name, size, 2 + seed)).flatMap(
        (sample) =>
          changes.flatMap((change) =>
            partCounts.map((parts) => trial(baseline, sample.map(change), basis, parts)),
          ),
      );
      yield {
        ...{ name, size, basis, trials: all.length },
        worstKolmogorovSmirnov: Math.max(...all.map((one) => one.kolmogorovSmirnov)),
        worstWasserstein: Math.max(0, ...all.map((one) => one.wasserstein).filter(Number.isFinite)),
        held: all.filter((one) => one.isHeld).length,
      };
    }
  }
}

const discrete: readonly SampleName[] = [
  'zeros and ones',
  'zeros, ones and twos',
  'integers',
  'constant',
  'zeros of both signs and denormals',
];

/**
 * What an error of KS may be from 10,000 values on. Values that are hundreds of orders of magnitude apart are another matter:
 * moved by 0.3, half of them become one value, and where in a bin of two decades the baseline stands there is known to half
 * a bin only; and a digest, which blends neighbours, makes nonsense of them (Cormode, Mishra, Ross and Veselý, KDD 2021).
 */
export function errorAllowed(name: SampleName, basis: Basis): number {
  if (discrete.includes(name)) return 0;
  if (name === 'up to ±1e300') return basis === 'bins' ? 1 / 512 : Number.POSITIVE_INFINITY;
  return basis === 'bins' ? 1e-3 : 2.5e-3;
}
