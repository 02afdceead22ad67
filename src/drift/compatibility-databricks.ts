// A row of Databricks' drift metrics table for one column. Databricks publishes the names and the types, not the formulas: what
// had to be chosen is said at each field.

import { total } from '../sketch/total.ts';
import { chiSquaredHomogeneity } from './chi-squared.ts';
import { sortedFinite } from './compatibility-histogram.ts';
import { kolmogorovTwoSample } from './compatibility-kolmogorov.ts';
import { jensenShannonDistance } from './jensen-shannon.ts';
import { lInfinityDistance } from './l-infinity.ts';
import { populationStabilityIndex } from './psi.ts';
import { totalVariation } from './total-variation.ts';
import { exactDistance } from './wasserstein.ts';

/** Named as the columns of the table. */
export interface DatabricksNumericDrift {
  readonly count_delta: number;
  readonly avg_delta: number;
  /** SciPy's test; the published rows agree with it to a percent. */
  readonly ks_test: { readonly statistic: number; readonly pvalue: number };
  /** In the unit of the column. */
  readonly wasserstein_distance: number;
  /** On the baseline's deciles, empty bins as 1e-4: the published rows look like 10 to 15 bins. */
  readonly population_stability_index: number;
}

/** Named as the columns of the table. */
export interface DatabricksCategoricalDrift {
  readonly count_delta: number;
  /** In base 2; the table does not say which. */
  readonly js_distance: number;
  /** The test of homogeneity without a correction. */
  readonly chi_squared_test: { readonly statistic: number; readonly pvalue: number } | null;
  readonly tv_distance: number;
  readonly l_infinity_distance: number;
}

/** A numeric column: two samples, at least one finite value each. */
export function databricksNumeric(reference: Float64Array, current: Float64Array): DatabricksNumericDrift {
  const before = sortedFinite(reference);
  const after = sortedFinite(current);
  const { statistic, p } = kolmogorovTwoSample(before, after);
  const deciles = decilesOf(before);
  return {
    count_delta: after.length - before.length,
    avg_delta: total(after) / after.length - total(before) / before.length,
    ks_test: { statistic, pvalue: p },
    wasserstein_distance: exactDistance(before, after),
    population_stability_index: populationStabilityIndex(
      countsBetween(before, deciles),
      countsBetween(after, deciles),
      { floor: 1e-4 },
    ),
  };
}

/** `numpy.quantile` at 0.1 to 0.9, equal ones once. */
function decilesOf(sorted: Float64Array): number[] {
  const edges = new Set<number>();
  for (let tenth = 1; tenth <= 9; tenth++) {
    const place = (tenth / 10) * (sorted.length - 1);
    const below = Math.floor(place);
    const next = sorted[Math.min(below + 1, sorted.length - 1)]!;
    edges.add(sorted[below]! + (place - below) * (next - sorted[below]!));
  }
  return [...edges];
}

/** Rows below the first edge, in [edge, next edge), and from the last edge on. */
function countsBetween(sorted: Float64Array, edges: readonly number[]): Float64Array {
  const counts = new Float64Array(edges.length + 1);
  for (const x of sorted) counts[edges.filter((edge) => edge <= x).length]! += 1;
  return counts;
}

/** A categorical column: rows per category, in the same order on both sides. */
export function databricksCategorical(
  reference: Float64Array,
  current: Float64Array,
): DatabricksCategoricalDrift {
  const test = chiSquaredHomogeneity(reference, current);
  return {
    count_delta: total(current) - total(reference),
    js_distance: jensenShannonDistance(reference, current),
    chi_squared_test: test === undefined ? null : { statistic: test.statistic, pvalue: test.p },
    tv_distance: totalVariation(reference, current),
    l_infinity_distance: lInfinityDistance(reference, current),
  };
}
