import { expect, test } from 'vitest';
import { monitored } from '../../src/app/models.ts';
import { defaultSettings, type ModelSettings } from '../../src/config/settings.ts';

const settings = defaultSettings();

function model(distinct: readonly string[]): ModelSettings {
  return {
    ...{ name: 'm', task: 'binary', baseline: null, plain: [], distinct },
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
