import { describe, expect, test } from 'vitest';
import type { MetricSpread } from '../../src/profile/reference-quality.ts';
import type { Metrics } from '../../src/quality/metric.ts';
import { metricVerdicts } from '../../src/quality/verdict.ts';
import { policy } from './build.ts';

const spread: MetricSpread = { value: 0.9, mean: 0.9, deviation: 0.03, standardError: 0.03, chunks: 20 };

/** A metric with this value and standard error. */
function found(name: keyof Metrics, value: number, error: number): Metrics {
  return {
    [name]: { value, lower: value - policy.z * error, upper: value + policy.z * error, constant: null },
  };
}

function verdict(metrics: Metrics, reference: MetricSpread, labelled = 500) {
  const [name] = Object.keys(metrics);
  return metricVerdicts(metrics, labelled, new Map([[name!, reference]]), policy)[0]!;
}

describe('a metric is degraded', () => {
  test('beyond three standard deviations of its sampling error, on the worse side alone', () => {
    expect(verdict(found('accuracy', 0.84, 0.015), spread).state).toBe('degraded');
    expect(verdict(found('accuracy', 0.86, 0.015), spread).state).toBe('ok');
    expect(verdict(found('accuracy', 0.99, 0.015), spread).state).toBe('ok');
    expect(verdict(found('log_loss', 0.96, 0.015), spread).state).toBe('degraded');
    expect(verdict(found('log_loss', 0.8, 0.015), spread).state).toBe('ok');
  });

  test('not within what chunks of the baseline differ by beyond sampling', () => {
    const restless = { ...spread, deviation: 0.05 };
    expect(verdict(found('accuracy', 0.84, 0.015), restless).state).toBe('ok');
    expect(verdict(found('accuracy', 0.74, 0.015), restless).state).toBe('degraded');
  });

  test('on either side where the nearer to 0 the better', () => {
    const around = { ...spread, value: 0, mean: 0 };
    expect(verdict(found('bias', 0.2, 0.02), around).state).toBe('degraded');
    expect(verdict(found('bias', -0.2, 0.02), around).state).toBe('degraded');
    expect(verdict(found('bias', -0.2, 0.02), around).limit).toBeCloseTo(-0.06, 12);
    expect(verdict(found('bias', 0.01, 0.02), around).state).toBe('ok');
  });

  test('by what chunks differ where it has no interval', () => {
    const metrics: Metrics = { ece: { value: 1.1, lower: null, upper: null, constant: 0 } };
    expect(verdict(metrics, spread).strength).toBeCloseTo(0.2 / 0.03, 9);
  });

  test('never while there are too few labels', () => {
    expect(verdict(found('accuracy', 0.1, 0.01), spread, 99).state).toBe('insufficient_data');
  });
});

test('a baseline of one chunk expects its own value', () => {
  expect(verdict(found('accuracy', 0.9, 0.01), { ...spread, value: 0.8, mean: 0, chunks: 1 }).expected).toBe(
    0.8,
  );
});

test('there is no verdict on what one side does not know', () => {
  const undefinedHere: Metrics = { recall: { value: null, lower: null, upper: null, constant: 1 } };
  expect(metricVerdicts(undefinedHere, 500, new Map([['recall', spread]]), policy)).toEqual([]);
  expect(metricVerdicts(found('recall', 0.5, 0.1), 500, new Map(), policy)).toEqual([]);
});
