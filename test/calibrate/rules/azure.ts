// Azure Machine Learning's rules: Azure/azureml-assets, assets/model_monitoring/components/src, and the defaults of
// azure-sdk-for-python, entities/_monitoring/thresholds.py.
import {
  evenEdges,
  histogram,
  jensenShannonBits,
  shares,
  spread,
  stabilityIndex,
  sum,
  wasserstein,
} from './histogram.ts';
import type { CategoryRule, Rule, Sample } from './rule.ts';

const vendor = 'Azure ML';
const source =
  'Azure/azureml-assets, assets/model_monitoring/components/src/data_drift_compute_metrics/numerical_data_drift_metrics.py';

/** The default for numbers: Wasserstein / max(sample sd of the baseline, 0.001) > 0.1. */
export const azureWasserstein: Rule = {
  id: 'azure_wasserstein',
  vendor,
  label: 'Wasserstein / sd > 0.1 (default)',
  source,
  prepare: (baseline) => {
    const norm = Math.max(spread(baseline.values, 1).deviation, 0.001);
    return (window) => wasserstein(baseline.sorted, window.sorted) / norm > 0.1;
  },
};

/** ⌈log₂ of the smaller side + 1⌉ bins of equal width over the range of both sides. */
function counted(baseline: Sample, window: Sample): { p: Float64Array; q: Float64Array } {
  const low = Math.min(baseline.sorted[0]!, window.sorted[0]!);
  const high = Math.max(baseline.sorted.at(-1)!, window.sorted.at(-1)!);
  const smaller = Math.min(baseline.sorted.length, window.sorted.length);
  const edges = evenEdges(low, high, Math.ceil(Math.log2(smaller) + 1));
  return { p: histogram(baseline.sorted, edges), q: histogram(window.sorted, edges) };
}

/** The option Jensen-Shannon distance (bits) > 0.1. */
export const azureJensenShannon: Rule = {
  id: 'azure_jensen_shannon',
  vendor,
  label: 'Jensen–Shannon (bits) > 0.1, equal-width bins (option)',
  source: `${source}, shared_utilities/histogram_utils.py`,
  prepare: (baseline) => (window) => {
    const { p, q } = counted(baseline, window);
    return jensenShannonBits(p, q) > 0.1;
  },
};

/** One is added to every count, and nothing to the rows that it is divided by. */
function plusOne(counts: Float64Array): Float64Array {
  const rows = sum(counts);
  return counts.map((count) => (count + 1) / rows);
}

/** The option PSI > 0.1. */
export const azurePsi: Rule = {
  id: 'azure_psi',
  vendor,
  label: 'PSI > 0.1, equal-width bins (option)',
  source: `${source}, shared_utilities/histogram_utils.py`,
  prepare: (baseline) => (window) => {
    const { p, q } = counted(baseline, window);
    return stabilityIndex(plusOne(p), plusOne(q)) > 0.1;
  },
};

/** The default for categories: Jensen-Shannon distance in bits > 0.1. */
export const azureCategories: CategoryRule = {
  id: 'azure_jensen_shannon_categories',
  vendor,
  label: 'Jensen–Shannon (bits) > 0.1 (default)',
  source: 'Azure/azureml-assets, …/data_drift_compute_metrics/categorical_data_drift_metrics.py',
  prepare: (baseline) => (window) =>
    jensenShannonBits(shares(baseline, sum(baseline)), shares(window, sum(window))) > 0.1,
};
