import { describe, expect, test } from 'vitest';
import { chiSquaredFit, chiSquaredHomogeneity } from '../../src/drift/chi-squared.ts';
import { hellingerDistance } from '../../src/drift/hellinger.ts';
import { jensenShannonDistance } from '../../src/drift/jensen-shannon.ts';
import { lInfinityDistance } from '../../src/drift/l-infinity.ts';
import { populationStabilityIndex } from '../../src/drift/psi.ts';
import { totalVariation } from '../../src/drift/total-variation.ts';
import {
  type Binned,
  type CategoricalDrift,
  categoryCounts,
  columnValue,
  dataSets,
  haveData,
  readDataSet,
  readUnitVectors,
  skipMessage,
} from './reference-data.ts';

/** References are rounded to 12 digits; a distance near 0 is the root of a difference that cancels. */
function expectClose(value: number, reference: number, what: string): void {
  const tolerance = 1e-9 * Math.max(1, Math.abs(reference));
  if (!(Math.abs(value - reference) <= tolerance)) expect.fail(`${what}: ${value}, reference ${reference}`);
}

/** Relative, because a tail says something at any size. */
function expectSameTail(value: number, reference: number, what: string): void {
  if (reference < 1e-290 ? value > 1e-290 : !(Math.abs(value / reference - 1) <= 1e-9)) {
    expect.fail(`${what}: ${value}, reference ${reference}`);
  }
}

function expectMeasures(
  baseline: Float64Array,
  window: Float64Array,
  drift: Omit<Binned, 'counts' | 'psi_null'>,
  what: string,
): void {
  expectClose(
    populationStabilityIndex(baseline, window, { floor: 1e-4 }),
    drift.psi['floor_1e-4'],
    `${what} psi 1e-4`,
  );
  expectClose(
    populationStabilityIndex(baseline, window, { floor: 1e-6 }),
    drift.psi['floor_1e-6'],
    `${what} psi 1e-6`,
  );
  expectClose(
    populationStabilityIndex(baseline, window, { addHalf: true }),
    drift.psi.add_half,
    `${what} psi add half`,
  );
  expectClose(jensenShannonDistance(baseline, window), drift.js, `${what} jensen_shannon`);
  expectClose(hellingerDistance(baseline, window), drift.hellinger, `${what} hellinger`);
  expectClose(totalVariation(baseline, window), drift.tv, `${what} total_variation`);
  expectClose(lInfinityDistance(baseline, window), drift.linf, `${what} l_infinity`);
}

/** PSI with the nulls as one more bin. */
function expectNullBin(
  b: Float64Array,
  w: Float64Array,
  nulls: [number, number],
  reference: number,
  what: string,
): void {
  const value = populationStabilityIndex(Float64Array.of(...b, nulls[0]), Float64Array.of(...w, nulls[1]), {
    floor: 1e-4,
  });
  expectClose(value, reference, `${what} psi with nulls`);
}

function expectCategoricalMeasures(
  baseline: readonly unknown[],
  window: readonly unknown[],
  drift: CategoricalDrift,
  what: string,
): void {
  const { baseline: b, window: w } = categoryCounts(baseline, window);
  expectMeasures(b, w, drift, what);
  const nulls = (values: readonly unknown[]) => values.filter((value) => value === null).length;
  expectNullBin(b, w, [nulls(baseline), nulls(window)], drift.psi_null, what);
  const seen = b.map((_, i) => i).filter((i) => b[i]! > 0);
  const other = w.reduce((sum, count, i) => sum + (b[i] === 0 ? count : 0), 0);
  const pooled = populationStabilityIndex(
    Float64Array.of(...seen.map((i) => b[i]!), 0),
    Float64Array.of(...seen.map((i) => w[i]!), other),
    { floor: 1e-4 },
  );
  expectClose(pooled, drift.psi_other, `${what} psi with unseen pooled`);
  expectTest(chiSquaredHomogeneity(b, w), drift.chi2, `${what} chi_squared`);
  expectTest(chiSquaredFit(b, w), drift.chi2_gof, `${what} chi_squared fit`);
}

function expectTest(
  result: ReturnType<typeof chiSquaredFit>,
  reference: CategoricalDrift['chi2'],
  what: string,
): void {
  expect(result === undefined, what).toBe(reference === null);
  if (result === undefined || reference === null) return;
  expect(result.degreesOfFreedom, what).toBe(reference.dof);
  expectClose(result.statistic, reference.stat, `${what} statistic`);
  expectSameTail(result.p, reference.p, `${what} p`);
}

describe.skipIf(!haveData)(haveData ? 'the binned measures equal the reference to 1e-9' : skipMessage, () => {
  const unit = haveData ? readUnitVectors() : { numeric: [], categorical: [] };

  test.each(unit.categorical)('unit vector, categorical: $name', ({ name, baseline, window, drift }) => {
    expectCategoricalMeasures(baseline, window, drift, name);
  });

  test.each(unit.numeric)('unit vector, numeric: $name', ({ name, baseline, window, edges, drift }) => {
    for (const side of ['left_closed', 'right_closed'] as const) {
      const b = countsOf(baseline, edges, side);
      const w = countsOf(window, edges, side);
      expect(Array.from(w)).toEqual(drift[side].counts);
      expectMeasures(b, w, drift[side], `${name} ${side}`);
    }
  });

  test.each(dataSets)('every feature and window of %s', (name) => {
    const { expected, kinds, baseline, windows } = readDataSet(name);
    let compared = 0;
    for (const { start_ms: start, features } of expected.windows) {
      for (const [column, kind] of kinds) {
        const { drift, count, nulls } = features[column]!;
        const what = `${name} ${column} ${start}`;
        const reference = expected.baseline.features[column]!;
        if (kind === 'categorical') {
          const rows = windows.get(start)!;
          expectCategoricalMeasures(
            baseline.map((row) => columnValue(row, column)),
            rows.map((row) => columnValue(row, column)),
            drift,
            what,
          );
          compared += 1;
          continue;
        }
        for (const side of ['left_closed', 'right_closed'] as const) {
          const b = Float64Array.from(reference.counts[side]);
          const w = Float64Array.from(drift[side].counts);
          expectMeasures(b, w, drift[side], `${what} ${side}`);
          expectNullBin(b, w, [reference.nulls, nulls], drift[side].psi_null, what);
          compared += 1;
        }
        expect(count, what).toBe(windows.get(start)!.length);
      }
    }
    expect(compared).toBeGreaterThanOrEqual(expected.windows.length * kinds.size);
  });
});

function countsOf(
  values: readonly unknown[],
  edges: readonly number[],
  side: 'left_closed' | 'right_closed',
): Float64Array {
  const counts = new Float64Array(edges.length + 1);
  for (const value of values) {
    if (typeof value !== 'number') continue;
    const bin = edges.filter((edge) => (side === 'left_closed' ? edge <= value : edge < value)).length;
    counts[bin]! += 1;
  }
  return counts;
}
