import { expect, test } from 'vitest';
import { addWindowQuality } from '../../src/io/results-quality.ts';
import { type MetricName, metrics } from '../../src/metrics-table.ts';
import { quality } from './quality-sample.ts';

test('quality is shown with its bounds by what it rests on, and every series has the labels of the table', () => {
  const found: string[] = [];
  const of = { model: 'm', version: 'all', window: '5m' };
  addWindowQuality(
    (metric, labels, value) => {
      expect(Object.keys(labels).sort(), metric).toEqual([...metrics[metric].labels].sort());
      const { model: _, version: __, window: ___, ...own } = labels;
      found.push(`${metric} ${Object.values(own).join(' ')} ${value}`);
    },
    of,
    quality,
  );
  const named = (metric: MetricName) =>
    found.filter((text) => text.startsWith(`${metric} `)).map((text) => text.slice(metric.length).trim());
  expect(named('driftline_label_coverage_ratio')).toEqual(['0.75']);
  expect(named('driftline_label_delay_seconds')).toEqual(['0.5 3600']);
  expect(named('driftline_quality_score')).toEqual([
    'realised accuracy 0.8',
    'realised roc_auc null',
    'estimated accuracy 0.9',
  ]);
  expect(named('driftline_quality_score_lower')).toContain('estimated accuracy 0.88');
  expect(named('driftline_quality_score_upper')).toContain('realised accuracy 0.85');
  expect(named('driftline_quality_degraded')).toEqual(['accuracy 1']);
  expect(named('driftline_quality_estimate_bias')).toEqual(['accuracy 0.1']);
  expect(named('driftline_quality_finding')).toContain('concept_drift 1');
  expect(named('driftline_quality_finding')).toContain('data_drift 0');
});
