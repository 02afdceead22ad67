import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, describe, expect, test } from 'vitest';
import { buildBaseline } from '../../src/cli/baseline-build.ts';
import { baselineCommand } from '../../src/cli/baseline-command.ts';
import { decodeBaseline } from '../../src/codec/baseline.ts';
import { openEvents } from '../../src/io/files/formats.ts';
import type { Baseline } from '../../src/profile/baseline.ts';
import type { Column } from '../../src/profile/column.ts';
import { readNumeric } from '../../src/sketch/numeric-summary.ts';
import { dataSets, haveData, skipMessage } from '../drift/reference-data.ts';
import { referenceFile } from '../reference-file.ts';
import { runInMemory } from './memory-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'driftline-baseline-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = (name: string) => join(folder, name);

function written(name: string, content: string): string {
  writeFileSync(path(name), content);
  return path(name);
}

function run(...args: string[]) {
  return runInMemory(['baseline', ...args], { commands: [baselineCommand] });
}

/** Builds, and reads what was written. */
async function build(name: string, ...args: string[]): Promise<Baseline> {
  const { exitCode, stderr } = await run('build', ...args, '--out', path(name));
  if (exitCode !== 0) throw new Error(stderr);
  return decodeBaseline(readFileSync(path(name), 'utf8'));
}

function columnOf({ schema, profile }: Baseline, name: string): Column {
  const column = profile.columns[schema.columns.findIndex((spec) => spec.name === name)];
  if (column === undefined) throw new Error(`no column ${name}`);
  return column;
}

const kindsOf = ({ schema }: Baseline) => new Map(schema.columns.map(({ name, kind }) => [name, kind]));

const lines = Array.from({ length: 200 }, (_, i) =>
  JSON.stringify({
    prediction_id: i,
    model: i % 4 === 3 ? 'other' : 'churn',
    timestamp: `2024-01-01T00:${String(i % 60).padStart(2, '0')}:00Z`,
    features: { tenure: i, plan: `plan ${i % 5}`, senior: i % 2 },
    prediction: i % 2,
    score: i / 200,
  }),
);
const mixed = () => written('mixed.ndjson', `${lines.join('\n')}\nnonsense\n{"model":"churn"}\n`);

describe('baseline build', () => {
  test('of one model among several says what it left out and why', async () => {
    const { exitCode, stdout, stderr } = await run(
      'build',
      mixed(),
      '--model',
      'churn',
      '-o',
      path('churn.json'),
      '--json',
    );
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toEqual({
      out: path('churn.json'),
      model: 'churn',
      task: 'binary',
      rows: 150,
      columns: [
        { name: 'tenure', kind: 'numeric' },
        { name: 'plan', kind: 'categorical' },
        { name: 'senior', kind: 'numeric' },
        { name: '@prediction', kind: 'categorical' },
        { name: '@score', kind: 'numeric' },
      ],
      hash: decodeBaseline(readFileSync(path('churn.json'), 'utf8')).schema.baselineHash,
      rejected: { undecodable: 1, missing_field: 1 },
      passedOver: 50,
    });
    const plain = await run('build', mixed(), '--model', 'churn', '-o', path('churn.json'));
    expect(plain.stdout).toBe('');
    expect(plain.stderr).toMatch(/1 events were not read: undecodable/);
    expect(plain.stderr).toMatch(/churn \(binary\), 150 rows, 5 columns/);
  });

  test('takes kinds, task and time range from its options', async () => {
    const baseline = await build(
      'options.json',
      ...[mixed(), '--model', 'churn', '--kind', 'senior=categorical', '--task', 'multiclass'],
      ...['--from', '2024-01-01T00:10:00Z', '--to', '1704068400000'],
    );
    expect(kindsOf(baseline).get('senior')).toBe('categorical');
    expect(baseline.schema.task).toBe('multiclass');
    // All events of the 19th minute are of the other model.
    expect(baseline.period).toEqual({ start: Date.UTC(2024, 0, 1, 0, 10), end: Date.UTC(2024, 0, 1, 0, 18) });
  });

  test('takes only the features of a schema file, in its order, and a kind given by hand above it', async () => {
    const schema = written(
      'schema.json',
      '{"task":"binary","features":{"senior":"boolean","tenure":"categorical"}}',
    );
    const baseline = await build(
      'schema-build.json',
      mixed(),
      '--model',
      'churn',
      '--schema',
      schema,
      '--kind',
      'tenure=numeric',
    );
    expect([...kindsOf(baseline)].slice(0, 2)).toEqual([
      ['senior', 'categorical'],
      ['tenure', 'numeric'],
    ]);
    expect(baseline.profile.unknownFeatures).toBe(150);
  });

  test('of a table without time, id and model makes a baseline without period', async () => {
    const table = written(
      'train.csv',
      `a,b,y\n${Array.from({ length: 50 }, (_, i) => `${i},k${i % 3},${i % 2}`).join('\n')}\n`,
    );
    const baseline = await build('train.json', table, '--model', 'm', '--prediction', 'y');
    expect(baseline.period).toEqual({ start: null, end: null });
    expect([...kindsOf(baseline)]).toEqual([
      ['a', 'numeric'],
      ['b', 'categorical'],
      ['@prediction', 'categorical'],
    ]);
    const ranged = await run('build', table, '--model', 'm', '--from', '2024-01-01', '-o', path('x.json'));
    expect([ranged.exitCode, ranged.stderr]).toEqual([2, expect.stringContaining('--timestamp')]);
  });

  test.each([
    ['a missing file', [path('missing.ndjson')], 2, /INPUT_MISSING.*missing\.ndjson/],
    ['several models', [mixed()], 2, /several models, such as "churn" and "other"; choose one with --model/],
    [
      'a model that is not there',
      [mixed(), '--model', 'none'],
      2,
      /no event of model "none".*1 × undecodable.*200 of another model/,
    ],
    ['an unknown kind', [mixed(), '--kind', 'a=vector'], 2, /feature=numeric or feature=categorical/],
    ['an unknown task', [mixed(), '--task', 'ranking'], 2, /binary, multiclass or regression/],
    ['no time', [mixed(), '--from', 'yesterday'], 2, /neither ISO-8601/],
    [
      'a kind for a feature that is not there',
      [mixed(), '--model', 'churn', '--kind', 'x=numeric'],
      2,
      /not there: x/,
    ],
    ['no schema', [mixed(), '--schema', path('none.json')], 2, /INPUT_MISSING/],
    [
      'a schema that is none',
      [mixed(), '--schema', written('bad.json', '{"features":{"a":"vector"}}')],
      2,
      /features\.a: expected numeric/,
    ],
    [
      'a place that cannot be written',
      [mixed(), '--model', 'churn', '-o', '/nowhere/b.json'],
      2,
      /cannot be written/,
    ],
  ])('with %s fails and says why', async (_, args, code, message) => {
    const { exitCode, stderr } = await run('build', '-o', path('never.json'), ...args);
    expect([exitCode, stderr]).toEqual([code, expect.stringMatching(message)]);
  });

  test('shows its progress on a terminal and takes it away again', async () => {
    const args = ['baseline', 'build', mixed(), '--model', 'churn', '-o', path('t.json')];
    const { stderr } = await runInMemory(args, { commands: [baselineCommand], isTerminal: true });
    expect(stderr).toMatch(/202 of \d+ events \(\d+ %\)/);
    expect(stderr.split('\u001b[K').at(-1)).toMatch(/^.*150 rows/s);
  });

  test('writes nothing when it is interrupted', async () => {
    const stop = new AbortController();
    const file = await openEvents(mixed());
    const built = await buildBaseline([file], {
      model: 'churn',
      provenance: { source: '', builtAt: '', builtBy: '' },
      signal: stop.signal,
      progressed: () => stop.abort(),
    });
    expect(built).toBeUndefined();
  });
});

describe('baseline show', () => {
  test('prints a table of the columns, or JSON', async () => {
    await build('shown.json', mixed(), '--model', 'churn');
    const text = await run('show', path('shown.json'));
    expect(text.exitCode).toBe(0);
    expect(text.stdout).toMatch(/^model +churn \(binary\)\nrows +150, 2024-01-01T00:00:00.000Z to/);
    expect(text.stdout).toMatch(/^tenure +numeric +150 +0 +0 +150 +99 /m);
    expect(text.stdout).toMatch(
      /^plan +categorical +150 .* plan \d \(30\), plan \d \(30\), plan \d \(30\)$/m,
    );
    const json = JSON.parse((await run('show', path('shown.json'), '--json')).stdout);
    expect(json).toMatchObject({ model: 'churn', rows: 150 });
    expect(json.columns[0]).toMatchObject({
      column: 'tenure',
      kind: 'numeric',
      n: 150,
      mean: expect.closeTo(99, 9),
    });
  });

  test('of something else says what is wrong with it', async () => {
    const { exitCode, stderr } = await run('show', written('else.json', '{"format":"driftline.baseline/9"}'));
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('BASELINE_INVALID')]);
  });
});

describe.skipIf(!haveData)(`baselines of the reference data${haveData ? '' : ` (${skipMessage})`}`, () => {
  async function buildReference(dataSet: string): Promise<Baseline> {
    const schema = referenceFile(dataSet, 'schema.json');
    return build(`${dataSet}.json`, referenceFile(dataSet, 'baseline.ndjson.gz'), '--schema', schema);
  }

  test.each(dataSets)(
    'of %s agree with the reference values: counts, nulls, categories and edges of the data',
    async (dataSet) => {
      const baseline = await buildReference(dataSet);
      const { models } = JSON.parse(readFileSync(referenceFile(dataSet, 'expected.json'), 'utf8'));
      const expected = models[baseline.schema.model].baseline;
      expect(baseline.profile.rows).toBe(expected.count);
      const features = Object.keys(expected.features);
      expect(baseline.schema.columns.map(({ name }) => name)).toEqual(features);
      for (const name of features) {
        const column = columnOf(baseline, name);
        const truth = expected.features[name];
        expect([name, column.missing, column.invalid]).toEqual([name, truth.nulls, 0]);
        if (column.kind === 'categorical') {
          const counts = column.summary.dictionary!.names.map((category, i) => [
            category,
            column.summary.counts[i],
          ]);
          expect(Object.fromEntries(counts)).toEqual(truth.counts);
          expect(column.summary.unseen).toBe(0);
        } else {
          const { n, moments, bins } = readNumeric(column.summary);
          expect([n, moments.min]).toEqual([truth.count - truth.nulls, expect.closeTo(truth.min, 9)]);
          expect(moments.mean).toBeCloseTo(truth.mean, 6);
          expect(Math.sqrt(moments.m2 / n) / truth.std).toBeCloseTo(1, 9);
          expect(bins?.counts.reduce((sum, count) => sum + count, 0)).toBe(n);
          expect(bins?.sums.reduce((sum, part) => sum + part, 0)).toBeCloseTo(truth.sum, 3);
        }
      }
    },
  );

  test('of hotel bookings: kinds without a schema are those that the data show', async () => {
    const inferred = kindsOf(await build('hotel.json', referenceFile('hotel_booking', 'baseline.ndjson.gz')));
    const { features } = JSON.parse(readFileSync(referenceFile('hotel_booking', 'schema.json'), 'utf8'));
    // 0 and 1 for a category look like numbers; everything else tells itself.
    const told = { ...features, is_repeated_guest: 'numeric' };
    for (const [name, kind] of Object.entries(told)) expect([name, inferred.get(name)]).toEqual([name, kind]);
    expect(inferred.get('@prediction')).toBe('categorical');
    expect(inferred.get('@score')).toBe('numeric');
  });

  test('of bike sharing: a regression is recognised', async () => {
    const baseline = await build('bike.json', referenceFile('bike_sharing', 'baseline.ndjson.gz'));
    expect(baseline.schema.task).toBe('regression');
    expect(kindsOf(baseline).get('@prediction')).toBe('numeric');
    expect(kindsOf(baseline).has('@score')).toBe(false);
  });

  test('are the same, hash included, from lines, CSV and Parquet', async () => {
    const source = referenceFile('california_housing', 'baseline.ndjson.gz');
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    const flat = `(SELECT prediction_id, model, model_version, "timestamp", features.*, prediction, score, label
                   FROM read_json('${source}', format = 'newline_delimited', maximum_sample_files = 1))`;
    for (const name of ['california.csv', 'california.parquet']) {
      await connection.run(`COPY ${flat} TO '${path(name)}'`);
    }
    connection.closeSync();
    instance.closeSync();
    const hashes = [];
    for (const file of [source, path('california.csv'), path('california.parquet')]) {
      hashes.push((await build('california.json', file)).schema.baselineHash);
    }
    expect(new Set(hashes).size).toBe(1);
  });

  test('are the same in every run', async () => {
    const [first, second] = [await buildReference('telco_churn'), await buildReference('telco_churn')];
    expect(second.schema.baselineHash).toBe(first.schema.baselineHash);
    expect(columnOf(first, 'TotalCharges').missing).toBe(1);
  });
});
