import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { referenceFile } from '../reference-file.ts';
import { compareDataSet, dataSets } from './comparison.ts';

describe('the pipeline on the reference data', () => {
  for (const dataSet of dataSets) {
    const isHere = existsSync(referenceFile(dataSet, 'expected.json'));
    // Elsewhere the data may be absent; where every push is judged they may not.
    test.skipIf(!isHere && process.env.CI === undefined)(
      `${dataSet}: windows, counts, moments, KS, Wasserstein and quantiles are those of NumPy and SciPy`,
      async () => {
        const { compared, outside } = await compareDataSet(dataSet);
        expect(outside).toEqual([]);
        expect(compared.counts).toBeGreaterThan(100);
        expect(compared.windows).toBe(1);
      },
    );
  }
});
