// The short form of `npm run calibrate:acceptance`: the same streams, over days instead of months.
import { describe, expect, test } from 'vitest';
import { changes } from './features.ts';
import { policyOf, runQuiet, streamOf, windowsToRaise } from './streams.ts';

describe('a stationary stream of hourly windows of 1,000 rows', () => {
  test.each([
    [50, 'independent', 2],
    [100, 'independent', 1],
    [200, 'independent', 1],
    [50, 'entity', 2],
    [50, 'autoregressive', 2],
  ] as const)('of %d features with %s rows raises nothing in %d days', (features, dependence, days) => {
    const stream = streamOf(features, dependence, features + days, 16_000);
    expect(runQuiet(stream, features, 1_000, days, [policyOf()])).toEqual([
      { incidents: 0, raises: 0, featureDays: features * days },
    ]);
  });
});

test('windows of 100 rows are not judged, and raise nothing where they are', () => {
  for (const dependence of ['independent', 'entity'] as const) {
    const stream = streamOf(50, dependence, 4, 16_000);
    const quiet = { incidents: 0, raises: 0, featureDays: 100 };
    expect(runQuiet(stream, 50, 100, 2, [policyOf(), policyOf(50)])).toEqual([quiet, quiet]);
  }
});

describe('a change of one of twenty features at 1,000 rows', () => {
  const stream = streamOf(20, 'independent', 9, 16_000);

  test.each(changes)('$name is raised within $within windows', (change) => {
    const runs = 20;
    let raised = 0;
    for (let run = 0; run < runs; run++) {
      if (windowsToRaise(stream, change, 1_000, policyOf()) <= change.within) raised += 1;
    }
    expect(raised / runs).toBeGreaterThanOrEqual(0.95);
  });
});
