import { describe, expect, test } from 'vitest';
import {
  averagePrecision,
  hanleyVariance,
  type RankedRows,
  rocArea,
  rocAreaInterval,
  rocAreaVariance,
} from '../../src/stats/ranking.ts';
import golden from '../golden/quality.json' with { type: 'json' };
import { seededRandom } from '../laws/summary-samples.ts';

const z = 1.959963984540054;

function ranked(scores: readonly number[], labels: readonly number[]): RankedRows {
  const levels = [...new Set(scores)].sort((a, b) => a - b);
  const rows = (label: number) =>
    Float64Array.from(
      levels,
      (level) => scores.filter((score, i) => score === level && labels[i] === label).length,
    );
  return { positives: rows(1), negatives: rows(0) };
}

describe.each(golden.binary)('scores $name', ({ scores, labels, ...expected }) => {
  const rows = ranked(scores, labels);

  test('have the area and the average precision of scikit-learn', () => {
    expect(rocArea(rows)).toBeCloseTo(expected.roc_auc, 12);
    expect(averagePrecision(rows)).toBeCloseTo(expected.average_precision, 12);
  });

  test("have the area's variance that DeLong's definition gives pair by pair", () => {
    expect(rocAreaVariance(rows, rocArea(rows)!)).toBeCloseTo(expected.roc_auc_variance, 12);
  });
});

describe('the area under the ROC curve', () => {
  test('is not defined with one class alone', () => {
    expect(rocArea(ranked([0.1, 0.2], [1, 1]))).toBeUndefined();
    expect(averagePrecision(ranked([0.1, 0.2], [0, 0]))).toBeUndefined();
    expect(rocAreaVariance(ranked([0.1, 0.2, 0.3], [0, 0, 1]), 1)).toBeUndefined();
  });

  test('of a perfect ranking has an interval all the same', () => {
    const rows = ranked([0.1, 0.2, 0.3, 0.8, 0.9], [0, 0, 0, 1, 1]);
    const { lower, upper } = rocAreaInterval(rows, 1, z);
    expect(upper).toBe(1);
    expect(lower).toBeGreaterThan(0.3);
    expect(lower).toBeLessThan(0.95);
  });

  test('lies in its 95 % interval in about 95 of 100 samples', () => {
    const random = seededRandom(11);
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    // P(N(1, 1) > N(0, 1)).
    const truth = 0.760249938906;
    let inside = 0;
    const samples = 600;
    for (let i = 0; i < samples; i++) {
      const labels = Array.from({ length: 150 }, () => Number(random() < 0.3));
      const rows = ranked(
        labels.map((label) => normal() + label),
        labels,
      );
      const area = rocArea(rows)!;
      const { lower, upper } = rocAreaInterval(rows, area, z);
      if (lower <= truth && truth <= upper) inside += 1;
    }
    expect(inside / samples).toBeGreaterThan(0.92);
    expect(inside / samples).toBeLessThan(0.98);
  });

  test("has Hanley and McNeil's variance near DeLong's where scores are about normal", () => {
    const [first] = golden.binary;
    const rows = ranked(first!.scores, first!.labels);
    const area = rocArea(rows)!;
    const positives = rows.positives.reduce((sum, n) => sum + n, 0);
    const negatives = rows.negatives.reduce((sum, n) => sum + n, 0);
    expect(hanleyVariance(area, positives, negatives) / rocAreaVariance(rows, area)!).toBeGreaterThan(0.6);
    expect(hanleyVariance(area, positives, negatives) / rocAreaVariance(rows, area)!).toBeLessThan(1.6);
  });
});
