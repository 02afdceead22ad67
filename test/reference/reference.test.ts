import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { referenceFile } from '../reference-file.ts';
import { compareDataSet, dataSets } from './comparison.ts';

describe('the pipeline on the reference data', () => {
  for (const dataSet of dataSets) {
    const isHere = existsSync(referenceFile(dataSet, 'expected.json'));
    // Elsewhere the data may be absent; where every push is judged they may not.
    test.skipIf(!isHere && process.env.CI === undefined)(
      `${dataSet}: windows, counts, moments, KS, Wasserstein, quantiles and quality are those of NumPy, SciPy and scikit-learn`,
      async () => {
        const { drift, quality } = await compareDataSet(dataSet);
        expect([...drift.outside, ...quality.outside]).toEqual([]);
        expect(drift.compared.counts).toBeGreaterThan(100);
        expect(drift.compared.windows).toBe(1);
        expect(quality.compared.labelled).toBeGreaterThan(2);
      },
    );
  }
});
