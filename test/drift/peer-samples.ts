// The samples and numbers of test/golden/peer_measures.py.
import { readFileSync } from 'node:fs';

type Measures = Readonly<Record<string, number>>;

export interface NumericPeers {
  readonly reference: number;
  readonly current: number;
  readonly shift: number;
  readonly evidently: Measures;
  readonly nannyml: Measures;
  readonly databricks: Measures;
}

export interface CategoricalPeers {
  /** Rows per category. */
  readonly reference: number[];
  readonly current: number[];
  readonly measures: Measures;
  /** P-value of two proportions; null where there are not two categories. */
  readonly z_p: number | null;
  /** Statistic and p-value with and without Yates' correction. */
  readonly contingency: [number, number];
  readonly homogeneity: [number, number];
}

/** What NumPy and SciPy say. */
export const peerMeasures = JSON.parse(
  readFileSync(new URL('../golden/peer-measures.json', import.meta.url), 'utf8'),
) as { readonly numeric: readonly NumericPeers[]; readonly categorical: readonly CategoricalPeers[] };

/** Right-skewed values from a generator that every language has, in products and sums only: the same doubles everywhere. */
export function peerSample(seed: number, rows: number, shift: number): Float64Array {
  let state = seed;
  const uniform = () => {
    state = (1664525 * state + 1013904223) % 2 ** 32;
    return state / 2 ** 32;
  };
  return Float64Array.from({ length: rows }, () => {
    const first = uniform();
    return 10 * first * first + uniform() + shift;
  });
}
