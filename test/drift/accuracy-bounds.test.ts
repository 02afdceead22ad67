import { describe, expect, test } from 'vitest';
import { accuracies, errorAllowed } from './accuracy-trial.ts';

describe('Kolmogorov-Smirnov from summaries of 10,000 values', () => {
  test.each([...accuracies(10_000, 2)])(
    '$name, from its $basis: within its bound, in one part and after 32 merges; the interval holds the exact value',
    ({ name, basis, worstKolmogorovSmirnov, held, trials }) => {
      expect(worstKolmogorovSmirnov).toBeLessThanOrEqual(errorAllowed(name, basis));
      expect(held).toBe(trials);
    },
  );
});
