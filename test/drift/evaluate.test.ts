import { describe, expect, test } from 'vitest';
import { evaluateWindow } from '../../src/drift/evaluate.ts';
import { measures } from '../../src/drift/measures.ts';
import { prepareBaseline } from '../../src/drift/prepared-baseline.ts';
import { measureNames, type WindowResult } from '../../src/drift/result.ts';
import { emptyProfile } from '../../src/profile/profile.ts';
import type { ModelSchema } from '../../src/profile/schema.ts';
import { baselineOf, compareOne, defaultPolicy, evaluate, profileOf, rows, schemaOf } from './build.ts';
import { normal, uniform } from './random.ts';

const random = uniform(42);

describe('a verdict', () => {
  test('of fewer rows than min_count is insufficient_data, whatever the score; missing rows count', () => {
    const shifted = () => normal(random) + 5;
    const few = compareOne('numeric', () => normal(random), shifted, 299);
    expect(few).toMatchObject({ state: 'insufficient_data', severity: 'none', pAdjusted: null, n: 299 });
    expect(few.score).toBeGreaterThan(1);
    expect(few.p).toBeLessThan(1e-6);
    const nulls = compareOne(
      'numeric',
      () => normal(random),
      () => (random() < 0.5 ? null : shifted()),
      300,
    );
    expect(nulls).toMatchObject({ state: 'drifted', n: 300 });
  });

  test('needs a score above the noise floor where that is greater than the warning level', () => {
    const column = compareOne(
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
    expect(compareOne('numeric', () => normal(random), shifted, 1_000, { alpha: 0 }).state).toBe('ok');
    expect(compareOne('numeric', () => normal(random), shifted).state).toBe('drifted');
  });

  test('is critical above the critical level, else a warning', () => {
    const shifted = () => normal(random) + 0.6;
    const score = compareOne('numeric', () => normal(random), shifted, 20_000).score!;
    const severity = (critical: number) =>
      compareOne('numeric', () => normal(random), shifted, 20_000, { critical }).severity;
    expect(severity(score * 1.3)).toBe('warning');
    expect(severity(score * 0.7)).toBe('critical');
  });

  test('follows the column’s own measure and levels', () => {
    const own = { measure: 'kolmogorov_smirnov', warning: 0.9, critical: 0.95 } as const;
    const column = compareOne(
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
    const column = compareOne(
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
      const column = compareOne(
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

  test('holds no infinities where values are near the greatest double', () => {
    for (const draw of [
      () => (random() < 0.5 ? 1.79e308 : -1.79e308),
      () => 10 ** (random() * 308),
      () => random() * 1e-310,
    ]) {
      for (const count of [400, 3_000]) {
        const column = compareOne('numeric', draw, draw, count);
        expect(column.state).toBe('ok');
        expect(JSON.parse(JSON.stringify(column))).toEqual(column);
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
