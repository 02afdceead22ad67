import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type MetricSpec, metrics } from '../src/metrics-table.ts';

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

test('every metric of the process is set somewhere', () => {
  const root = resolve(import.meta.dirname, '../src');
  const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && path !== 'metrics-table.ts')
    .map((path) => readFileSync(join(root, path), 'utf8'))
    .join('\n');
  const unset = Object.entries<MetricSpec>(metrics)
    .filter(([name, { endpoint }]) => endpoint === 'process' && !sources.includes(`'${name}'`))
    .map(([name]) => name);
  expect(unset).toEqual([]);
});
