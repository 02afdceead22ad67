import { describe, expect, test } from 'vitest';
import { evaluateWindow } from '../../src/drift/evaluate.ts';
import { measures } from '../../src/drift/measures.ts';
import { type PreparedBaseline, prepareBaseline } from '../../src/drift/prepared-baseline.ts';
import { type DriftPolicy, measureNames, type WindowResult } from '../../src/drift/result.ts';
import type { ColumnKind } from '../../src/profile/column.ts';
import { emptyProfile, type Profile } from '../../src/profile/profile.ts';
import type { ModelSchema } from '../../src/profile/schema.ts';
import { observeCategory } from '../../src/sketch/category-summary.ts';
import { observeNumber } from '../../src/sketch/numeric-summary.ts';
import { baselineOf, defaultPolicy, profileOf, schemaOf, type Values } from './build.ts';
import { normal, uniform } from './random.ts';
import { columnValue, haveData, readDataSet, skipMessage } from './reference-data.ts';

const random = uniform(42);

function rows(count: number, row: () => Values): Values[] {
  return Array.from({ length: count }, row);
}

function evaluate(
  baseline: PreparedBaseline,
  profile: Profile,
  policy: Partial<DriftPolicy> = {},
): WindowResult {
  return evaluateWindow({
    model: 'model',
    segment: 'all',
    start: 0,
    end: 300_000,
    profile,
    versions: [{ version: '1', rows: profile.rows }],
    schema: baseline.baseline.schema,
    baseline,
    policy: { ...defaultPolicy, ...policy },
  });
}

/** One numeric or categorical column `x` compared. */
function compare(
  kind: ColumnKind,
  before: () => unknown,
  after: () => unknown,
  count = 1_000,
  policy: Partial<DriftPolicy> = {},
) {
  const baseline = prepareBaseline(
    baselineOf(
      rows(10_000, () => ({ x: before() })),
      [['x', kind]],
    ),
  );
  const window = rows(count, () => ({ x: after() }));
  return evaluate(baseline, profileOf(baseline.baseline.schema, window), policy).columns[0]!;
}

describe('what others miss is drift', () => {
  test('one value of 1000 in a 5,000-row window does not hide a shift of half a standard deviation', () => {
    let outliers = 1;
    const after = () => (outliers-- > 0 ? 1_000 : normal(random) + 0.5);
    const column = compare('numeric', () => normal(random), after, 5_000);
    expect(column).toMatchObject({ state: 'drifted', severity: 'critical', measure: 'psi', n: 5_000 });
    expect(column.statistics).toMatchObject({ max: 1_000 });
    for (const name of ['jensen_shannon', 'kolmogorov_smirnov', 'hellinger'] as const) {
      const { score, noiseFloor, p } = column.measures[name]!;
      expect(score!, name).toBeGreaterThan(2 * noiseFloor!);
      expect(p!, name).toBeLessThan(1e-9);
    }
  });

  test('growing nulls raise as nulls', () => {
    const withNulls = (share: number) => () => (random() < share ? null : normal(random));
    const column = compare('numeric', withNulls(0.02), withNulls(0.25));
    expect(column).toMatchObject({ state: 'drifted', n: 1_000, unseen: 0 });
    expect(column.missing).toBeGreaterThan(200);
    expect(column.measures.kolmogorov_smirnov!.p).toBeGreaterThan(1e-3);
    expect(compare('categorical', withNulls(0.02), withNulls(0.25)).state).toBe('drifted');
  });

  test('a column that becomes all null is drift, whatever the primary measure', () => {
    for (const measure of ['psi', 'wasserstein', 'kolmogorov_smirnov'] as const) {
      const column = compare(
        'numeric',
        () => normal(random),
        () => null,
        500,
        { measure },
      );
      expect(column).toMatchObject({ state: 'drifted', measure: 'psi', missing: 500, n: 500 });
      expect(column.statistics).toMatchObject({ mean: null, quantiles: [] });
    }
  });

  test('numbers that arrive as text or as NaN raise as missing', () => {
    const text = compare(
      'numeric',
      () => normal(random),
      () => (random() < 0.3 ? '1.5' : normal(random)),
    );
    expect(text.state).toBe('drifted');
    expect(text.invalid).toBeGreaterThan(200);
    const notFinite = compare(
      'numeric',
      () => normal(random),
      () => (random() < 0.3 ? 'NaN' : normal(random)),
    );
    expect(notFinite.state).toBe('drifted');
    expect(notFinite.nonfinite).toBeGreaterThan(200);
  });

  test('a zero-inflated column whose zeros become fewer', () => {
    const zeros = (share: number) => () => (random() < share ? 0 : Math.exp(normal(random)));
    expect(compare('numeric', zeros(0.95), zeros(0.75))).toMatchObject({ state: 'drifted' });
    expect(compare('numeric', zeros(0.95), zeros(0.95))).toMatchObject({ state: 'ok', severity: 'none' });
  });

  test.each([1, -1])('a constant column that takes other values (%d)', (change) => {
    const column = compare(
      'numeric',
      () => 5,
      () => (random() < 0.2 ? 5 + change : 5),
    );
    expect(column.state).toBe('drifted');
    expect(column.measures.kolmogorov_smirnov!.score).toBeGreaterThan(0.1);
    expect(column.measures.wasserstein).toMatchObject({ score: null, noiseFloor: null, p: null });
    expect(column.measures.wasserstein!.raw).toBeCloseTo(column.measures.kolmogorov_smirnov!.score!, 12);
    expect(
      compare(
        'numeric',
        () => 5,
        () => 5,
      ).state,
    ).toBe('ok');
  });

  test('new categories', () => {
    const column = compare(
      'categorical',
      () => 'ab'[Math.floor(random() * 2)],
      () => (random() < 0.2 ? 'c' : 'a'),
    );
    expect(column.state).toBe('drifted');
    expect(column.unseen).toBeGreaterThan(100);
    expect(column.statistics).toMatchObject({ top: [{ name: 'a' }, { name: 'c' }] });
  });
});

describe('what is not drift stays quiet', () => {
  test('50 columns over 200 windows of 1,000 rows raise nothing', () => {
    const kinds = Array.from(
      { length: 50 },
      (_, i) => [`column ${i}`, i % 5 === 4 ? 'categorical' : 'numeric'] as const,
    );
    const draws = kinds.map(([, kind], i) =>
      kind === 'categorical'
        ? () => `c${Math.floor(random() * random() * 20 * (i + 1))}`
        : [
            () => normal(random),
            () => Math.floor(random() * 30),
            () => (random() < 0.6 ? 0 : random()),
            () => random() ** -0.4,
          ][i % 5]!,
    );
    const first = rows(10_000, () => Object.fromEntries(kinds.map(([name], i) => [name, draws[i]!()])));
    const baseline = prepareBaseline(baselineOf(first, kinds));
    let drifted = 0;
    for (let window = 0; window < 200; window++) {
      const profile = emptyProfile(baseline.baseline.schema);
      profile.rows = 1_000;
      profile.columns.forEach((column, i) => {
        const draw = draws[i]!;
        for (let row = 0; row < 1_000; row++) {
          if (column.kind === 'numeric') observeNumber(column.summary, draw() as number);
          else observeCategory(column.summary, draw() as string);
        }
      });
      drifted += evaluate(baseline, profile).driftedColumns;
    }
    expect(drifted).toBe(0);
  });

  test('a column of identifiers, where half of the rows are new every time', () => {
    const identifier = () => `id${Math.floor(random() * 15_000)}`;
    expect(compare('categorical', identifier, identifier)).toMatchObject({ state: 'ok' });
    expect(compare('categorical', identifier, identifier).unseen).toBeGreaterThan(300);
    expect(compare('categorical', identifier, () => `other${random()}`)).toMatchObject({ state: 'drifted' });
  });
});

describe('a verdict', () => {
  test('of fewer rows than min_count is insufficient_data, whatever the score; missing rows count', () => {
    const shifted = () => normal(random) + 5;
    const few = compare('numeric', () => normal(random), shifted, 299);
    expect(few).toMatchObject({ state: 'insufficient_data', severity: 'none', pAdjusted: null, n: 299 });
    expect(few.score).toBeGreaterThan(1);
    expect(few.p).toBeLessThan(1e-6);
    const nulls = compare(
      'numeric',
      () => normal(random),
      () => (random() < 0.5 ? null : shifted()),
      300,
    );
    expect(nulls).toMatchObject({ state: 'drifted', n: 300 });
  });

  test('needs a score above the noise floor where that is greater than the warning level', () => {
    const column = compare(
      'numeric',
      () => normal(random),
      () => normal(random),
      300,
      { warning: 0.001, alpha: 1.1 },
    );
    expect(column.threshold).toBe(column.noiseFloor);
    expect(column.state).toBe(column.score! > column.noiseFloor! ? 'drifted' : 'ok');
    expect(column.score).toBeGreaterThan(0.001);
    expect(column.state).toBe('ok');
  });

  test('needs an adjusted p-value below alpha', () => {
    const shifted = () => normal(random) + 1;
    expect(compare('numeric', () => normal(random), shifted, 1_000, { alpha: 0 }).state).toBe('ok');
    expect(compare('numeric', () => normal(random), shifted).state).toBe('drifted');
  });

  test('is critical above the critical level, else a warning', () => {
    const shifted = () => normal(random) + 0.6;
    const score = compare('numeric', () => normal(random), shifted, 20_000).score!;
    const severity = (critical: number) =>
      compare('numeric', () => normal(random), shifted, 20_000, { critical }).severity;
    expect(severity(score * 1.3)).toBe('warning');
    expect(severity(score * 0.7)).toBe('critical');
  });

  test('follows the column’s own measure and levels', () => {
    const own = { measure: 'kolmogorov_smirnov', warning: 0.9, critical: 0.95 } as const;
    const column = compare(
      'numeric',
      () => normal(random),
      () => normal(random) + 1,
      1_000,
      { columns: new Map([['x', own]]) },
    );
    expect(column).toMatchObject({
      state: 'ok',
      threshold: 0.9,
      critical: 0.95,
      measure: 'kolmogorov_smirnov',
    });
    expect(column.score).toBe(column.measures.kolmogorov_smirnov!.score);
  });

  test('falls back to PSI for a measure that does not apply to the kind', () => {
    const column = compare(
      'categorical',
      () => 'a',
      () => 'b',
      400,
      { measure: 'wasserstein' },
    );
    expect(column).toMatchObject({ measure: 'psi', state: 'drifted' });
  });

  test('publishes every measure that applies, in numbers that JSON can hold', () => {
    for (const kind of ['numeric', 'categorical'] as const) {
      const column = compare(
        kind,
        () => Math.floor(random() * 9),
        () => Math.floor(random() * 9),
      );
      const applicable = measureNames.filter((name) => measures[name].kinds.includes(kind));
      expect(Object.keys(column.measures)).toEqual(applicable);
      expect(JSON.parse(JSON.stringify(column))).toEqual(column);
      for (const { score, noiseFloor, p } of Object.values(column.measures)) {
        expect([score, noiseFloor, p].every((value) => value !== null && Number.isFinite(value))).toBe(true);
      }
    }
  });

  test('adjusts p-values over the columns of the window', () => {
    const kinds = [...'abcdefghij'].map((name) => [name, 'numeric'] as const);
    const row = () => Object.fromEntries(kinds.map(([name]) => [name, normal(random)]));
    const baseline = prepareBaseline(baselineOf(rows(5_000, row), kinds));
    const { columns } = evaluate(baseline, profileOf(baseline.baseline.schema, rows(1_000, row)));
    const smallest = columns.toSorted((a, b) => a.p! - b.p!)[0]!;
    expect(smallest.pAdjusted).toBeGreaterThan(smallest.p!);
    expect(smallest.pAdjusted).toBeLessThanOrEqual(10 * smallest.p! + 1e-15);
  });
});

describe('a window result', () => {
  const kinds = [
    ['x', 'numeric'],
    ['c', 'categorical'],
  ] as const;
  const row = () => ({ x: normal(random), c: random() < 0.3 ? 'a' : 'b' });
  const reference = baselineOf(rows(3_000, row), kinds);
  const baseline = prepareBaseline(reference);

  test('without a baseline has statistics and no verdict', () => {
    const schema: ModelSchema = {
      model: 'model',
      task: 'binary',
      columns: kinds.map(([name, kind]) => ({ name, kind })),
      baselineHash: '',
    };
    const profile = profileOf(schema, rows(1_500, row));
    const result = evaluateWindow({
      ...{ model: 'model', segment: 'all', start: 0, end: 1, profile, versions: [], schema },
      baseline: undefined,
      policy: defaultPolicy,
    });
    expect(result).toMatchObject({ status: 'no_baseline', baselineHash: '', driftedColumns: 0, rows: 1_500 });
    for (const column of result.columns) {
      expect(column).toMatchObject({
        state: 'insufficient_data',
        score: null,
        p: null,
        measures: {},
        nBaseline: 0,
        n: 1_500,
        unseen: 0,
      });
    }
    expect(result.columns[0]!.statistics).toMatchObject({ zeros: 0 });
    expect(result.columns[1]!.statistics).toMatchObject({ top: [{ name: 'b' }, { name: 'a' }] });
  });

  test('is insufficient_data when every column is, also for an empty window', () => {
    expect(evaluate(baseline, profileOf(reference.schema, rows(20, row))).status).toBe('insufficient_data');
    const empty = evaluate(baseline, emptyProfile(reference.schema));
    expect(empty.status).toBe('insufficient_data');
    expect(empty.columns[0]).toMatchObject({ n: 0, score: null, measures: {} });
    expect(JSON.parse(JSON.stringify(empty))).toEqual(empty);
  });

  test('of a profile with another baseline’s bins is nearly that with its own', () => {
    const other = schemaOf(
      rows(500, () => ({ x: normal(random) * 3 + 1, c: random() < 0.5 ? 'z' : 'a' })),
      kinds,
      'other',
    );
    for (const count of [600, 4_000]) {
      const window = rows(count, () => ({ x: normal(random) + 0.7, c: random() < 0.6 ? 'a' : 'b' }));
      const own = evaluate(baseline, profileOf(reference.schema, window));
      const moved = evaluate(baseline, profileOf(other, window));
      expect(moved.driftedColumns).toBe(2);
      // Below a thousand values the window is exact and nothing is lost; beyond, the digest speaks.
      const digits = count < 1_000 ? 12 : 1;
      for (const name of ['psi', 'kolmogorov_smirnov', 'wasserstein'] as const) {
        const score = (result: WindowResult) => result.columns[0]!.measures[name]!.score!;
        expect(score(moved), name).toBeCloseTo(score(own), digits);
      }
      expect('lower' in moved.columns[0]!.measures.kolmogorov_smirnov!).toBe(count < 1_000);
      expect(moved.columns[1]!.measures).toEqual(own.columns[1]!.measures);
    }
  });

  test('treats a column that the profile lacks as one without rows', () => {
    const profile = profileOf(reference.schema, rows(400, row));
    profile.columns.pop();
    const result = evaluate(baseline, profile);
    expect(result.columns[1]).toMatchObject({ name: 'c', n: 0, state: 'insufficient_data' });
    expect(result.status).toBe('ok');
  });

  test('of a column that is empty in the baseline raises when values come', () => {
    const hollow = prepareBaseline(
      baselineOf(
        rows(1_000, () => ({ x: null, c: null })),
        kinds,
      ),
    );
    const result = evaluate(hollow, profileOf(hollow.baseline.schema, rows(400, row)));
    expect(result.columns.map(({ state }) => state)).toEqual(['drifted', 'drifted']);
    expect(
      evaluate(
        hollow,
        profileOf(
          hollow.baseline.schema,
          rows(400, () => ({})),
        ),
      ).driftedColumns,
    ).toBe(0);
  });
});

describe.skipIf(!haveData)(haveData ? 'real data' : skipMessage, () => {
  /** The share of columns that are drifted in windows with enough rows. */
  function driftedShare(name: string): number {
    const { kinds, baseline, windows } = readDataSet(name);
    const values = (data: Parameters<typeof columnValue>[0][]) =>
      data.map((row) =>
        Object.fromEntries([...kinds.keys()].map((column) => [column, columnValue(row, column)])),
      );
    const prepared = prepareBaseline(baselineOf(values([...baseline]), kinds));
    const columns = [...windows.values()].flatMap((window) => {
      const profile = profileOf(prepared.baseline.schema, values([...window]));
      return evaluate(prepared, profile, { minCount: 200 }).columns.filter(
        ({ state }) => state !== 'insufficient_data',
      );
    });
    return columns.filter(({ state }) => state === 'drifted').length / columns.length;
  }

  test('telco_churn, the control, raises nothing', () => {
    expect(driftedShare('telco_churn')).toBe(0);
  });

  test('california_housing, every window another region, raises most columns', () => {
    expect(driftedShare('california_housing')).toBeGreaterThan(0.7);
  });
});
