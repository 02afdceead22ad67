import { expect, test } from 'vitest';
import { logitInterval, normalInterval, shareInterval } from '../../src/stats/interval.ts';
import golden from '../golden/quality.json' with { type: 'json' };

const z = 1.959963984540054;

test.each(golden.wilson)(
  "Wilson's interval of $successes in $n is that of SciPy",
  ({ successes, n, lower, upper }) => {
    const interval = shareInterval(successes, n, z);
    expect(interval.lower).toBeCloseTo(lower, 12);
    expect(interval.upper).toBeCloseTo(upper, 12);
  },
);

test('an interval holds its share, and stays between 0 and 1', () => {
  for (const n of [1, 2, 10, 1000]) {
    for (let successes = 0; successes <= n; successes++) {
      const { lower, upper } = shareInterval(successes, n, z);
      expect(lower).toBeLessThanOrEqual(successes / n);
      expect(upper).toBeGreaterThanOrEqual(successes / n);
      expect(lower).toBeGreaterThanOrEqual(0);
      expect(upper).toBeLessThanOrEqual(1);
    }
  }
});

test('on the scale of log-odds an interval is about the normal one, and stays inside', () => {
  const near = logitInterval(0.8, 1e-4, z);
  const normal = normalInterval(0.8, 1e-4, z);
  expect(near.lower).toBeCloseTo(normal.lower, 6);
  expect(near.upper).toBeCloseTo(normal.upper, 6);
  const wide = logitInterval(0.9, 0.2, z);
  expect(wide.upper).toBeLessThan(1);
  expect(wide.lower).toBeGreaterThan(0);
  expect(normalInterval(0.9, 0.2, z).upper).toBeGreaterThan(1);
});
