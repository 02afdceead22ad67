import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { queryCommand } from '../../src/cli/query-command.ts';
import { measureNames } from '../../src/drift/result.ts';
import { runInMemory } from './memory-process.ts';
import { documentOf, resultsFolder } from './sample-results.ts';

// The second hour is drifted at first; late rows make it quiet again.
const documents = [
  documentOf(0, 0, 1n),
  documentOf(1, 0.5, 2n),
  documentOf(2, 0.5, 3n),
  documentOf(1, 0, 4n),
];
const { folder, results } = resultsFolder(documents);

function query(sql: string, ...more: string[]) {
  return runInMemory(['query', sql, '--results', results, ...more], { commands: [queryCommand] });
}

const drifted =
  'SELECT window_start_time, feature_name, drift_score, drift_threshold FROM drift_metrics ' +
  'WHERE drift_score > drift_threshold ORDER BY 1 DESC, 3 DESC LIMIT 50';

describe('query', () => {
  test('lists what exceeds its threshold, of each window the last revision', async () => {
    const { stdout, exitCode } = await query(drifted);
    expect(exitCode).toBe(0);
    const [header, ...rows] = stdout.trimEnd().split('\n');
    expect(header).toMatch(/^window_start_time +feature_name +drift_score +drift_threshold$/);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatch(/^2026-03-01 02:00:00 +amount +\d/);
  });

  test('prints the numbers of the documents, in full, as JSON', async () => {
    const { stdout } = await query(
      "SELECT * FROM drift_metrics WHERE feature_name = 'amount' ORDER BY window_start_time",
      '--format',
      'json',
    );
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const columns = [documents[0]!, documents[3]!, documents[2]!].map((text) => JSON.parse(text).columns[0]);
    expect(rows.map((row) => row.drift_score)).toEqual(columns.map((column) => column.drift_score));
    for (const name of measureNames)
      expect(
        rows.map((row) => row[name]),
        name,
      ).toEqual(columns.map(({ measures }) => measures[name]?.score ?? null));
  });

  test('has the statistics of every column in profile_metrics', async () => {
    const { stdout } = await query(
      "SELECT n, missing, mean, median FROM profile_metrics WHERE window_start_time = '2026-03-01' ORDER BY feature_name",
      '--format',
      'json',
    );
    const [amount, country] = JSON.parse(documents[0]!).columns;
    const { mean, quantiles } = amount.statistics;
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { n: 500, missing: 0, mean, median: quantiles[3] },
      { n: 500, missing: country.missing, mean: null, median: null },
    ]);
  });

  test("gives the same in the layout of Databricks' tables", async () => {
    const drift = await query(
      `SELECT "window"."start" AS "start", granularity, column_name, data_type, drift_type, ks_test, population_stability_index AS psi, js_distance FROM databricks_drift_metrics WHERE "window"."start" = '2026-03-01 02:00:00' ORDER BY column_name`,
      '--format',
      'json',
    );
    const [amount, country] = JSON.parse(documents[2]!).columns;
    const { kolmogorov_smirnov: ks, psi, jensen_shannon: js } = amount.measures;
    const common = { start: '2026-03-01 02:00:00', granularity: '1 hour', drift_type: 'BASELINE' };
    expect(
      drift.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      {
        ...common,
        column_name: 'amount',
        data_type: 'double',
        ks_test: { statistic: ks.score, pvalue: ks.p_value },
        psi: psi.score,
        js_distance: js.score,
      },
      {
        ...common,
        column_name: 'country',
        data_type: 'string',
        ks_test: null,
        psi: country.measures.psi.score,
        js_distance: country.measures.jensen_shannon.score,
      },
    ]);
    const profile = await query(
      `SELECT log_type, count, num_nulls, percent_null, frequent_items FROM databricks_profile_metrics WHERE column_name = 'country' ORDER BY "window" LIMIT 1`,
      '--format',
      'json',
    );
    const missing = JSON.parse(documents[0]!).columns[1].missing;
    expect(JSON.parse(profile.stdout)).toMatchObject({
      ...{ log_type: 'INPUT', count: 500 - missing, num_nulls: missing, percent_null: missing / 5 },
      frequent_items: [{ item: 'de' }, { item: 'fr' }],
    });
  });

  test('writes CSV with a header, and Parquet that can be read again', async () => {
    expect((await query(drifted, '--format', 'csv')).stdout).toMatch(
      /^window_start_time,feature_name,drift_score,drift_threshold\n2026-03-01 02:00:00,amount,/,
    );
    const file = join(folder, 'drifted.parquet');
    expect((await query(drifted, '--format', 'parquet', '--out', file)).exitCode).toBe(0);
    expect(readFileSync(file).subarray(0, 4).toString()).toBe('PAR1');
    const again = await query(`SELECT feature_name FROM read_parquet('${file}')`, '--format', 'csv');
    expect(again.stdout).toBe('feature_name\namount\n');
  });

  test('says what is wrong with a query, and which tables there are', async () => {
    const { stderr, exitCode } = await query('SELECT nonsense FROM drift_metrics');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/USAGE: .*nonsense[\s\S]*Tables: windows, drift_metrics, profile_metrics/);
  });

  test('refuses Parquet without a file, and files that are not there', async () => {
    expect((await query(drifted, '--format', 'parquet')).stderr).toMatch(/USAGE: Parquet .*--out/);
    const missing = await runInMemory(['query', drifted, '--results', join(folder, 'none')], {
      commands: [queryCommand],
    });
    expect(missing.stderr).toMatch(/INPUT_MISSING: .*none cannot be read/);
  });
});
