// WhyLabs' rule: whylabs/whylabs-oss, murmuration …/core/calculations/math/Distance.java, and the threshold of its monitor
// schema. The platform compares KLL sketches; here the exact counts stand for them.
import { evenEdges, hellinger, histogram, shares, sum } from './histogram.ts';
import type { CategoryRule, Rule } from './rule.ts';

const vendor = 'WhyLabs';
const source =
  'whylabs/whylabs-oss, observe/dataservice/murmuration/src/main/java/ai/whylabs/core/calculations/math/Distance.java';
const threshold = 0.7;
const bins = 30;

/** The default for numbers: Hellinger distance of 30 equal-width bins over the range of both sides > 0.7. */
export const whylabsHellinger: Rule = {
  id: 'whylabs_hellinger',
  vendor,
  label: 'Hellinger > 0.7, 30 equal-width bins (default)',
  source,
  prepare: (baseline) => (window) => {
    const low = Math.min(baseline.sorted[0]!, window.sorted[0]!);
    const high = Math.max(baseline.sorted.at(-1)!, window.sorted.at(-1)!);
    const edges = evenEdges(low, high, bins);
    const p = shares(histogram(baseline.sorted, edges), baseline.sorted.length);
    const q = shares(histogram(window.sorted, edges), window.sorted.length);
    return hellinger(p, q) > threshold;
  },
};

/** The default for categories: the same over the union of the frequent items. */
export const whylabsCategories: CategoryRule = {
  id: 'whylabs_hellinger_categories',
  vendor,
  label: 'Hellinger > 0.7 (default)',
  source,
  prepare: (baseline) => (window) =>
    hellinger(shares(baseline, sum(baseline)), shares(window, sum(window))) > threshold,
};
