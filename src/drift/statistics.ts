// The descriptive numbers of a column that are published beside its verdict.
import { type CategorySummary, distinctCategories, topCategories } from '../sketch/category-summary.ts';
import { standardDeviation } from '../sketch/moments.ts';
import type { NumericReading } from '../sketch/numeric-summary.ts';
import type { CategoryStatistics, NumericStatistics } from './result.ts';

const quantileLevels: readonly number[] = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];
const topCount = 10;

/** Without finite values everything but the zeros is undefined, and there are no quantiles. */
export function numericStatistics(reading: NumericReading): NumericStatistics {
  const { moments } = reading;
  if (reading.n === 0)
    return { mean: null, std: null, min: null, max: null, zeros: 0, distinct: 0, quantiles: [] };
  return {
    mean: finite(moments.mean),
    std: moments.min === moments.max ? 0 : finite(standardDeviation(moments)),
    min: moments.min,
    max: moments.max,
    zeros: moments.zeros,
    distinct: reading.distinct ?? null,
    quantiles: quantileLevels.map(reading.quantile),
  };
}

/** Names of unseen categories count as far as the summary kept them. */
export function categoryStatistics(summary: CategorySummary): CategoryStatistics {
  return { top: topCategories(summary, topCount), distinct: distinctCategories(summary) ?? null };
}

/** Moments of values near the greatest double can overflow; results hold no infinities. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
