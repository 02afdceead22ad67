import { describe, expect, test } from 'vitest';
import { prepareBaseline } from '../../src/drift/prepared-baseline.ts';
import type { DriftPolicy } from '../../src/drift/result.ts';
import { twoSampleKolmogorovTail } from '../../src/stats/kolmogorov.ts';
import { exactKolmogorovTail } from '../../src/stats/kolmogorov-exact.ts';
import { seededRandom } from '../laws/summary-samples.ts';
import { baselineOf, evaluate, profileOf, rows, type Values } from './build.ts';

const columns = Array.from({ length: 12 }, (_, i) => `x${i}`);

/** Twelve columns, each moved a little more than the one before. */
function compared(before: number, after: number, policy: Partial<DriftPolicy> = {}) {
  const random = seededRandom(4);
  const row = (shift: number) => (): Values =>
    Object.fromEntries(columns.map((name, i) => [name, random() + (shift * i) / columns.length]));
  const kinds = columns.map((name) => [name, 'numeric'] as const);
  const baseline = prepareBaseline(baselineOf(rows(before, row(0)), kinds));
  return evaluate(baseline, profileOf(baseline.baseline.schema, rows(after, row(0.1))), policy).columns;
}

describe('the Kolmogorov-Smirnov p-value', () => {
  test('is exact for up to a million pairs of values', () => {
    for (const [before, after] of [
      [900, 700],
      [2000, 500],
    ] as const) {
      for (const { measures } of compared(before, after)) {
        const { score, p } = measures.kolmogorov_smirnov!;
        expect(p).toBe(exactKolmogorovTail(score!, after, before));
      }
    }
  });

  test("is Stephens' approximation for more", () => {
    for (const { measures } of compared(2000, 501)) {
      const { score, p } = measures.kolmogorov_smirnov!;
      expect(p).toBe(twoSampleKolmogorovTail(score!, 501, 2000));
    }
  });
});

describe('the correction for many features', () => {
  const harmonic = columns.reduce((sum, _, i) => sum + 1 / (i + 1), 0);

  test('is Benjamini-Hochberg, or Benjamini-Yekutieli where that is chosen', () => {
    const hochberg = compared(5000, 600);
    const yekutieli = compared(5000, 600, { correction: 'benjamini_yekutieli' });
    let below = 0;
    hochberg.forEach(({ pAdjusted }, i) => {
      const expected = Math.min(1, pAdjusted! * harmonic);
      if (expected < 1) below += 1;
      expect(Math.abs(yekutieli[i]!.pAdjusted! / expected - 1)).toBeLessThan(1e-12);
    });
    expect(below).toBeGreaterThan(3);
  });
});
