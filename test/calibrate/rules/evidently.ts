// Evidently's rules: evidentlyai/evidently, src/evidently/legacy/calculations/stattests (2026).
import { twoSampleKolmogorovTail } from '../../../src/stats/kolmogorov.ts';
import {
  evenEdges,
  histogram,
  jensenShannon,
  kolmogorovSmirnov,
  shares,
  spread,
  stabilityIndex,
  sum,
  wasserstein,
} from './histogram.ts';
import type { CategoryRule, Rule, Sample } from './rule.ts';

const vendor = 'Evidently';
const source = 'evidentlyai/evidently, src/evidently/legacy/calculations/stattests';

/** The default for numbers from 1,001 reference rows on: Wasserstein / max(sd of the reference, 0.001) ≥ 0.1. */
export const evidentlyWasserstein: Rule = {
  id: 'evidently_wasserstein',
  vendor,
  label: 'Wasserstein / sd ≥ 0.1 (default)',
  source: `${source}/wasserstein_distance_norm.py`,
  prepare: (baseline) => {
    const norm = Math.max(spread(baseline.values, 0).deviation, 0.001);
    return (window) => wasserstein(baseline.sorted, window.sorted) / norm >= 0.1;
  },
};

/** NumPy's `sturges` on both samples together: the bins change with every window. */
function binned(baseline: Sample, window: Sample): { p: Float64Array; q: Float64Array } {
  const low = Math.min(baseline.sorted[0]!, window.sorted[0]!);
  const high = Math.max(baseline.sorted.at(-1)!, window.sorted.at(-1)!);
  const count = Math.ceil(Math.log2(baseline.sorted.length + window.sorted.length) + 1);
  const edges = evenEdges(low, high, count);
  return {
    p: shares(histogram(baseline.sorted, edges), baseline.sorted.length),
    q: shares(histogram(window.sorted, edges), window.sorted.length),
  };
}

/** An empty bin gets 1e-4, or a millionth of the least share where that is at most 1e-4; nothing is renormalised. */
export function filled(bins: Float64Array): Float64Array {
  const least = bins.reduce((lowest, share) => (share > 0 ? Math.min(lowest, share) : lowest), 1);
  const substitute = least <= 1e-4 ? least / 1e6 : 1e-4;
  return bins.map((share) => (share === 0 ? substitute : share));
}

/** The option `psi`, for numbers: PSI ≥ 0.1. */
export const evidentlyPsi: Rule = {
  id: 'evidently_psi',
  vendor,
  label: 'PSI ≥ 0.1, equal-width bins (option)',
  source: `${source}/psi.py, utils.py`,
  prepare: (baseline) => (window) => {
    const { p, q } = binned(baseline, window);
    return stabilityIndex(filled(p), filled(q)) >= 0.1;
  },
};

/** The option `jensenshannon`, for numbers: distance in nats ≥ 0.1. */
export const evidentlyJensenShannon: Rule = {
  id: 'evidently_jensen_shannon',
  vendor,
  label: 'Jensen–Shannon (nats) ≥ 0.1, equal-width bins (option)',
  source: `${source}/jensenshannon.py, utils.py`,
  prepare: (baseline) => (window) => {
    const { p, q } = binned(baseline, window);
    return jensenShannon(p, q) >= 0.1;
  },
};

/** The default for numbers up to 1,000 reference rows: p of Kolmogorov-Smirnov ≤ 0.05. */
export const evidentlyKolmogorovSmirnov: Rule = {
  id: 'kolmogorov_smirnov_p',
  vendor,
  label: 'Kolmogorov–Smirnov p ≤ 0.05 (default up to 1,000 reference rows)',
  source: `${source}/ks_stattest.py`,
  prepare: (baseline) => (window) => {
    const statistic = kolmogorovSmirnov(baseline.sorted, window.sorted);
    return twoSampleKolmogorovTail(statistic, baseline.sorted.length, window.sorted.length) <= 0.05;
  },
};

/** The default for categories from 1,001 reference rows on: Jensen-Shannon distance in nats ≥ 0.1. */
export const evidentlyCategories: CategoryRule = {
  id: 'evidently_jensen_shannon_categories',
  vendor,
  label: 'Jensen–Shannon (nats) ≥ 0.1 (default)',
  source: `${source}/jensenshannon.py`,
  prepare: (baseline) => (window) =>
    jensenShannon(shares(baseline, sum(baseline)), shares(window, sum(window))) >= 0.1,
};
