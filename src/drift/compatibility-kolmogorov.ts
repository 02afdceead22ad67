// The two-sample Kolmogorov-Smirnov test as `scipy.stats.ks_2samp` has it, which other monitors call.
import { twoSampleKolmogorovTail } from '../stats/kolmogorov.ts';
import { exactKolmogorovTail } from '../stats/kolmogorov-exact.ts';
import { exactStatistic } from './kolmogorov-smirnov.ts';

/**
 * SciPy is exact up to this many rows on the greater side. Beyond, it takes the one-sample distribution at nm/(n + m) rows,
 * and this Kolmogorov's limit with Stephens' correction: within 0.5 % of each other about p = 0.05, 5 % at 1e-8.
 */
const exactRowsMax = 10_000;

/** Statistic and two-sided p-value of two ascending samples. */
export function kolmogorovTwoSample(
  reference: Float64Array,
  current: Float64Array,
): { statistic: number; p: number } {
  const m = reference.length;
  const n = current.length;
  const statistic = exactStatistic(reference, current);
  const tail = Math.max(m, n) <= exactRowsMax ? exactKolmogorovTail : twoSampleKolmogorovTail;
  return { statistic, p: tail(statistic, n, m) };
}
