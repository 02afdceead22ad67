// What another product would say of a column: its own numbers by its own rules, each beside Driftline's measure for the same question.
import { databricksCategorical, databricksNumeric } from './compatibility-databricks.ts';
import {
  type EvidentlyTest,
  evidentlyDrift,
  evidentlyNumbers,
  type Samples,
} from './compatibility-evidently.ts';
import {
  nannymlCategories,
  nannymlHellinger,
  nannymlJensenShannon,
  nannymlKolmogorovSmirnov,
  nannymlThresholds,
  nannymlWasserstein,
} from './compatibility-nannyml.ts';
import type { MeasureName } from './result.ts';

export const peerProducts = ['evidently', 'nannyml', 'databricks'] as const;

export type PeerProduct = (typeof peerProducts)[number];

type Categories = readonly (string | null)[];

/** The rows of a column in their order: NaN and null are rows without a value, which all of these products leave out. */
export type ColumnRows =
  | { readonly kind: 'numeric'; readonly rows: Float64Array }
  | { readonly kind: 'categorical'; readonly rows: Categories };

/** One number of another product. */
export interface PeerNumber {
  /** As the product calls it. */
  readonly statistic: string;
  readonly value: number;
  /** What the product holds it against; null where it has no level of its own. */
  readonly threshold: number | null;
  /** Whether the product calls the column drifted by it; null without a level. */
  readonly drifted: boolean | null;
  /** Whether the product takes it when nothing is chosen. */
  readonly isDefault: boolean;
  /** Driftline's measure for the same question. */
  readonly counterpart: MeasureName;
}

/** What a product says of a column; nothing where one side has no value, or both sides are not of one kind. */
export function peerNumbers(
  product: PeerProduct,
  reference: ColumnRows,
  current: ColumnRows,
): readonly PeerNumber[] {
  const samples = samplesOf(reference, current);
  if (samples === undefined) return [];
  if (product === 'evidently') return ofEvidently(samples);
  return product === 'nannyml' ? ofNannyml(reference, current) : ofDatabricks(samples);
}

/** Rows as the rules take them: numbers, or rows per category in the order of the text. */
function samplesOf(reference: ColumnRows, current: ColumnRows): Samples | undefined {
  if (!hasValues(reference) || !hasValues(current)) return undefined;
  if (reference.kind === 'numeric' && current.kind === 'numeric')
    return { kind: 'numeric', reference: reference.rows, current: current.rows };
  if (reference.kind !== 'categorical' || current.kind !== 'categorical') return undefined;
  return categorySamples(reference.rows, current.rows);
}

function categorySamples(reference: Categories, current: Categories): Samples {
  const before = countsOf(reference);
  const after = countsOf(current);
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return {
    kind: 'categorical',
    reference: Float64Array.from(names, (name) => before.get(name) ?? 0),
    current: Float64Array.from(names, (name) => after.get(name) ?? 0),
  };
}

function hasValues({ kind, rows }: ColumnRows): boolean {
  return kind === 'numeric' ? rows.some(Number.isFinite) : rows.some((value) => value !== null);
}

function countsOf(rows: Categories): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const value of rows) if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

const evidentlyCounterparts: Readonly<Record<EvidentlyTest, MeasureName>> = {
  ks: 'kolmogorov_smirnov',
  chisquare: 'chi_squared',
  z: 'chi_squared',
  wasserstein: 'wasserstein',
  jensenshannon: 'jensen_shannon',
  psi: 'psi',
  kl_div: 'jensen_shannon',
  hellinger: 'hellinger',
};

/** The default test, then the others that can be chosen, each against Evidently's default threshold. */
function ofEvidently(samples: Samples): readonly PeerNumber[] {
  const byDefault = evidentlyDrift(samples).test;
  const numbers = evidentlyNumbers(samples).map(({ test, score, threshold, drifted }) => ({
    ...{ statistic: test, value: score, threshold, drifted },
    isDefault: test === byDefault,
    counterpart: evidentlyCounterparts[test],
  }));
  return [...numbers.filter(({ isDefault }) => isDefault), ...numbers.filter(({ isDefault }) => !isDefault)];
}

/** How many chunks NannyML cuts the reference into by default. */
const chunkCount = 10;

/** A method of NannyML; it has the name of Driftline's measure. */
interface NannymlMethod<Rows> {
  readonly name: MeasureName;
  readonly value: (reference: Rows, current: Rows) => number;
}

const nannymlNumeric: readonly NannymlMethod<Float64Array>[] = [
  { name: 'jensen_shannon', value: nannymlJensenShannon },
  { name: 'hellinger', value: nannymlHellinger },
  { name: 'kolmogorov_smirnov', value: nannymlKolmogorovSmirnov },
  { name: 'wasserstein', value: nannymlWasserstein },
];

const nannymlCategorical: readonly NannymlMethod<Categories>[] = [
  { name: 'jensen_shannon', value: (before, after) => nannymlOf(before, after).jensenShannon },
  { name: 'hellinger', value: (before, after) => nannymlOf(before, after).hellinger },
  { name: 'l_infinity', value: (before, after) => nannymlOf(before, after).lInfinity },
];

function nannymlOf(before: Categories, after: Categories) {
  return nannymlCategories(categorySamples(before, after));
}

function ofNannyml(reference: ColumnRows, current: ColumnRows): readonly PeerNumber[] {
  if (reference.kind === 'numeric' && current.kind === 'numeric') {
    const chunks = chunksOf(reference.rows.length, (from, to) => reference.rows.subarray(from, to));
    const filled = chunks.filter((rows) => hasValues({ kind: 'numeric', rows }));
    return nannymlNumeric.map((method) => nannymlNumber(method, reference.rows, current.rows, filled));
  }
  if (reference.kind !== 'categorical' || current.kind !== 'categorical') return [];
  const chunks = chunksOf(reference.rows.length, (from, to) => reference.rows.slice(from, to));
  const filled = chunks.filter((rows) => hasValues({ kind: 'categorical', rows }));
  const learnt = nannymlCategorical.map((method) =>
    nannymlNumber(method, reference.rows, current.rows, filled),
  );
  const { chiSquared } = nannymlOf(reference.rows, current.rows);
  if (chiSquared === undefined) return learnt;
  const { statistic: value, p } = chiSquared;
  // Of `chi2` NannyML publishes the statistic, and alarms by the p-value.
  const test = { statistic: 'chi2', value, threshold: null, drifted: p < 0.05 };
  return [...learnt, { ...test, isDefault: false, counterpart: 'chi_squared' }];
}

/** A number against the thresholds learnt from the chunks; the upper one is shown, below the lower one alarms too. */
function nannymlNumber<Rows>(
  { name, value }: NannymlMethod<Rows>,
  reference: Rows,
  current: Rows,
  chunks: readonly Rows[],
): PeerNumber {
  const found = value(reference, current);
  const ofChunks = chunks.map((chunk) => value(reference, chunk));
  const thresholds = ofChunks.length === 0 ? undefined : nannymlThresholds(ofChunks);
  return {
    statistic: name,
    value: found,
    threshold: thresholds?.upper ?? null,
    drifted: thresholds === undefined ? null : found > thresholds.upper || found < thresholds.lower,
    isDefault: name === 'jensen_shannon',
    counterpart: name,
  };
}

/** Ten chunks of so many rows, the last one with the rows that are left over; none of fewer than ten rows. */
function chunksOf<Rows>(count: number, slice: (from: number, to: number) => Rows): Rows[] {
  const size = Math.floor(count / chunkCount);
  if (size === 0) return [];
  return Array.from({ length: chunkCount }, (_, k) =>
    slice(k * size, k === chunkCount - 1 ? count : (k + 1) * size),
  );
}

/** The statistics of the drift metrics table; it holds no levels. */
function ofDatabricks(samples: Samples): readonly PeerNumber[] {
  const number = (statistic: string, value: number, counterpart: MeasureName): PeerNumber => ({
    ...{ statistic, value, threshold: null, drifted: null, isDefault: true, counterpart },
  });
  if (samples.kind === 'numeric') {
    const row = databricksNumeric(samples.reference, samples.current);
    return [
      number('ks_test.statistic', row.ks_test.statistic, 'kolmogorov_smirnov'),
      number('wasserstein_distance', row.wasserstein_distance, 'wasserstein'),
      number('population_stability_index', row.population_stability_index, 'psi'),
    ];
  }
  const row = databricksCategorical(samples.reference, samples.current);
  const test = row.chi_squared_test;
  return [
    number('js_distance', row.js_distance, 'jensen_shannon'),
    ...(test === null ? [] : [number('chi_squared_test.statistic', test.statistic, 'chi_squared')]),
    number('tv_distance', row.tv_distance, 'total_variation'),
    number('l_infinity_distance', row.l_infinity_distance, 'l_infinity'),
  ];
}
