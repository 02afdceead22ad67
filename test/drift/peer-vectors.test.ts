// The vectors of others' test suites, to 1e-9 of what NumPy and SciPy make of them (test/golden/peer_vectors.py, which also holds
// them to the digits that the sources state).
//
// Left out, because Driftline computes nothing of the kind:
// - other tests of two samples: Anderson-Darling, Student's t and Welch's, Mann-Whitney, Epps-Singleton, energy distance, G-test, and
//   p-values of permutations (Evidently); docs/migration.md says what stands in for each;
// - Cramér's V, and a Wasserstein distance divided by the range of both samples (deepchecks): the distance itself is here;
// - Kolmogorov-Smirnov of N(0, 1) beside N(1, 1) (deepchecks): the samples are not published.
// Left out, because the number is a choice of what stands in for an empty bin, and not one of Driftline's:
// - PSI of [0, 1] beside [1, 0] by the "Kaggle" recipe (WhyLabs) and by Frouros; Evidently's choice is here;
// - the symmetric Kullback-Leibler divergence of [0, 1/6, 1/3, 1/2] beside its reverse (MLRun: 1e-4, under the fraction only);
// - popmon's divergences with 1e-5 added to every bin: the same without are here;
// - a histogram of NaN alone beside itself (TensorFlow Data Validation): to Driftline those are equal, all rows are missing.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { chiSquaredFit, chiSquaredHomogeneity } from '../../src/drift/chi-squared.ts';
import { databricksCategorical } from '../../src/drift/compatibility-databricks.ts';
import {
  evidentlyHellinger,
  evidentlyJensenShannon,
  evidentlyKullbackLeibler,
  evidentlyPsi,
  evidentlyWasserstein,
} from '../../src/drift/compatibility-evidently.ts';
import { sortedFinite } from '../../src/drift/compatibility-histogram.ts';
import { kolmogorovTwoSample } from '../../src/drift/compatibility-kolmogorov.ts';
import { nannymlCategories } from '../../src/drift/compatibility-nannyml.ts';
import { hellingerDistance } from '../../src/drift/hellinger.ts';
import { jensenShannonDistance } from '../../src/drift/jensen-shannon.ts';
import { lInfinityDistance } from '../../src/drift/l-infinity.ts';
import { populationStabilityIndex } from '../../src/drift/psi.ts';
import { totalVariation } from '../../src/drift/total-variation.ts';
import { exactDistance } from '../../src/drift/wasserstein.ts';
import { kolmogorovTail } from '../../src/stats/kolmogorov.ts';
import { exactKolmogorovTail } from '../../src/stats/kolmogorov-exact.ts';

interface Case {
  readonly source: string;
  readonly a: number[];
  readonly b: number[];
  readonly values: Readonly<Record<string, number>>;
}

const golden = JSON.parse(readFileSync(new URL('../golden/peer-vectors.json', import.meta.url), 'utf8')) as {
  readonly binned: readonly Case[];
  readonly samples: readonly Case[];
  readonly kolmogorov_tail: { readonly x: number; readonly value: number };
};

type Side = Float64Array;

const samples = (reference: Side, current: Side) => ({ kind: 'categorical', reference, current }) as const;

/** All functions of the project that compute a number, by the name that the golden file has for it. */
const functions: Readonly<Record<string, readonly ((a: Side, b: Side) => number)[]>> = {
  psi: [
    (a, b) => populationStabilityIndex(a, b, { floor: 0 }),
    (a, b) => populationStabilityIndex(b, a, { floor: 0 }),
    (a, b) => evidentlyPsi(samples(a, b)),
  ],
  'psi_floor_1e-7': [(a, b) => populationStabilityIndex(a, b, { floor: 1e-7 })],
  psi_evidently: [(a, b) => evidentlyPsi(samples(a, b))],
  kl: [(a, b) => evidentlyKullbackLeibler(samples(a, b))],
  kl_reverse: [(a, b) => evidentlyKullbackLeibler(samples(b, a))],
  kl_evidently: [(a, b) => evidentlyKullbackLeibler(samples(a, b))],
  js_nats: [
    (a, b) => jensenShannonDistance(a, b) * Math.sqrt(Math.LN2),
    (a, b) => evidentlyJensenShannon(samples(a, b)),
  ],
  js_bits: [
    jensenShannonDistance,
    (a, b) => nannymlCategories({ reference: a, current: b }).jensenShannon,
    (a, b) => databricksCategorical(a, b).js_distance,
  ],
  js_divergence: [(a, b) => jensenShannonDistance(a, b) ** 2],
  hellinger: [
    hellingerDistance,
    (a, b) => evidentlyHellinger(samples(a, b)),
    (a, b) => nannymlCategories({ reference: a, current: b }).hellinger,
  ],
  tv: [totalVariation, (a, b) => databricksCategorical(a, b).tv_distance],
  l_infinity: [
    lInfinityDistance,
    (a, b) => nannymlCategories({ reference: a, current: b }).lInfinity,
    (a, b) => databricksCategorical(a, b).l_infinity_distance,
  ],
  fit: [(a, b) => chiSquaredFit(a, b)!.statistic],
  fit_p: [(a, b) => chiSquaredFit(a, b)!.p],
  homogeneity: [
    (a, b) => chiSquaredHomogeneity(a, b)!.statistic,
    (a, b) => databricksCategorical(a, b).chi_squared_test!.statistic,
  ],
  homogeneity_p: [
    (a, b) => chiSquaredHomogeneity(a, b)!.p,
    (a, b) => databricksCategorical(a, b).chi_squared_test!.pvalue,
  ],
  ks: [(a, b) => kolmogorovTwoSample(sortedFinite(a), sortedFinite(b)).statistic],
  ks_exact_p: [
    (a, b) => kolmogorovTwoSample(sortedFinite(a), sortedFinite(b)).p,
    (a, b) =>
      exactKolmogorovTail(
        kolmogorovTwoSample(sortedFinite(a), sortedFinite(b)).statistic,
        a.length,
        b.length,
      ),
  ],
  wasserstein: [
    (a, b) => exactDistance(sortedFinite(a), sortedFinite(b)),
    (a, b) => evidentlyWasserstein(a, b) * spread(a),
  ],
};

/** What Evidently divides by. */
function spread(values: Side): number {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  return Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length);
}

function expectClose(value: number, expected: number, what: string): void {
  const error = Math.abs(value - expected);
  expect(error, `${what}: ${value}, expected ${expected}`).toBeLessThanOrEqual(
    1e-9 * Math.max(1, Math.abs(expected)),
  );
}

describe.each([...golden.binned, ...golden.samples])('$a beside $b ($source)', ({ a, b, values }) => {
  test.each(Object.entries(values))('has %s %d', (name, expected) => {
    for (const compute of functions[name]!)
      expectClose(compute(Float64Array.from(a), Float64Array.from(b)), expected, name);
  });
});

test("the upper tail of Kolmogorov's limit is popmon's", () => {
  const { x, value } = golden.kolmogorov_tail;
  expectClose(kolmogorovTail(x), value, `the tail at ${x}`);
});

test('every function that is listed has a vector', () => {
  const used = new Set([...golden.binned, ...golden.samples].flatMap(({ values }) => Object.keys(values)));
  expect([...used].sort()).toEqual(Object.keys(functions).sort());
});
