// The rule of the textbooks, which belongs to no vendor: PSI on the baseline's deciles.
import { histogram, shares, stabilityIndex } from './histogram.ts';
import type { Rule } from './rule.ts';

/** Ten bins at the baseline's deciles with open ends, shares of at least 1e-4: PSI > 0.1. */
export const textbookPsi: Rule = {
  id: 'psi_deciles',
  vendor: 'Textbook',
  label: 'PSI > 0.1, ten bins at the deciles',
  source: 'Siddiqi, Credit Risk Scorecards (2006)',
  prepare: ({ sorted }) => {
    const n = sorted.length;
    const edges = Float64Array.from({ length: 11 }, (_, i) =>
      i === 0 ? -Infinity : i === 10 ? Infinity : sorted[Math.floor((i * n) / 10)]!,
    );
    const floored = (counts: Float64Array, rows: number) =>
      shares(counts, rows).map((share) => Math.max(share, 1e-4));
    const p = floored(histogram(sorted, edges), n);
    return (window) =>
      stabilityIndex(p, floored(histogram(window.sorted, edges), window.sorted.length)) > 0.1;
  },
};
