// The real data and their exact reference values, read from the shared data directory.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';

export const root = resolve(import.meta.dirname, '../..', process.env.DRIFTLINE_DATA ?? '../shared/data');

export const dataSets = ['bike_sharing', 'california_housing', 'hotel_booking', 'telco_churn'] as const;

/** In CI the data have to be there; elsewhere tests that need them say that they are skipped. */
export const haveData = existsSync(root) || process.env.CI !== undefined;
export const skipMessage = `reference data not found at ${root}`;

export interface Binned {
  readonly counts: number[];
  readonly psi: { readonly 'floor_1e-4': number; readonly 'floor_1e-6': number; readonly add_half: number };
  readonly js: number;
  readonly hellinger: number;
  readonly tv: number;
  readonly linf: number;
  readonly psi_null: number;
}

export interface NumericDrift {
  readonly ks: number;
  readonly ks_p_smirnov: number;
  /** Null where there are too many pairs of values. */
  readonly ks_p_exact: number | null;
  readonly wasserstein: number;
  readonly wasserstein_norm: number | null;
  readonly left_closed: Binned;
  readonly right_closed: Binned;
}

interface TestResult {
  readonly stat: number;
  readonly dof: number;
  readonly p: number;
}

export interface CategoricalDrift extends Omit<Binned, 'counts'> {
  readonly psi_other: number;
  readonly chi2: TestResult | null;
  readonly chi2_gof: TestResult | null;
}

export interface BaselineFeature {
  readonly count: number;
  readonly nulls: number;
  readonly std?: number;
  readonly edges?: number[];
  readonly counts: { readonly left_closed: number[]; readonly right_closed: number[] } & Record<
    string,
    number
  >;
}

export interface ExpectedWindow {
  readonly start_ms: number;
  readonly end_ms: number;
  readonly count: number;
  readonly features: Record<
    string,
    { readonly count: number; readonly nulls: number; readonly drift: NumericDrift & CategoricalDrift }
  >;
}

export interface ExpectedModel {
  readonly baseline: { readonly features: Record<string, BaselineFeature> };
  readonly windows: ExpectedWindow[];
}

export interface Row {
  readonly timestamp: string;
  readonly features: Record<string, unknown>;
  readonly prediction: unknown;
  readonly score?: number;
}

export interface DataSet {
  readonly model: string;
  readonly expected: ExpectedModel;
  /** Features and the columns @prediction, @score with their kinds. */
  readonly kinds: ReadonlyMap<string, 'numeric' | 'categorical'>;
  readonly baseline: readonly Row[];
  /** Rows by the start of their window. */
  readonly windows: ReadonlyMap<number, readonly Row[]>;
}

export function readUnitVectors(): {
  numeric: UnitVector<NumericDrift>[];
  categorical: UnitVector<CategoricalDrift>[];
} {
  return JSON.parse(readFileSync(resolve(root, 'unit-vectors.json'), 'utf8'));
}

export interface UnitVector<Drift> {
  readonly name: string;
  readonly baseline: unknown[];
  readonly window: unknown[];
  readonly edges: number[];
  readonly drift: Drift;
}

export function readDataSet(name: string): DataSet {
  const schema = JSON.parse(readFileSync(resolve(root, name, 'schema.json'), 'utf8'));
  const expected = JSON.parse(readFileSync(resolve(root, name, 'expected.json'), 'utf8'));
  const model: string = schema.models[0];
  const kinds = new Map<string, 'numeric' | 'categorical'>(Object.entries(schema.features));
  kinds.set('@prediction', schema.task === 'regression' ? 'numeric' : 'categorical');
  if (schema.task !== 'regression') kinds.set('@score', 'numeric');
  const size: number = schema.window_ms;
  const byStart = (row: Row) => Math.floor(Date.parse(row.timestamp) / size) * size;
  return {
    model,
    expected: expected.models[model],
    kinds,
    baseline: readRows(name, 'baseline'),
    windows: Map.groupBy(readRows(name, 'predictions'), byStart),
  };
}

function readRows(name: string, file: string): Row[] {
  const text = gunzipSync(readFileSync(resolve(root, name, `${file}.ndjson.gz`))).toString('utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** The value of a column in a row; null and absent alike are null. */
export function columnValue(row: Row, column: string): unknown {
  if (column === '@prediction') return row.prediction;
  if (column === '@score') return row.score ?? null;
  return row.features[column] ?? null;
}

/** Finite numbers of a column, ascending. */
export function numbersOf(rows: readonly Row[], column: string): Float64Array {
  return Float64Array.from(
    rows.map((row) => columnValue(row, column)).filter((value) => typeof value === 'number'),
  ).sort();
}

/** The counts of both sides over the union of their categories, in the order of the text. */
export function categoryCounts(baseline: readonly unknown[], window: readonly unknown[]): CategoryCounts {
  const count = (values: readonly unknown[]) => {
    const counts = new Map<string, number>();
    for (const value of values)
      if (value !== null) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
    return counts;
  };
  const [b, w] = [count(baseline), count(window)];
  const names = [...new Set([...b.keys(), ...w.keys()])].sort();
  return {
    names,
    baseline: Float64Array.from(names, (name) => b.get(name) ?? 0),
    window: Float64Array.from(names, (name) => w.get(name) ?? 0),
  };
}

export interface CategoryCounts {
  readonly names: string[];
  readonly baseline: Float64Array;
  readonly window: Float64Array;
}
