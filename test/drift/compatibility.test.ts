import { describe, expect, test } from 'vitest';
import { databricksCategorical, databricksNumeric } from '../../src/drift/compatibility-databricks.ts';
import {
  evidentlyChiSquared,
  evidentlyDatasetDrift,
  evidentlyDrift,
  evidentlyHellinger,
  evidentlyJensenShannon,
  evidentlyKullbackLeibler,
  evidentlyProportions,
  evidentlyPsi,
  evidentlyTest,
  evidentlyWasserstein,
} from '../../src/drift/compatibility-evidently.ts';
import { doaneEdges, sortedFinite, sturgesEdges } from '../../src/drift/compatibility-histogram.ts';
import { kolmogorovTwoSample } from '../../src/drift/compatibility-kolmogorov.ts';
import {
  nannymlCategories,
  nannymlHellinger,
  nannymlJensenShannon,
  nannymlKolmogorovSmirnov,
  nannymlThresholds,
  nannymlWasserstein,
} from '../../src/drift/compatibility-nannyml.ts';
import { peerMeasures, peerSample } from './peer-samples.ts';

const bins = (...values: number[]) => Float64Array.from(values);
const categories = (reference: number[], current: number[]) =>
  ({ kind: 'categorical', reference: bins(...reference), current: bins(...current) }) as const;

/** Equal as far as the published number has digits, and to 1e-9 where it has more. */
function agree(value: number, published: string): void {
  const digits = published.split('.')[1]?.length ?? 0;
  const tolerance = Math.max(1e-9, 0.501 * 10 ** -digits);
  expect(Math.abs(value - Number(published)), `${value}, published ${published}`).toBeLessThanOrEqual(
    tolerance,
  );
}

describe("Evidently's own rules", () => {
  test('choose a test by the rows of the reference and the distinct values', () => {
    expect(evidentlyTest('numeric', 1000, 6)).toBe('ks');
    expect(evidentlyTest('numeric', 1000, 5)).toBe('chisquare');
    expect(evidentlyTest('numeric', 1000, 2)).toBe('z');
    expect(evidentlyTest('categorical', 1000, 40)).toBe('chisquare');
    expect(evidentlyTest('categorical', 1000, 2)).toBe('z');
    expect(evidentlyTest('numeric', 1001, 6)).toBe('wasserstein');
    expect(evidentlyTest('numeric', 1001, 5)).toBe('jensenshannon');
    expect(evidentlyTest('categorical', 1001, 2)).toBe('jensenshannon');
  });

  test('fill an empty bin with a millionth of the least share where that is at most 1e-4', () => {
    const share = 1 / 20_000;
    // The reference lacks the third category, and its rarest has a share of 5e-5.
    const terms = [
      [1 - share, 0.5],
      [share, 0.25],
      [share / 1e6, 0.25],
    ] as const;
    const expected = terms.reduce(
      (sum, [before, after]) => sum + (before - after) * Math.log(before / after),
      0,
    );
    agree(evidentlyPsi(categories([19_999, 1, 0], [2, 1, 1])), String(expected));
  });

  test('say drifted at the threshold of the test', () => {
    const many = Float64Array.from({ length: 2000 }, (_, i) => i);
    expect(evidentlyDrift({ kind: 'numeric', reference: many, current: many })).toEqual({
      ...{ test: 'wasserstein', score: 0, threshold: 0.1, drifted: false },
    });
    expect(
      evidentlyDrift({ kind: 'numeric', reference: many, current: many.map((x) => x + 100) }),
    ).toMatchObject({ test: 'wasserstein', drifted: true });
    const drifted = evidentlyDrift(categories([50, 50], [80, 20]));
    expect(drifted).toMatchObject({ test: 'z', threshold: 0.05, drifted: true });
    expect(evidentlyDrift(categories([50, 50, 10], [40, 40, 40]))).toMatchObject({ test: 'chisquare' });
    expect(evidentlyDrift(categories([500, 500, 100], [50, 50, 10])).score).toBeCloseTo(0, 9);
    expect(
      evidentlyDrift({ kind: 'numeric', reference: many.subarray(0, 500), current: many.subarray(0, 400) }),
    ).toMatchObject({ test: 'ks', drifted: true });
  });

  test('call a dataset drifted where half of its columns are', () => {
    expect(evidentlyDatasetDrift([true, false])).toBe(true);
    expect(evidentlyDatasetDrift([true, false, false])).toBe(false);
  });
});

describe("NannyML's own rules", () => {
  test('learn thresholds from chunks: nannyml/thresholds.py and its tests', () => {
    const range = Array.from({ length: 30 }, (_, i) => i);
    const median = nannymlThresholds(range, { lower: 1.4, upper: 2 }, 'median');
    agree(median.lower, '2.382381972241136');
    agree(median.upper, '31.81088289679838');
    const min = nannymlThresholds(range, { lower: 0.3, upper: 3.1 }, 'min');
    agree(min.lower, '-2.5966324345197567');
    agree(min.upper, '26.83186849003749');
    agree(nannymlThresholds([-1, 1, 1, 1], { lower: 1, upper: 1 }, 'min').lower, '-1.8660254037844386');
  });
});

describe('the rules put in NumPy and SciPy calls give the same numbers (test/golden/peer_measures.py)', () => {
  test.each(peerMeasures.numeric)('$reference rows beside $current, shifted by $shift', (numeric) => {
    const reference = peerSample(1, numeric.reference, 0);
    const current = peerSample(2, numeric.current, numeric.shift);
    const samples = { kind: 'numeric', reference, current } as const;
    const { evidently, nannyml, databricks } = numeric;
    const both = sortedFinite([...reference, ...current]);
    expect(sturgesEdges(both).length - 1).toBe(evidently.bins);
    expect(doaneEdges(sortedFinite(reference)).length - 1).toBe(nannyml.bins);
    expect({
      psi: evidentlyPsi(samples),
      kl_div: evidentlyKullbackLeibler(samples),
      jensenshannon: evidentlyJensenShannon(samples),
      hellinger: evidentlyHellinger(samples),
      wasserstein: evidentlyWasserstein(reference, current),
    }).toEqual(closeTo(evidently, ['psi', 'kl_div', 'jensenshannon', 'hellinger', 'wasserstein']));
    expect({
      jensen_shannon: nannymlJensenShannon(reference, current),
      hellinger: nannymlHellinger(reference, current),
      kolmogorov_smirnov: nannymlKolmogorovSmirnov(reference, current),
      wasserstein: nannymlWasserstein(reference, current),
    }).toEqual(closeTo(nannyml, ['jensen_shannon', 'hellinger', 'kolmogorov_smirnov', 'wasserstein']));
    const row = databricksNumeric(reference, current);
    expect({ ...row, ks_statistic: row.ks_test.statistic }).toMatchObject(
      closeTo(databricks, ['ks_statistic', 'wasserstein_distance', 'population_stability_index']),
    );
    // Beyond 10,000 rows SciPy's p-value is an approximation too, and another one.
    const { p } = kolmogorovTwoSample(sortedFinite(reference), sortedFinite(current));
    const error =
      numeric.reference > 10_000 ? Math.log(p) / Math.log(evidently.ks!) - 1 : p / evidently.ks! - 1;
    expect(Math.abs(error)).toBeLessThan(numeric.reference > 10_000 ? 0.01 : 1e-9);
  });

  test.each(peerMeasures.categorical)('categories $reference beside $current', (expected) => {
    const samples = categories(expected.reference, expected.current);
    const { reference, current } = samples;
    const nannyml = nannymlCategories(samples);
    const databricks = databricksCategorical(reference, current);
    expect({
      psi: evidentlyPsi(samples),
      kl_div: evidentlyKullbackLeibler(samples),
      jensenshannon_nats: evidentlyJensenShannon(samples),
      jensenshannon_bits: nannyml.jensenShannon,
      hellinger: evidentlyHellinger(samples),
      tv: databricks.tv_distance,
      l_infinity: nannyml.lInfinity,
      chisquare_p: evidentlyChiSquared(samples),
    }).toEqual(
      closeTo(expected.measures, [
        ...['psi', 'kl_div', 'jensenshannon_nats', 'jensenshannon_bits'],
        ...['hellinger', 'tv', 'l_infinity', 'chisquare_p'],
      ]),
    );
    expect(nannyml.hellinger).toBeCloseTo(evidentlyHellinger(samples), 9);
    expect(databricks.js_distance).toBe(nannyml.jensenShannon);
    expect(databricks.l_infinity_distance).toBe(nannyml.lInfinity);
    agree(nannyml.chiSquared!.statistic, String(expected.contingency[0]));
    agree(nannyml.chiSquared!.p, String(expected.contingency[1]));
    agree(databricks.chi_squared_test!.statistic, String(expected.homogeneity[0]));
    agree(databricks.chi_squared_test!.pvalue, String(expected.homogeneity[1]));
    if (expected.z_p !== null) agree(evidentlyProportions(samples), String(expected.z_p));
  });
});

function closeTo(
  expected: Readonly<Record<string, number>>,
  names: readonly string[],
): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, expect.closeTo(expected[name]!, 9)]));
}
