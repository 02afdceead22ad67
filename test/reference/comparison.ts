// What the pipeline found in a reference data set, value by value beside what NumPy and SciPy say.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { ResultDocument } from '../../src/codec/result.ts';
import type { Baseline } from '../../src/profile/baseline.ts';
import { distinctCategories } from '../../src/sketch/category-summary.ts';
import { exactDistinctMax } from '../../src/sketch/distinct.ts';
import { standardDeviation } from '../../src/sketch/moments.ts';
import { readNumeric } from '../../src/sketch/numeric-summary.ts';
import { referenceFile } from '../reference-file.ts';
import { type Comparison, check, exact, relativeError } from './check.ts';
import { compareEstimate, compareQuality, type ExpectedQualityWindow } from './quality.ts';
import { type Replayed, replayed } from './replayed.ts';

export const dataSets = ['hotel_booking', 'telco_churn', 'california_housing', 'bike_sharing'] as const;

interface ExpectedFeature {
  readonly count: number;
  readonly nulls: number;
  readonly distinct: number;
  readonly mean?: number;
  readonly std?: number;
  readonly min?: number;
  readonly max?: number;
  readonly top?: readonly (readonly [string, number])[];
  readonly counts?: Readonly<Record<string, number>>;
  readonly drift?: {
    readonly ks?: number;
    readonly wasserstein_norm?: number | null;
    readonly new?: { readonly share: number };
  } | null;
}

interface ExpectedWindow extends ExpectedQualityWindow {
  readonly start_ms: number;
  readonly end_ms: number;
  readonly count: number;
  readonly features: Readonly<Record<string, ExpectedFeature>>;
}

interface Expected {
  readonly models: Readonly<
    Record<
      string,
      {
        readonly baseline: {
          readonly count: number;
          readonly features: Readonly<Record<string, ExpectedFeature>>;
        };
        readonly windows: readonly ExpectedWindow[];
      }
    >
  >;
}

const quantileLevels = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];
/** A category of fewer rows is not published. */
const publishedRowsMin = 10;
const bounds = { moments: 1e-9, ks: 0.003, wasserstein: 0.01, rank: 0.005, distinct: 0.03 } as const;

/** What was found of drift and summaries, and of quality. */
export interface Compared {
  readonly drift: Comparison;
  readonly quality: Comparison;
}

/** Replays a data set and compares everything that `expected.json` says of drift, counts and summaries. */
export async function compareDataSet(dataSet: string): Promise<Compared> {
  const expected = JSON.parse(readFileSync(referenceFile(dataSet, 'expected.json'), 'utf8')) as Expected;
  const found = await replayed(dataSet, 2);
  const comparison = nothingCompared();
  const quality = nothingCompared();
  for (const [model, { baseline, windows }] of Object.entries(expected.models)) {
    compareBaseline(
      comparison,
      `${dataSet} ${model} baseline`,
      baseline.features,
      found.baselines.get(model)!,
    );
    compareWindows(comparison, dataSet, model, windows, found);
    compareQuality(quality, dataSet, model, windows, found, (window) => window.quality);
    compareEstimate(quality, dataSet, model, windows, found);
  }
  await compareCutoffs(quality, dataSet, expected);
  return { drift: comparison, quality };
}

function nothingCompared(): Comparison {
  return { compared: {}, worst: {}, outside: [] };
}

/** What is known of the windows where labels come no later after their prediction than the reference says. */
async function compareCutoffs(into: Comparison, dataSet: string, { models }: Expected): Promise<void> {
  const windows = Object.values(models).flatMap((model) => model.windows);
  const ages = new Set(windows.flatMap(({ quality_cutoff: cutoffs }) => Object.keys(cutoffs ?? {})));
  for (const age of ages) {
    const found = await replayed(dataSet, 2, Number(age));
    for (const [model, expected] of Object.entries(models)) {
      const expectedOf = (window: ExpectedQualityWindow) => window.quality_cutoff?.[age];
      compareQuality(into, `${dataSet} by ${age}`, model, expected.windows, found, expectedOf);
    }
  }
}

function compareBaseline(
  into: Comparison,
  where: string,
  expected: Readonly<Record<string, ExpectedFeature>>,
  { schema, profile }: Baseline,
): void {
  for (const [feature, values] of Object.entries(expected)) {
    const index = schema.columns.findIndex(({ name }) => name === feature);
    const column = profile.columns[index];
    const at = `${where} ${feature}`;
    exact(into, 'columns', at, column !== undefined, true);
    if (column === undefined) continue;
    exact(into, 'counts', at, profile.rows, values.count);
    exact(into, 'nulls', at, column.missing, values.nulls);
    if (column.kind === 'numeric') {
      const { moments } = readNumeric(column.summary);
      compareMoments(into, at, { ...moments, std: standardDeviation(moments) }, values);
    } else {
      exact(into, 'distinct', at, distinctCategories(column.summary), values.distinct);
      const { dictionary, counts } = column.summary;
      const found = Object.fromEntries((dictionary?.names ?? []).map((name, i) => [name, counts[i]]));
      for (const [name, count] of Object.entries(values.counts ?? {}))
        exact(into, 'categories', `${at} ${name}`, found[name], count);
    }
  }
}

function compareMoments(
  into: Comparison,
  where: string,
  found: {
    readonly mean: number | null;
    readonly std: number | null;
    readonly min: number | null;
    readonly max: number | null;
  },
  expected: ExpectedFeature,
): void {
  for (const moment of ['mean', 'std', 'min', 'max'] as const) {
    const value = expected[moment];
    if (value !== undefined)
      check(into, 'moments', `${where} ${moment}`, relativeError(found[moment], value), bounds.moments);
  }
}

function compareWindows(
  into: Comparison,
  dataSet: string,
  model: string,
  windows: readonly ExpectedWindow[],
  found: Replayed,
): void {
  const results = found.results.filter((result) => result.model === model);
  const starts = results.map((result) => result.window_start_time).sort();
  exact(
    into,
    'windows',
    `${dataSet} ${model}`,
    starts.join(' '),
    windows.map(({ start }) => start).join(' '),
  );
  const values = windowValues(dataSet, model, windows);
  for (const window of windows) {
    const result = results.find(({ window_start_time: start }) => start === window.start);
    if (result === undefined) continue;
    const where = `${dataSet} ${model} ${window.start.slice(0, 10)}`;
    exact(into, 'counts', where, result.rows, window.count);
    for (const [feature, expected] of Object.entries(window.features)) {
      const column = result.columns.find(({ feature_name: name }) => name === feature);
      exact(into, 'columns', `${where} ${feature}`, column !== undefined, true);
      if (column !== undefined)
        compareColumn(into, `${where} ${feature}`, column, expected, values(window, feature));
    }
  }
}

function compareColumn(
  into: Comparison,
  where: string,
  column: ResultDocument['columns'][number],
  expected: ExpectedFeature,
  values: () => Float64Array,
): void {
  exact(into, 'counts', where, column.n, expected.count);
  exact(into, 'nulls', where, column.missing, expected.nulls);
  exact(into, 'unusable', where, column.invalid + column.nonfinite, 0);
  const { statistics } = column;
  compareDistinct(into, where, statistics.distinct, expected.distinct);
  if ('top' in statistics) {
    compareCategories(into, where, column, statistics.top, expected);
    return;
  }
  compareMoments(into, where, statistics, expected);
  statistics.quantiles.forEach((quantile, i) => {
    check(
      into,
      'quantile rank',
      `${where} q${quantileLevels[i]}`,
      rankError(values(), quantile, quantileLevels[i]!),
      bounds.rank,
    );
  });
  const ks = column.measures.kolmogorov_smirnov;
  if (expected.drift?.ks !== undefined && ks !== undefined) {
    const exactKs = expected.drift.ks;
    check(into, 'ks', where, relativeError(ks.score, exactKs), bounds.ks);
    const slack = 1e-12;
    const inside = ks.lower! <= exactKs + slack && exactKs <= ks.upper! + slack;
    exact(into, 'ks interval', `${where} [${ks.lower}, ${ks.upper}] of ${exactKs}`, inside, true);
  }
  const normalised = expected.drift?.wasserstein_norm;
  if (typeof normalised === 'number') {
    const score = column.measures.wasserstein?.score;
    check(
      into,
      'wasserstein',
      where,
      score === null || score === undefined ? Number.NaN : Math.abs(score - normalised),
      bounds.wasserstein,
    );
  }
}

/** Below 1,000 the number is exact. */
function compareDistinct(
  into: Comparison,
  where: string,
  found: number | null | undefined,
  expected: number,
): void {
  const error = found === null || found === undefined ? Number.NaN : Math.abs(found / expected - 1);
  // A column without values has none.
  const isNone = expected === 0 && found === 0;
  check(into, 'distinct', where, isNone ? 0 : error, expected < exactDistinctMax ? 0 : bounds.distinct);
}

function compareCategories(
  into: Comparison,
  where: string,
  column: ResultDocument['columns'][number],
  top: readonly { readonly name?: string | undefined; readonly count: number }[],
  expected: ExpectedFeature,
): void {
  const published = (expected.top ?? []).filter(([, count]) => count >= publishedRowsMin);
  const counts = new Map(top.map(({ name, count }) => [name, count]));
  const least = published.at(-1)?.[1] ?? 0;
  for (const [name, count] of published) {
    // Of categories with equal counts at the end of the list either may be named.
    if (count > least || published.length < 10)
      exact(into, 'categories', `${where} ${name}`, counts.get(name), count);
  }
  const share = expected.drift?.new?.share;
  if (share !== undefined)
    check(
      into,
      'unseen',
      where,
      Math.abs(column.unseen / (column.n - column.missing) - share),
      bounds.moments,
    );
}

/** How far the rank of a value is from the level that it was given for. */
function rankError(sorted: Float64Array, value: number | null, level: number): number {
  if (value === null) return Number.NaN;
  let below = 0;
  while (below < sorted.length && sorted[below]! < value) below += 1;
  let atOrBelow = below;
  while (atOrBelow < sorted.length && sorted[atOrBelow]! <= value) atOrBelow += 1;
  return Math.max(0, below / sorted.length - level, level - atOrBelow / sorted.length);
}

type Values = (window: ExpectedWindow, feature: string) => () => Float64Array;

/** The finite numbers of a feature in a window, ascending, read from the data themselves. */
function windowValues(dataSet: string, model: string, windows: readonly ExpectedWindow[]): Values {
  const text = gunzipSync(readFileSync(referenceFile(dataSet, 'predictions.ndjson.gz'))).toString();
  const events = text
    .split('\n')
    .filter((line) => line !== '')
    .map(
      (line) =>
        JSON.parse(line) as {
          model: string;
          timestamp: string;
          prediction: unknown;
          score?: number;
          features: Record<string, unknown>;
        },
    )
    .filter((event) => event.model === model);
  const inWindow = new Map(
    windows.map((window) => [
      window.start_ms,
      events.filter(({ timestamp }) => {
        const time = Date.parse(timestamp);
        return time >= window.start_ms && time < window.end_ms;
      }),
    ]),
  );
  return (window, feature) => () => {
    const own = (inWindow.get(window.start_ms) ?? []).map((event) => {
      if (feature === '@prediction') return event.prediction;
      return feature === '@score' ? event.score : event.features[feature];
    });
    return Float64Array.from(own.filter((value) => typeof value === 'number')).sort();
  };
}
