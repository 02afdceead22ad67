import { describe, expect, test } from 'vitest';
import { compareColumn } from '../../src/drift/compare.ts';
import type { NumericComparison } from '../../src/drift/comparison.ts';
import { kolmogorovSmirnov } from '../../src/drift/kolmogorov-smirnov.ts';
import { prepareBaseline } from '../../src/drift/prepared-baseline.ts';
import { wassersteinDistance } from '../../src/drift/wasserstein.ts';
import { kolmogorovTail } from '../../src/stats/kolmogorov.ts';
import { baselineOf, profileOf, type Values } from './build.ts';
import {
  columnValue,
  dataSets,
  haveData,
  numbersOf,
  type Row,
  readDataSet,
  readUnitVectors,
  skipMessage,
} from './reference-data.ts';

/** Both sides of one numeric column as the evaluation sees them; undefined where one has no finite value. */
function compare(baseline: readonly unknown[], window: readonly unknown[]): NumericComparison | undefined {
  const rows = (values: readonly unknown[]): Values[] => values.map((x) => ({ x }));
  const reference = baselineOf(rows(baseline), [['x', 'numeric']]);
  const { columns } = prepareBaseline(reference);
  const profile = profileOf(reference.schema, rows(window));
  return compareColumn(reference.schema.columns[0]!, profile.columns[0], columns[0], true).comparison
    ?.numbers;
}

/** sup |F − G| and ∫ |F − G| by definition, over the pooled values. */
function exactDistances(baseline: Float64Array, window: Float64Array): { ks: number; wasserstein: number } {
  const pooled = Float64Array.of(...baseline, ...window).sort();
  let [ks, wasserstein, i, k] = [0, 0, 0, 0];
  for (const [at, x] of pooled.entries()) {
    while (baseline[i]! <= x) i += 1;
    while (window[k]! <= x) k += 1;
    const difference = Math.abs(i / baseline.length - k / window.length);
    ks = Math.max(ks, difference);
    wasserstein += difference * ((pooled[at + 1] ?? x) - x);
  }
  return { ks, wasserstein };
}

describe.skipIf(!haveData)(haveData ? 'against scipy' : skipMessage, () => {
  const { numeric } = haveData ? readUnitVectors() : { numeric: [] };

  test.each(numeric)('small samples are exact: $name', ({ baseline, window, drift }) => {
    const numbers = compare(baseline, window)!;
    const { statistic, lower, upper } = kolmogorovSmirnov(numbers.baseline, numbers.window);
    expect(statistic).toBeCloseTo(drift.ks, 11);
    expect([lower, upper]).toEqual([statistic, statistic]);
    const distance = wassersteinDistance(numbers.baseline, numbers.window);
    expect(Math.abs(distance - drift.wasserstein)).toBeLessThanOrEqual(1e-9 * Math.max(1, drift.wasserstein));
    const [n, m] = [numbers.window.n, numbers.baseline.n];
    expect(kolmogorovTail(Math.sqrt((n * m) / (n + m)) * drift.ks)).toBeCloseTo(drift.ks_p_smirnov, 9);
    if (numbers.baseline.deviation === 0) expect(drift.wasserstein_norm).toBeNull();
    else expect(distance / numbers.baseline.deviation).toBeCloseTo(drift.wasserstein_norm!, 8);
  });

  test.each(dataSets)(
    '%s: every numeric column of every window, and of long stretches of the stream',
    (name) => {
      const { expected, kinds, baseline, windows } = readDataSet(name);
      const numericKinds = [...kinds].filter(([, kind]) => kind === 'numeric');
      const numbersIn = (rows: readonly Row[]): Values[] =>
        rows.map((row) =>
          Object.fromEntries(numericKinds.map(([column]) => [column, columnValue(row, column)])),
        );
      const reference = baselineOf(numbersIn(baseline), numericKinds);
      const { columns } = prepareBaseline(reference);
      const worst = { kolmogorovSmirnov: 0, wasserstein: 0, interval: 0 };
      let compared = 0;

      const check = (window: readonly Row[], truths: (column: string) => Truth | undefined) => {
        const profile = profileOf(reference.schema, numbersIn(window));
        numericKinds.forEach(([column], i) => {
          const truth = truths(column);
          const numbers = compareColumn(reference.schema.columns[i]!, profile.columns[i], columns[i], true)
            .comparison?.numbers;
          if (truth === undefined || numbers === undefined) return;
          const { statistic, lower, upper } = kolmogorovSmirnov(numbers.baseline, numbers.window);
          const what = `${column}, ${window.length} rows: ${truth.ks} in [${lower}, ${upper}], estimate ${statistic}`;
          expect(truth.ks, what).toBeGreaterThanOrEqual(lower - 1e-11);
          expect(truth.ks, what).toBeLessThanOrEqual(upper + 1e-11);
          expect(statistic, what).toBeGreaterThanOrEqual(lower);
          expect(statistic, what).toBeLessThanOrEqual(upper);
          const error = Math.abs(
            wassersteinDistance(numbers.baseline, numbers.window) / numbers.baseline.deviation -
              truth.normalised,
          );
          worst.kolmogorovSmirnov = Math.max(worst.kolmogorovSmirnov, Math.abs(statistic - truth.ks));
          worst.interval = Math.max(worst.interval, upper - lower);
          worst.wasserstein = Math.max(worst.wasserstein, error);
          compared += 1;
        });
      };

      for (const window of expected.windows) {
        check(windows.get(window.start_ms)!, (column) => {
          const { drift } = window.features[column]!;
          return drift === null ? undefined : { ks: drift.ks, normalised: drift.wasserstein_norm! };
        });
      }
      const stream = [...windows.values()].flat();
      for (const length of [1_001, 2_500, stream.length]) {
        const stretch = stream.slice(-length);
        check(stretch, (column) => {
          const { ks, wasserstein } = exactDistances(numbersOf(baseline, column), numbersOf(stretch, column));
          return { ks, normalised: wasserstein / expected.baseline.features[column]!.std! };
        });
      }
      expect(compared).toBe((expected.windows.length + 3) * numericKinds.length);
      expect(worst.kolmogorovSmirnov).toBeLessThanOrEqual(0.003);
      expect(worst.wasserstein).toBeLessThanOrEqual(0.01);
      expect(worst.interval).toBeLessThanOrEqual(0.01);
    },
  );
});

interface Truth {
  readonly ks: number;
  readonly normalised: number;
}
