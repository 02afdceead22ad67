import { expect, test } from 'vitest';
import { monitored } from '../../src/app/models.ts';
import { defaultSettings, type ModelSettings, parseSettings } from '../../src/config/settings.ts';
import { baselineOf, rows } from '../drift/build.ts';

const settings = defaultSettings();

function model(distinct: readonly string[]): ModelSettings {
  return {
    ...{
      name: 'm',
      task: 'binary',
      baseline: null,
      plain: [],
      distinct,
      importance: new Map(),
      labels: 'auto',
    },
    features: new Map([
      ['age', 'numeric'],
      ['country', 'categorical'],
    ]),
    drift: { ...settings.drift, columns: new Map() },
  };
}

test('the columns that the settings list, and no others, count distinct values', () => {
  const { schema } = monitored(model(['age', '@score']), undefined, settings, undefined);
  expect(schema.columns.filter((column) => column.countsDistinct).map(({ name }) => name)).toEqual([
    'age',
    '@score',
  ]);
});

test('distinct values of a column that is not there are refused', () => {
  expect(() => monitored(model(['aeg']), undefined, settings, undefined)).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('"aeg"') }),
  );
});

test('a model has the sequential detector by its own switch, and else by that of all models', () => {
  let x = 0;
  const baseline = baselineOf(
    rows(1_000, () => ({ x: x++ })),
    [['x', 'numeric']],
  );
  const text = `
drift: {sequential: {enabled: true}}
models:
  - {name: model, task: ${baseline.schema.task}}
  - {name: quiet, task: ${baseline.schema.task}, drift: {sequential: {enabled: false}}}`;
  const parsed = parseSettings({ files: [{ path: 'a.yaml', text }], env: {}, flags: [] });
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('; '));
  const detectors = parsed.settings.models.map((model) => {
    const own = { ...baseline, schema: { ...baseline.schema, model: model.name } };
    return monitored(model, own, parsed.settings, undefined).detectors;
  });
  expect(detectors.map((found) => found && [...found.keys()])).toEqual([['x'], undefined]);
});
