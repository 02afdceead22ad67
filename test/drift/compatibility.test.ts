import { describe, expect, test } from 'vitest';
import { chiSquaredFit, chiSquaredHomogeneity } from '../../src/drift/chi-squared.ts';
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
import { hellingerDistance } from '../../src/drift/hellinger.ts';
import { jensenShannonDistance } from '../../src/drift/jensen-shannon.ts';
import { lInfinityDistance } from '../../src/drift/l-infinity.ts';
import { populationStabilityIndex } from '../../src/drift/psi.ts';
import { totalVariation } from '../../src/drift/total-variation.ts';
import { exactDistance } from '../../src/drift/wasserstein.ts';
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

const nats = (reference: Float64Array, current: Float64Array) =>
  jensenShannonDistance(reference, current) * Math.sqrt(Math.LN2);
const psi = (reference: Float64Array, current: Float64Array) =>
  populationStabilityIndex(reference, current, { floor: 0 });

describe("the published numbers of others' tests are met by Driftline's own measures", () => {
  test('WhyLabs: murmuration/src/test/java/ai/whylabs/monitor/DistanceTest.java', () => {
    const a = bins(0.32, 0.16, 0.28, 0.04, 0.2);
    const b = bins(0.25, 0.0625, 0.4375, 0.1875, 0.0625);
    agree(psi(a, b), '0.5670270283866204');
    agree(nats(a, b), '0.2584730043524462');
    agree(jensenShannonDistance(a, b), '0.3104577175940807');
    agree(hellingerDistance(a, b), '0.262204783083657');
    const c = bins(0.5826087, 0.1, 0.05217391, 0.24782609, 0.0173913);
    const d = bins(0.67346939, 0.05102041, 0.00340136, 0.10884354, 0.16326531);
    agree(psi(c, d), '0.62032585');
    agree(nats(c, d), '0.25777928');
    agree(hellingerDistance(c, d), '0.26708005');
    const e = bins(0.32573783, 0.26860953, 0.14846763, 0.10319746, 0.15398756);
    const f = bins(0.32450529, 0.04326352, 0.26435823, 0.31585057, 0.05202239);
    agree(hellingerDistance(e, f), '0.314518289');
    agree(nats(e, f), '0.30823941');
    agree(psi(e, f), '0.82686814');
    agree(hellingerDistance(bins(0, 1), bins(1, 0)), '1');
    agree(nats(bins(0, 1), bins(1, 0)), '0.8325546111576977');
    agree(jensenShannonDistance(bins(0, 1), bins(1, 0)), '1');
    agree(nats(bins(0.4, 0.4, 0.2), bins(0.5, 0, 0.5)), '0.4178757172728631');
  });

  test('MLRun: tests/model_monitoring/test_metrics.py; its symmetric Kullback-Leibler divergence is PSI', () => {
    const u = bins(
      ...[0.07101131, 0.25138296, 0.03700347, 0.06843929, 0.11482246],
      ...[0.1339393, 0.0503426, 0.05639414, 0.13406714, 0.08259733],
    );
    const t = bins(
      ...[0.17719221, 0.0949423, 0.02982267, 0.19927063, 0.19288318],
      ...[0.00137802, 0.07398598, 0.05829106, 0.06771774, 0.10451622],
    );
    // The shares are rounded to eight digits and do not sum to 1; MLRun takes them as they are.
    agree(totalVariation(u, t), '0.36253214');
    agree(hellingerDistance(u, t), '0.33818963');
    agree(psi(u, t), '1.09761918');
    const v = bins(0, 1 / 6, 1 / 3, 1 / 2);
    const w = bins(1 / 2, 1 / 3, 1 / 6, 0);
    agree(totalVariation(v, w), '0.66667');
    agree(hellingerDistance(v, w), '0.72705');
  });

  test('TensorFlow Data Validation: anomalies/metrics_test.cc, whose divergence is the square of the distance', () => {
    const divergence = (a: Float64Array, b: Float64Array) => jensenShannonDistance(a, b) ** 2;
    // [1, 2): 2, [2, 3): 2 beside [2, 4): 2, [4, 6): 2, on the edges of both.
    agree(divergence(bins(2, 2, 0, 0), bins(0, 1, 1, 2)), '0.65563906222');
    agree(divergence(bins(1, 1, 0), bins(0, 1, 1)), '0.5');
    agree(divergence(bins(1, 3), bins(0, 4)), '0.13792538096');
    agree(lInfinityDistance(bins(0.1, 0.9), bins(0.3, 0.7)), '0.2');
    agree(lInfinityDistance(bins(0, 0.9, 0.1), bins(0.3, 0.7, 0)), '0.3');
  });

  test('Evidently: tests/stattests/test_stattests.py, and SciPy on its samples', () => {
    const reference = bins(16, 18, 16, 14, 12, 12);
    const current = bins(16, 16, 16, 16, 16, 8);
    const fit = chiSquaredFit(reference, current)!;
    agree(fit.statistic, '3.17460317');
    agree(fit.p, '0.67308760');
    agree(
      chiSquaredFit(
        reference.map((count) => 2 * count),
        current,
      )!.p,
      '0.67308760',
    );
    agree(hellingerDistance(reference, current), '0.06812774');
    agree(totalVariation(reference, current), '0.06818182');
    const other = bins(10, 10, 24, 24, 10, 10);
    agree(totalVariation(reference, other), '0.20454545');
    agree(chiSquaredFit(reference, other)!.statistic, '17.61507937');
    agree(chiSquaredFit(reference, other)!.p, '0.00346959');
    agree(totalVariation(reference, bins(0, 0, 0, 0, 0, 88)), '0.86363636');
    agree(totalVariation(reference, bins(10, 24, 12, 16, 8, 16)), '0.15116279');
    agree(chiSquaredFit(reference, bins(10, 24, 12, 16, 8, 16))!.p, '0.13813893');
    const x = bins(38.7, 41.5, 43.8, 44.5, 45.5, 46.0, 47.7, 58.0);
    const y = bins(39.2, 39.3, 39.7, 41.4, 41.8, 42.9, 43.3, 45.8);
    agree(kolmogorovTwoSample(x, y).statistic, '0.625');
    agree(kolmogorovTwoSample(x, y).p, '0.08702409');
    agree(exactDistance(x, y), '4.1625');
    const contingency = chiSquaredHomogeneity(bins(4, 2, 0), bins(1, 1, 4))!;
    agree(contingency.statistic, '6.13333333');
    agree(contingency.p, '0.04657615');
  });
});

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

  test('give the published divergences, empty bins filled', () => {
    agree(evidentlyPsi(categories([0, 1], [1, 0])), '18.4188');
    agree(evidentlyPsi(categories([2, 2, 1], [5, 0, 5])), '3.6139920');
    agree(evidentlyKullbackLeibler(categories([2, 2, 1], [5, 0, 5])), '3.0452043');
    const a = [0.32, 0.16, 0.28, 0.04, 0.2];
    const b = [0.25, 0.0625, 0.4375, 0.1875, 0.0625];
    agree(evidentlyKullbackLeibler(categories(a, b)), '0.2752701838700412');
    agree(evidentlyKullbackLeibler(categories(b, a)), '0.2917568445165792');
    agree(evidentlyKullbackLeibler(categories([1, 1, 1, 1], [0.85, 0.05, 0.05, 0.05])), '0.90113458');
    agree(evidentlyKullbackLeibler(categories([0.85, 0.05, 0.05, 0.05], [1, 1, 1, 1])), '0.79879343');
    agree(evidentlyPsi(categories([1, 1, 1, 1], [0.85, 0.05, 0.05, 0.05])), '1.69992801');
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

  test('give the published distances of categories', () => {
    agree(nannymlCategories({ reference: bins(2, 2, 2, 0), current: bins(2, 2, 2, 1) }).lInfinity, '0.14');
    agree(nannymlCategories({ reference: bins(2, 2, 2), current: bins(0, 2, 0) }).lInfinity, '0.67');
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
