import { describe, expect, test } from 'vitest';
import { processMetrics } from '../../src/io/prometheus.ts';
import { type MetricName, type MetricSpec, metrics } from '../../src/metrics-table.ts';
import { complaints, hasPromtool } from './promtool.ts';

const bug = expect.objectContaining({ name: 'Fault', code: 'BUG' });

describe('the metrics of the process', () => {
  test('count, show and observe by name and labels', async () => {
    const { meter, page } = processMetrics('1.2.3');
    meter.count('driftline_events_total', { stream: 'predictions', outcome: 'accepted' }, 40);
    meter.count('driftline_events_total', { outcome: 'accepted', stream: 'predictions' }, 2);
    meter.gauge('driftline_consumer_lag_records', { stream: 'labels', shard: '3' }, 17);
    meter.observe('driftline_checkpoint_duration_seconds', {}, 0.02);
    const text = await page();
    expect(text).toContain('driftline_events_total{stream="predictions",outcome="accepted"} 42\n');
    expect(text).toContain('driftline_consumer_lag_records{stream="labels",shard="3"} 17\n');
    expect(text).toContain('driftline_checkpoint_duration_seconds_bucket{le="0.025"} 1\n');
    expect(text).toContain('driftline_build_info{version="1.2.3"} 1\n');
    expect(text).toMatch(/^process_resident_memory_bytes \d/m);
  });

  test('take a gauge away when it is no longer a number', async () => {
    const { meter, page } = processMetrics('0');
    meter.gauge('driftline_watermark_timestamp_seconds', { shard: '0' }, 1.5e9);
    meter.gauge('driftline_watermark_timestamp_seconds', { shard: '1' }, 1.5e9);
    meter.gauge('driftline_watermark_timestamp_seconds', { shard: '1' }, Number.NaN);
    meter.gauge('driftline_watermark_timestamp_seconds', { shard: '2' }, -Infinity);
    expect((await page()).match(/^driftline_watermark_timestamp_seconds{.*/gm)).toEqual([
      'driftline_watermark_timestamp_seconds{shard="0"} 1500000000',
    ]);
  });

  test('of two meters are apart', async () => {
    const [one, other] = [processMetrics('0'), processMetrics('0')];
    one.meter.gauge('driftline_owned_shards', {}, 4);
    expect(await other.page()).toContain('driftline_owned_shards 0\n');
  });

  test('refuse names, types and labels that the table does not have', () => {
    const { meter } = processMetrics('0');
    expect(() => meter.count('driftline_evnts_total' as MetricName, {}, 1)).toThrow(bug);
    expect(() => meter.count('toString' as MetricName, {}, 1)).toThrow(bug);
    expect(() => meter.count('driftline_owned_shards', {}, 1)).toThrow(bug);
    expect(() => meter.gauge('driftline_feature_drift_score', {}, 1)).toThrow(bug);
    expect(() => meter.gauge('driftline_owned_shards', { shard: '1' }, 1)).toThrow(bug);
    expect(() => meter.count('driftline_events_total', { stream: 'labels' }, 1)).toThrow(bug);
    expect(() => meter.count('driftline_events_total', { stream: 'labels', reason: 'late' }, 1)).toThrow(bug);
  });

  test.skipIf(!hasPromtool)(
    'are a page that promtool accepts (skipped where promtool is not installed)',
    async () => {
      const { meter, page } = processMetrics('1.2.3');
      for (const [name, { type, labels, endpoint }] of Object.entries(metrics) as [
        MetricName,
        MetricSpec,
      ][]) {
        if (endpoint !== 'process') continue;
        const values = Object.fromEntries(labels.map((label) => [label, 'a"b\\c\nd']));
        if (type === 'counter') meter.count(name, values, 1);
        else if (type === 'gauge') meter.gauge(name, values, 1);
        else meter.observe(name, values, 1);
      }
      expect(complaints(await page())).toEqual([]);
    },
  );
});
