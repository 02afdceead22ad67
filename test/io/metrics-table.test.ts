import { describe, expect, test } from 'vitest';
import { type MetricSpec, metrics } from '../../src/io/metrics-table.ts';

describe.each(Object.entries<MetricSpec>(metrics))(
  '%s',
  (name, { type, help, labels, buckets, endpoint }) => {
    test('is named by the conventions of Prometheus', () => {
      expect(name).toMatch(/^driftline_[a-z]+(_[a-z]+)*$/);
      expect(name.endsWith('_total')).toBe(type === 'counter');
      expect(name).not.toMatch(/_(ms|milliseconds|minutes|percent|count|sum|bucket)$/);
      for (const label of labels) {
        expect(label).toMatch(/^[a-z]+$/);
        expect(['le', 'quantile', 'job', 'instance']).not.toContain(label);
      }
    });

    test('says what it is in one line', () => {
      expect(help).toMatch(/^[A-Z][^\n\\]+\.$/);
    });

    test('has ascending buckets if it is a histogram, and results are gauges only', () => {
      expect(buckets !== undefined).toBe(type === 'histogram');
      expect([...(buckets ?? [])]).toEqual([...(buckets ?? [])].sort((a, b) => a - b));
      if (endpoint === 'results') expect(type).toBe('gauge');
    });
  },
);
