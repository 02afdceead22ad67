// The benches themselves measure for minutes; here each is run small, for what it prints.
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);

async function lastLine(bench: string, options: readonly string[]): Promise<Record<string, unknown>> {
  const file = resolve(import.meta.dirname, `${bench}.ts`);
  const { stdout } = await run(process.execPath, [file, ...options, '--json']);
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}

test('bench:sketch prints its ratios as one object on the last line', async () => {
  const report = await lastLine('sketch', ['--rows', '301', '--rounds', '1']);
  for (const field of [
    'times_faster_than_tdigest',
    'times_faster_than_sketches_js',
    'share_of_json_parse',
    'merge_us',
    'bytes_per_feature',
  ]) {
    expect(report[field], field).toBeGreaterThan(0);
  }
});

test('bench:evaluate prints its figures as one object on the last line', async () => {
  const report = await lastLine('evaluate', ['--features', '5', '--rounds', '1', '--rows', '500']);
  expect(report).toMatchObject({ features: 5, rows: 500, measures: 8 });
  expect(report.evaluate_ms).toBeGreaterThan(0);
});

test('bench:accuracy prints its figures as one object on the last line', async () => {
  const report = await lastLine('accuracy', ['--size', '10000', '--seeds', '1']);
  expect(report).toMatchObject({ size: 10_000, outside: 0, seeds: 1 });
  expect(report.found).toHaveLength(28);
});
