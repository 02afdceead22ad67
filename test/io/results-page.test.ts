import { describe, expect, test } from 'vitest';
import { advance } from '../../src/alert/history.ts';
import type { IncidentHistory } from '../../src/alert/incident.ts';
import { categoryNames, encodeResult } from '../../src/codec/result.ts';
import type { WindowResult } from '../../src/drift/result.ts';
import { renderResults } from '../../src/io/results-page.ts';
import { metrics } from '../../src/metrics-table.ts';
import type { StoredResult } from '../../src/ports.ts';
import { column, policy, resultsOfVotes, windowMs, windowResult } from '../alert/sample-results.ts';
import { complaints, hasPromtool } from './promtool.ts';
import { quality } from './quality-sample.ts';

const options = { expireBy: undefined, exposeForWindows: 3, maxSeries: 20_000 };

function stored(result: WindowResult): StoredResult {
  return {
    key: { size: result.end - result.start, start: result.start },
    revision: '',
    revisions: 0,
    inputs: '',
    publishedAt: 0,
    document: encodeResult(result, { position: 0n, revisions: 0 }, categoryNames(new Set(), undefined))
      .document,
  };
}

function withQuality(result: StoredResult): StoredResult {
  return { ...result, document: JSON.stringify({ ...JSON.parse(result.document), quality }) };
}

const measures = {
  psi: { score: 0.31, noiseFloor: 0.02, p: 0 },
  kolmogorov_smirnov: { score: 0.12, noiseFloor: 0.01, p: 0 },
  hellinger: { score: null, noiseFloor: null, p: null },
};
const window = windowResult(6, [
  column('lead_time', 0.31, {
    measures,
    missing: 500,
    sequential: { logE: 4.5, evidence: 2100, alarm: true },
  }),
  {
    ...column('meal', 0.01, { measures }),
    kind: 'categorical',
    unseen: 50,
    statistics: { top: [], distinct: 0 },
  },
  column('adr', null, { sequential: { logE: -0.25, evidence: 0.5, alarm: false } }),
  column('@score', 0.15, { measures }),
]);

function history(): IncidentHistory {
  let folded: IncidentHistory | undefined;
  const results = resultsOfVotes({ lead_time: 'wwwkkkk', meal: 'ccccccc', '@score': 'ccccccc' });
  for (const result of results) folded = advance(folded, result, policy).history;
  return folded!;
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

describe('the results page', () => {
  const page = renderResults([withQuality(stored(window))], [history()], options);

  test('shows the newest window of a model', () => {
    const labels = 'model="hotel_cancellation",version="all",window="5m"';
    expect(lines(page.text)).toEqual(
      expect.arrayContaining([
        `driftline_feature_drift_score{${labels},feature="lead_time",statistic="psi"} 0.31`,
        `driftline_window_end_timestamp_seconds{${labels}} ${window.end / 1000}`,
        `driftline_window_duration_seconds{${labels}} 300`,
        `driftline_window_rows{${labels}} 5000`,
        `driftline_window_status{${labels},reason="ok"} 1`,
        `driftline_window_status{${labels},reason="no_baseline"} 0`,
        `driftline_drifted_features_ratio{${labels}} 0.5`,
        `driftline_feature_null_ratio{${labels},feature="lead_time"} 0.1`,
        `driftline_feature_new_category_ratio{${labels},feature="meal"} 0.01`,
        `driftline_feature_drift_active{${labels},feature="lead_time",severity="critical"} 1`,
        `driftline_feature_drift_active{${labels},feature="lead_time",severity="warning"} 0`,
        `driftline_feature_drift_active{${labels},feature="meal",severity="critical"} 0`,
        'driftline_incident_active{model="hotel_cancellation",segment="all",rule="feature_drift",severity="critical"} 1',
        'driftline_incident_active{model="hotel_cancellation",segment="all",rule="prediction_drift",severity="critical"} 0',
        'driftline_feature_drift_threshold{model="hotel_cancellation",window="5m",feature="lead_time",statistic="psi",severity="warning"} 0.1',
        'driftline_feature_drift_threshold{model="hotel_cancellation",window="5m",feature="lead_time",statistic="psi",severity="critical"} 0.2',
      ]),
    );
  });

  test('has every series once, every family in one piece, and no timestamps', () => {
    const series = lines(page.text).map((line) => line.slice(0, line.lastIndexOf(' ')));
    expect(new Set(series).size).toBe(series.length);
    const families = page.text.match(/^# TYPE \S+/gm)!;
    expect(new Set(families).size).toBe(families.length);
    for (const line of lines(page.text)) expect(line).toMatch(/^[a-z_]+({.*})? [-+.e\d]+$/);
    expect(page.series).toBe(series.length - 2);
    expect(page.text).toContain(`driftline_result_series ${page.series}\n`);
  });

  test('uses every name and label of the table, and no other', () => {
    const seen = new Map<string, Set<string>>();
    for (const line of lines(page.text)) {
      const [, name, labels = ''] = /^([a-z_]+)(?:{(.*)})? /.exec(line)!;
      seen.set(name!, new Set([...labels.matchAll(/([a-z]+)="/g)].map(([, label]) => label!)));
    }
    const results = Object.entries(metrics).filter(([, { endpoint }]) => endpoint === 'results');
    expect([...seen.keys()].sort()).toEqual(results.map(([name]) => name).sort());
    for (const [name, { labels }] of results) expect([...seen.get(name)!].sort()).toEqual([...labels].sort());
  });

  test('shows the evidence of the sequential detector, on few rows too, and nothing where it did not look', () => {
    const of = (feature: string) =>
      lines(page.text).filter(
        (line) => line.includes('_sequential_') && line.includes(`feature="${feature}"`),
      );
    const labels = 'model="hotel_cancellation",version="all",window="5m"';
    expect(of('lead_time')).toEqual([
      `driftline_feature_sequential_evidence{${labels},feature="lead_time"} 2100`,
      `driftline_feature_sequential_log_e_value{${labels},feature="lead_time"} 4.5`,
      `driftline_feature_sequential_alarm{${labels},feature="lead_time"} 1`,
    ]);
    expect(of('adr')).toEqual([
      `driftline_feature_sequential_evidence{${labels},feature="adr"} 0.5`,
      `driftline_feature_sequential_log_e_value{${labels},feature="adr"} -0.25`,
      `driftline_feature_sequential_alarm{${labels},feature="adr"} 0`,
    ]);
    expect(of('meal')).toEqual([]);
  });

  test('shows no score where there were too few rows', () => {
    expect(page.text).not.toMatch(/drift_(score|threshold){[^}]*feature="adr"/);
    const small = renderResults([stored(windowResult(0, [column('adr', null)]))], [], options);
    expect(small.text).toContain('reason="insufficient_data"} 1\n');
    expect(small.text).not.toContain('driftline_drifted_features_ratio');
  });

  test('keeps names apart that look alike when they are joined, and escapes what they hold', () => {
    const names = ['a"b', 'a\\b', 'a\nb', 'a,statistic="psi', '__proto__', 'ü'];
    const { text } = renderResults(
      [
        stored(
          windowResult(
            0,
            names.map((name) => column(name, 0.3)),
          ),
        ),
      ],
      [],
      options,
    );
    expect(text.match(/^driftline_feature_drift_score{/gm)).toHaveLength(names.length);
    expect(text).toContain('feature="a\\"b"');
    expect(text).toContain('feature="a\\\\b"');
    expect(text).toContain('feature="a\\nb"');
  });

  test.each([
    [60_000, '1m'],
    [90_000, '90s'],
    [3_600_000, '1h'],
    [5_400_000, '90m'],
    [86_400_000, '1d'],
    [500, '0.5s'],
  ])('calls a window of %d ms %s', (size, name) => {
    const { text } = renderResults([stored({ ...windowResult(0, []), start: 0, end: size })], [], options);
    expect(text).toContain(`window="${name}"`);
  });

  test.skipIf(!hasPromtool)(
    'is a page that promtool accepts (skipped where promtool is not installed)',
    () => {
      expect(complaints(page.text)).toEqual([]);
      const odd = renderResults([stored(windowResult(0, [column('a"\\\n,b{}', 1e-300)]))], [], options);
      expect(complaints(odd.text)).toEqual([]);
    },
  );

  test.skipIf(!hasPromtool)(
    'with a metric of a bad name would not be accepted (skipped where promtool is not installed)',
    () => {
      expect(
        complaints(page.text.replaceAll('driftline_window_rows', 'driftline_window_milliseconds')),
      ).not.toEqual([]);
      expect(complaints(`${page.text}driftline_window_rows{ 1\n`)).not.toEqual([]);
    },
  );
});

describe('a window that ended long ago', () => {
  const at = (now: number) => renderResults([stored(window)], [history()], { ...options, expireBy: now });

  test('is no longer shown after three windows, but at least fifteen minutes; its end still is', () => {
    const expiry = window.end + Math.max(3 * windowMs, 900_000);
    expect(at(expiry - 1).text).toContain('driftline_feature_drift_score{');
    expect(at(expiry - 1).validUntil).toBe(expiry);
    const { text, validUntil } = at(expiry);
    expect(validUntil).toBe(Infinity);
    expect(text).not.toMatch(/_score{|_threshold{|_rows{|_status{|driftline_feature_/);
    expect(text).toContain('driftline_window_end_timestamp_seconds{');
    expect(text).toContain('driftline_incident_active{');
  });

  test('of an hour is shown for three hours', () => {
    const hour = stored({ ...window, end: window.start + 3_600_000 });
    const { validUntil } = renderResults([hour], [], { ...options, expireBy: window.end });
    expect(validUntil).toBe(window.start + 4 * 3_600_000);
  });

  test('of replayed history is shown for ever', () => {
    expect(renderResults([stored(window)], [], options).text).toContain('driftline_feature_drift_score{');
  });
});

describe('the series budget', () => {
  const wide = windowResult(
    6,
    Array.from({ length: 100 }, (_, i) =>
      column(`f${i}`, 0.31, { measures, sequential: { logE: 1, evidence: 3, alarm: false } }),
    ),
  );
  const all = renderResults([stored(wide)], [], options);

  test('drops other statistics first, then ratios, evidence and thresholds, and counts what it drops', () => {
    let budget = all.series;
    const lost: string[] = [];
    const families = [
      'statistic="kolmogorov_smirnov"',
      'null_ratio{',
      'sequential_evidence{',
      'drift_threshold{',
      'statistic="psi"',
    ];
    while (budget > 10) {
      const page = renderResults([stored(wide)], [], { ...options, maxSeries: budget });
      expect(page.series).toBeLessThanOrEqual(budget);
      expect(page.series + page.dropped).toBe(all.series);
      expect(page.text).toContain(`driftline_result_series_dropped ${page.dropped}\n`);
      for (const family of families)
        if (!page.text.includes(family) && !lost.includes(family)) lost.push(family);
      budget = page.series - 1;
    }
    expect(lost).toEqual(families);
  });

  test('holds even for what is always kept', () => {
    expect(renderResults([stored(wide)], [], { ...options, maxSeries: 2 }).series).toBe(2);
  });
});
