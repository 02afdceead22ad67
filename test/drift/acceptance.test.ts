import { describe, expect, test } from 'vitest';
import { prepareBaseline } from '../../src/drift/prepared-baseline.ts';
import { measureNames } from '../../src/drift/result.ts';
import { emptyProfile } from '../../src/profile/profile.ts';
import { observeCategory } from '../../src/sketch/category-summary.ts';
import { observeNumber } from '../../src/sketch/numeric-summary.ts';
import { baselineOf, compareOne, evaluate, profileOf, rows } from './build.ts';
import { normal, uniform } from './random.ts';
import { columnValue, haveData, readDataSet, skipMessage } from './reference-data.ts';

const random = uniform(42);

describe('what others miss is drift', () => {
  test('one value of 1000 in a 5,000-row window does not hide a shift of half a standard deviation', () => {
    let outliers = 1;
    const after = () => (outliers-- > 0 ? 1_000 : normal(random) + 0.5);
    const column = compareOne('numeric', () => normal(random), after, 5_000);
    expect(column).toMatchObject({ state: 'drifted', severity: 'critical', measure: 'psi', n: 5_000 });
    expect(column.statistics).toMatchObject({ max: 1_000 });
    for (const name of ['jensen_shannon', 'kolmogorov_smirnov', 'hellinger'] as const) {
      const { score, noiseFloor, p } = column.measures[name]!;
      expect(score!, name).toBeGreaterThan(2 * noiseFloor!);
      expect(p!, name).toBeLessThan(1e-9);
    }
  });

  test.each(measureNames)('nor does it change any verdict when %s decides', (measure) => {
    const baseline = prepareBaseline(
      baselineOf(
        rows(10_000, () => ({ x: normal(random) })),
        [['x', 'numeric']],
      ),
    );
    const verdict = (window: readonly { readonly x: number }[]) =>
      evaluate(baseline, profileOf(baseline.baseline.schema, window), { measure }).columns[0]!;
    for (let trial = 0; trial < 10; trial++) {
      const window = rows(5_000, () => ({ x: normal(random) + 0.5 })) as { x: number }[];
      const without = verdict(window);
      const place = Math.floor(random() * window.length);
      const column = verdict(window.map((row, i) => (i === place ? { x: 1_000 } : row)));
      expect(column.statistics).toMatchObject({ max: 1_000 });
      expect(column).toMatchObject({ measure, state: without.state });
      // One row of 5,000 moves no share by more than itself, and a mean distance by 1,000/5,000.
      const moved = Math.abs(column.score! - without.score!);
      if (measure === 'wasserstein') expect(moved).toBeCloseTo(0.2, 2);
      else expect(moved / without.score!).toBeLessThan(0.01);
      // The greatest change of a single bin of 32 stays below the level of 0.1 with such a shift, outlier or not.
      expect(column.state).toBe(measure === 'l_infinity' ? 'ok' : 'drifted');
    }
  });

  test('growing nulls raise as nulls', () => {
    const withNulls = (share: number) => () => (random() < share ? null : normal(random));
    const column = compareOne('numeric', withNulls(0.02), withNulls(0.25));
    expect(column).toMatchObject({ state: 'drifted', n: 1_000, unseen: 0 });
    expect(column.missing).toBeGreaterThan(200);
    expect(column.measures.kolmogorov_smirnov!.p).toBeGreaterThan(1e-3);
    expect(compareOne('categorical', withNulls(0.02), withNulls(0.25)).state).toBe('drifted');
  });

  test('a column that becomes all null is drift, whatever the primary measure', () => {
    for (const measure of ['psi', 'wasserstein', 'kolmogorov_smirnov'] as const) {
      const column = compareOne(
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
    const text = compareOne(
      'numeric',
      () => normal(random),
      () => (random() < 0.3 ? '1.5' : normal(random)),
    );
    expect(text.state).toBe('drifted');
    expect(text.invalid).toBeGreaterThan(200);
    const notFinite = compareOne(
      'numeric',
      () => normal(random),
      () => (random() < 0.3 ? 'NaN' : normal(random)),
    );
    expect(notFinite.state).toBe('drifted');
    expect(notFinite.nonfinite).toBeGreaterThan(200);
  });

  test('a zero-inflated column whose zeros become fewer', () => {
    const zeros = (share: number) => () => (random() < share ? 0 : Math.exp(normal(random)));
    expect(compareOne('numeric', zeros(0.95), zeros(0.75))).toMatchObject({ state: 'drifted' });
    expect(compareOne('numeric', zeros(0.95), zeros(0.95))).toMatchObject({ state: 'ok', severity: 'none' });
  });

  test.each([1, -1])('a constant column that takes other values (%d)', (change) => {
    const column = compareOne(
      'numeric',
      () => 5,
      () => (random() < 0.2 ? 5 + change : 5),
    );
    expect(column.state).toBe('drifted');
    expect(column.measures.kolmogorov_smirnov!.score).toBeGreaterThan(0.1);
    expect(column.measures.wasserstein).toMatchObject({ score: null, noiseFloor: null, p: null });
    expect(column.measures.wasserstein!.raw).toBeCloseTo(column.measures.kolmogorov_smirnov!.score!, 12);
    expect(
      compareOne(
        'numeric',
        () => 5,
        () => 5,
      ).state,
    ).toBe('ok');
  });

  test('new categories', () => {
    const column = compareOne(
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
    expect(compareOne('categorical', identifier, identifier)).toMatchObject({ state: 'ok' });
    expect(compareOne('categorical', identifier, identifier).unseen).toBeGreaterThan(300);
    expect(compareOne('categorical', identifier, () => `other${random()}`)).toMatchObject({
      state: 'drifted',
    });
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
