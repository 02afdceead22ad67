import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { resultSchema } from '../../src/codec/result.ts';
import { settingRows } from '../../src/config/schema-node.ts';
import { prepareBaseline } from '../../src/drift/prepared-baseline.ts';
import { measureNames } from '../../src/drift/result.ts';
import { baselineOf, evaluate, profileOf } from './build.ts';
import { peerMeasures, peerSample } from './peer-samples.ts';

const page = readFileSync(new URL('../../docs/migration.md', import.meta.url), 'utf8');

/** The cells of the rows of the table that stands below the given text. */
function tableBelow(text: string): string[][] {
  const start = page.indexOf(text);
  expect(start).toBeGreaterThanOrEqual(0);
  const lines = page.slice(start).split('\n');
  const first = lines.findIndex((line) => line.startsWith('|'));
  const length = lines.slice(first).findIndex((line) => !line.startsWith('|'));
  return lines.slice(first + 2, first + length).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

test('the numbers beside each other in docs/migration.md are what the code says', () => {
  const { evidently, nannyml, databricks } = peerMeasures.numeric.find(
    ({ reference, current }) => reference === 3000 && current === 700,
  )!;
  const rows = (values: Float64Array) => [...values].map((x) => ({ x }));
  const baseline = prepareBaseline(baselineOf(rows(peerSample(1, 3000, 0)), [['x', 'numeric']]));
  const window = profileOf(baseline.baseline.schema, rows(peerSample(2, 700, 0.4)));
  const { measures } = evaluate(baseline, window).columns[0]!;
  const text = (value: number | null | undefined) => (typeof value === 'number' ? value.toFixed(3) : '');
  const own = (name: (typeof measureNames)[number]) => text(measures[name]?.score);
  expect(tableBelow('<!-- checked by')).toEqual([
    ['PSI', text(evidently.psi), '', text(databricks.population_stability_index), own('psi')],
    [
      'Jensen–Shannon',
      text(evidently.jensenshannon),
      text(nannyml.jensen_shannon),
      '',
      own('jensen_shannon'),
    ],
    ['Hellinger', text(evidently.hellinger), text(nannyml.hellinger), '', own('hellinger')],
    [
      ...['Kolmogorov–Smirnov', '', text(nannyml.kolmogorov_smirnov), text(databricks.ks_statistic)],
      own('kolmogorov_smirnov'),
    ],
    [
      ...['Wasserstein', text(evidently.wasserstein), text(nannyml.wasserstein)],
      ...[text(databricks.wasserstein_distance), own('wasserstein')],
    ],
  ]);
});

test('every setting that docs/migration.md names exists', () => {
  const paths = new Set(settingRows().map(({ path }) => path));
  const named = [...page.matchAll(/`((?:drift|windows|alerts|models\[\])\.[a-z_.<>[\]]+)`/g)].map(
    (match) => match[1]!,
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((path) => !paths.has(path))).toEqual([]);
});

test('every field of a result that docs/migration.md maps a column to exists', () => {
  const document = resultSchema.shape;
  const column = document.columns.element.shape;
  const known = new Set<string>([
    ...Object.keys(document),
    ...Object.keys(column),
    ...['mean', 'zeros', 'distinct'].map((name) => `statistics.${name}`),
    ...measureNames.flatMap((name) => [`measures.${name}.score`, `measures.${name}.raw`]),
    ...['.p_value', 'BASELINE', '@prediction', '@score', 'baseline show'],
  ]);
  const fields = tableBelow('### `drift_metrics` column by column').flatMap(([, field]) =>
    [...field!.matchAll(/`([^`]+)`/g)].map((match) => match[1]!),
  );
  expect(fields.length).toBeGreaterThan(25);
  expect(fields.filter((field) => !known.has(field))).toEqual([]);
});
