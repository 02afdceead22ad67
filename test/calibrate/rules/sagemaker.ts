// SageMaker Model Monitor's rules: awslabs/deequ, analyzers/Distance.scala, and the comparison threshold of its
// constraints file (developer guide, "Schema for constraints"). Deequ compares KLL sketches; here the exact functions
// stand for them, which is the rule without the error of the sketch.
import { greatestDifference, kolmogorovSmirnov, shares, sum } from './histogram.ts';
import type { CategoryRule, Rule } from './rule.ts';

const vendor = 'SageMaker';
const source = 'awslabs/deequ, src/main/scala/com/amazon/deequ/analyzers/Distance.scala';
const threshold = 0.1;

/** Deequ's c(α) for α = 0.003. */
const cAlpha = 1.8;

/** max(0, D − 1.8 √((n + m) / (nm))). */
function robust(distance: number, n: number, m: number): number {
  return Math.max(0, distance - cAlpha * Math.sqrt((n + m) / (n * m)));
}

/** `comparison_method: Simple`: the greatest difference of the distribution functions > 0.1. */
export const sagemakerSimple: Rule = {
  id: 'sagemaker_simple',
  vendor,
  label: 'Simple: L∞ of the CDFs > 0.1',
  source,
  prepare: (baseline) => (window) => kolmogorovSmirnov(baseline.sorted, window.sorted) > threshold,
};

/** `comparison_method: Robust`: the same less what the sizes explain. */
export const sagemakerRobust: Rule = {
  id: 'sagemaker_robust',
  vendor,
  label: 'Robust: L∞ of the CDFs − 1.8 √((n + m)/nm) > 0.1',
  source,
  prepare: (baseline) => (window) => {
    const distance = kolmogorovSmirnov(baseline.sorted, window.sorted);
    return robust(distance, baseline.sorted.length, window.sorted.length) > threshold;
  },
};

/** `Simple` for categories: the greatest difference of a share > 0.1. */
export const sagemakerSimpleCategories: CategoryRule = {
  id: 'sagemaker_simple_categories',
  vendor,
  label: 'Simple: L∞ of the shares > 0.1',
  source,
  prepare: (baseline) => (window) =>
    greatestDifference(shares(baseline, sum(baseline)), shares(window, sum(window))) > threshold,
};

/** `Robust` for categories. */
export const sagemakerRobustCategories: CategoryRule = {
  id: 'sagemaker_robust_categories',
  vendor,
  label: 'Robust: L∞ of the shares − 1.8 √((n + m)/nm) > 0.1',
  source,
  prepare: (baseline) => (window) => {
    const distance = greatestDifference(shares(baseline, sum(baseline)), shares(window, sum(window)));
    return robust(distance, sum(baseline), sum(window)) > threshold;
  },
};
