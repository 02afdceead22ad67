import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { compareCommand } from '../../src/cli/compare-command.ts';
import type { NumericPeers } from '../drift/peer-samples.ts';
import { peerMeasures, peerSample } from '../drift/peer-samples.ts';
import { runInMemory } from './memory-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'driftline-compare-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function written(name: string, lines: readonly string[]): string {
  writeFileSync(join(folder, name), `${lines.join('\n')}\n`);
  return join(folder, name);
}

const plans = ['basic', 'plus', 'pro'];

/** Rows of the example in docs/migration.md; `spend` is a sample of test/golden/peer_measures.py. */
function rowsOf(seed: number, count: number, shift: number, hasNewPlan: boolean): string[] {
  const spend = peerSample(seed, count, shift);
  const other = peerSample(seed + 100, count, 0);
  return [
    'spend,plan',
    ...Array.from(spend, (_, i) => {
      const plan = hasNewPlan && other[i]! > 9 ? 'family' : plans[Math.floor(other[i]! * 10) % 3];
      return `${spend[i]},${plan}`;
    }),
  ];
}

const reference = written('reference.csv', rowsOf(1, 3000, 0, false));
const january = written('january.csv', rowsOf(2, 700, 0.4, true));

function run(...args: string[]) {
  return runInMemory(['compare', ...args], { commands: [compareCommand] });
}

interface Document {
  readonly rows: object;
  readonly columns: readonly {
    readonly feature_name: string;
    readonly kind: string;
    readonly numbers: readonly {
      readonly statistic: string;
      readonly value: number;
      readonly threshold: number | null;
      readonly drifted: boolean | null;
      readonly driftline: { readonly measure: string; readonly score: number | null };
    }[];
    readonly driftline: { readonly state: string };
  }[];
}

async function documentOf(...args: string[]): Promise<Document> {
  const { stdout, stderr, exitCode } = await run(...args, '--json');
  if (exitCode !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

function valuesOf({ columns }: Document, feature: string): Record<string, number> {
  const column = columns.find(({ feature_name: name }) => name === feature)!;
  return Object.fromEntries(column.numbers.map(({ statistic, value }) => [statistic, value]));
}

const page = readFileSync(new URL('../../docs/migration.md', import.meta.url), 'utf8');

describe('the examples of docs/migration.md', () => {
  const examples = [...page.matchAll(/^\$ driftline (compare .*)\n([^`]*)```/gm)].map(
    ([, command, output]) => [command!, output!] as const,
  );

  test('are there for every product', () => {
    expect(examples.map(([command]) => command.match(/--as (\w+)/)?.[1])).toEqual([
      'evidently',
      'nannyml',
      'databricks',
    ]);
  });

  test.each(examples)('%s prints what the page says', async (command, output) => {
    const args = command
      .split(' ')
      .slice(1)
      .map((word) => (word.endsWith('.csv') ? join(folder, word) : word));
    expect(await run(...args)).toEqual({ stdout: output, stderr: '', exitCode: 0 });
  });
});

describe('the numbers are those of NumPy and SciPy by the rules of', () => {
  const golden = peerMeasures.numeric.find(
    ({ reference, current }) => reference === 3000 && current === 700,
  )!;
  const close = (of: Pick<NumericPeers, 'evidently' | 'nannyml'>['evidently'], names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, expect.closeTo(of[name]!, 9)]));

  test('Evidently', async () => {
    const document = await documentOf(reference, january, '--as', 'evidently', '--all');
    expect(document.rows).toEqual({ reference: 3000, current: 700 });
    const names = ['psi', 'kl_div', 'jensenshannon', 'hellinger', 'wasserstein', 'ks'];
    expect(valuesOf(document, 'spend')).toEqual(close(golden.evidently, names));
    expect(Object.keys(valuesOf(document, 'plan'))).toEqual([
      ...['jensenshannon', 'chisquare', 'psi', 'kl_div', 'hellinger'],
    ]);
  });

  test('NannyML', async () => {
    const document = await documentOf(reference, january, '--as', 'nannyml', '--all');
    const names = ['jensen_shannon', 'hellinger', 'kolmogorov_smirnov', 'wasserstein'];
    expect(valuesOf(document, 'spend')).toEqual(close(golden.nannyml, names));
    expect(Object.keys(valuesOf(document, 'plan'))).toEqual([
      ...['jensen_shannon', 'hellinger', 'l_infinity', 'chi2'],
    ]);
  });

  test('Databricks', async () => {
    const document = await documentOf(reference, january, '--as', 'databricks');
    expect(valuesOf(document, 'spend')).toEqual({
      'ks_test.statistic': expect.closeTo(golden.databricks.ks_statistic!, 9),
      wasserstein_distance: expect.closeTo(golden.databricks.wasserstein_distance!, 9),
      population_stability_index: expect.closeTo(golden.databricks.population_stability_index!, 9),
    });
    for (const { threshold, drifted } of document.columns.flatMap(({ numbers }) => numbers))
      expect([threshold, drifted]).toEqual([null, null]);
  });
});

test("beside them stands Driftline's verdict by the configured rules", async () => {
  const [spend] = (await documentOf(reference, january, '--as', 'evidently')).columns;
  expect(spend).toMatchObject({
    ...{ feature_name: 'spend', kind: 'numeric', driftline: { measure: 'psi', state: 'drifted' } },
    numbers: [{ statistic: 'wasserstein', drifted: true, driftline: { measure: 'wasserstein' } }],
  });
  const set = ['--set', 'drift.min_count=1000'];
  const [unjudged] = (await documentOf(reference, january, '--as', 'evidently', ...set)).columns;
  expect(unjudged?.driftline.state).toBe('insufficient_data');
});

test('rows without a value, of another type and of other models are left out, as these products do', async () => {
  const event = (model: string, features: object) =>
    JSON.stringify({ prediction_id: 'x', model, timestamp: 0, features });
  const before = written('before.ndjson', [
    ...Array.from({ length: 60 }, (_, i) => event('a', { n: i, flag: i % 2 === 0 })),
  ]);
  const after = written('after.ndjson', [
    ...Array.from({ length: 60 }, (_, i) => event('a', { n: i, flag: i % 2 === 0 })),
    ...Array.from({ length: 20 }, () => event('a', { n: null })),
    ...Array.from({ length: 20 }, () => event('a', { n: 'text', flag: [] })),
    ...Array.from({ length: 20 }, () => event('b', { n: 1e6, flag: true })),
    'no event',
  ]);
  const document = await documentOf(before, after, '--as', 'nannyml', '--all');
  expect(document.rows).toEqual({ reference: 60, current: 100 });
  for (const { numbers } of document.columns) {
    expect(numbers.length).toBeGreaterThan(2);
    for (const { statistic, value } of numbers) expect(value, statistic).toBeCloseTo(0, 12);
  }
  const [n] = document.columns;
  expect(n!.numbers[0]!.driftline.score).toBeGreaterThan(0.1);
});

describe('a comparison that cannot be made', () => {
  test('of files with nothing of the model says why', async () => {
    const none = written('none.ndjson', [
      'nonsense',
      JSON.stringify({ prediction_id: 1, model: 'b', timestamp: 0 }),
    ]);
    const { stdout, stderr, exitCode } = await run(reference, none, '--as', 'evidently');
    expect([stdout, exitCode]).toEqual(['', 2]);
    expect(stderr).toContain('none.ndjson: no event could be read: 1 × undecodable, 1 of another model');
  });

  test('with no product, or one that is not known, is a usage error', async () => {
    expect((await run(reference, january)).exitCode).toBe(2);
    const { stderr, exitCode } = await run(reference, january, '--as', 'mlflow');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('evidently, nannyml, databricks');
  });
});
