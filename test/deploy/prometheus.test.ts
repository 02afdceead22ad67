import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { defaultSettings, parseSettings } from '../../src/config/settings.ts';
import { metrics } from '../../src/metrics-table.ts';
import { promtoolCheck, promtoolMissing } from './promtool.ts';

interface Job {
  readonly job_name: string;
  readonly metrics_path: string;
  readonly honor_timestamps: boolean;
  readonly sample_limit: number;
  readonly label_limit: number;
  readonly label_name_length_limit: number;
  readonly label_value_length_limit: number;
  readonly body_size_limit: string;
  readonly static_configs: readonly { readonly targets: readonly string[] }[];
}

const file = new URL('../../deploy/prometheus/prometheus.yml', import.meta.url);
const { scrape_configs: jobs } = parse(readFileSync(file, 'utf8')) as { scrape_configs: readonly Job[] };
const compose = parse(readFileSync(new URL('../../docker-compose.yml', import.meta.url), 'utf8'), {
  merge: true,
}) as { services: Record<string, unknown> };

describe('deploy/prometheus/prometheus.yml', () => {
  test('has one job for each page', () => {
    expect(jobs.map((job) => [job.job_name, job.metrics_path])).toEqual([
      ['driftline', '/metrics'],
      ['driftline-results', '/metrics/results'],
    ]);
  });

  test('reads Driftline where Compose has it, the results from one target', () => {
    const { port } = defaultSettings().http;
    for (const { static_configs } of jobs)
      expect(static_configs).toEqual([{ targets: [`driftline:${port}`] }]);
    expect(Object.keys(compose.services)).toContain('driftline');
  });

  test.each(jobs)('takes no timestamps and bounds what $job_name may send', (job) => {
    expect(job.honor_timestamps).toBe(false);
    expect(job.body_size_limit).toBe('20MB');
    const labels = Object.values(metrics).flatMap((metric) => metric.labels);
    expect(job.label_limit).toBeGreaterThan(10);
    expect(job.label_name_length_limit).toBeGreaterThan(Math.max(...labels.map((label) => label.length)));
  });

  test('bounds the results above what Driftline itself lets through', () => {
    const results = jobs.find(({ job_name }) => job_name === 'driftline-results')!;
    // Two series more count the others.
    const beyond = { DRIFTLINE__LIMITS__RESULT_SERIES: String(results.sample_limit - 2) };
    const parsed = parseSettings({ files: [], env: beyond, flags: [] });
    expect(parsed.ok ? [] : parsed.problems.map(({ path }) => path)).toEqual(['limits.result_series']);
    // Prometheus counts bytes, Driftline counts UTF-16 units: each takes three bytes at most.
    expect(results.label_value_length_limit).toBeGreaterThanOrEqual(3 * defaultSettings().limits.nameLength);
  });

  test.skipIf(promtoolMissing)(
    `is valid for promtool${promtoolMissing ? `: ${promtoolMissing}` : ''}`,
    () => {
      const { ok, text } = promtoolCheck('config', fileURLToPath(file));
      expect(ok, text).toBe(true);
    },
  );
});
