import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { measureNames } from '../../src/drift/result.ts';
import { azureCategories, azureJensenShannon, azurePsi, azureWasserstein } from './rules/azure.ts';
import {
  evidentlyCategories,
  evidentlyJensenShannon,
  evidentlyKolmogorovSmirnov,
  evidentlyPsi,
  evidentlyWasserstein,
  filled,
} from './rules/evidently.ts';
import {
  hellinger,
  histogram,
  jensenShannon,
  jensenShannonBits,
  kolmogorovSmirnov,
  stabilityIndex,
  wasserstein,
} from './rules/histogram.ts';
import { nannymlJensenShannon } from './rules/nannyml.ts';
import { sampleOf } from './rules/rule.ts';
import { sagemakerRobust, sagemakerSimple } from './rules/sagemaker.ts';
import { whylabsHellinger } from './rules/whylabs.ts';
import { dependenceTables } from './study-dependence.ts';
import { seed } from './study-draws.ts';
import { manyFeatureTables, moreThanThree } from './study-many.ts';
import { powerTables } from './study-power.ts';
import { blockOf, differences, percent, type Table, tableText } from './study-table.ts';
import {
  baselineRows,
  type Experiment,
  flaggedByBaseline,
  undrifted,
  undriftedCategories,
  vendorTables,
} from './study-vendors.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/statistics.md'), 'utf8');
const tables = [...vendorTables, ...manyFeatureTables, ...powerTables, ...dependenceTables];

function tableNamed(id: string): Table {
  return tables.find((table) => table.id === id)!;
}

describe('the distances are those of NumPy and SciPy', () => {
  const p = Float64Array.of(0.32, 0.16, 0.28, 0.04, 0.2);
  const q = Float64Array.of(0.25, 0.0625, 0.4375, 0.1875, 0.0625);
  const x = Float64Array.of(38.7, 41.5, 43.8, 44.5, 45.5, 46.0, 47.7, 58.0);
  const y = Float64Array.of(39.2, 39.3, 39.7, 41.4, 41.8, 42.9, 43.3, 45.8);

  test('on shares', () => {
    expect(stabilityIndex(p, q)).toBeCloseTo(0.5670270283866204, 12);
    expect(jensenShannon(p, q)).toBeCloseTo(0.2584730043524462, 12);
    expect(jensenShannonBits(p, q)).toBeCloseTo(0.3104577175940807, 12);
    expect(hellinger(p, q)).toBeCloseTo(0.262204783083657, 12);
  });

  test('on samples', () => {
    expect(kolmogorovSmirnov(x, y)).toBe(0.625);
    expect(wasserstein(x, y)).toBeCloseTo(4.1625, 12);
  });

  test("with Evidently's substitute for empty bins", () => {
    const index = stabilityIndex(
      filled(Float64Array.of(0.4, 0.4, 0.2)),
      filled(Float64Array.of(0.5, 0, 0.5)),
    );
    expect(index).toBeCloseTo(3.613992, 6);
    expect(stabilityIndex(filled(Float64Array.of(0, 1)), filled(Float64Array.of(1, 0)))).toBeCloseTo(
      18.4188,
      3,
    );
  });

  test('a histogram closes its last bin and leaves out what lies beyond', () => {
    const counts = histogram(Float64Array.of(-1, 0, 0.5, 1, 1.5, 2, 3), Float64Array.of(0, 1, 2));
    expect([...counts]).toEqual([2, 3]);
  });
});

const manyBaselines = 12;

/**
 * Whether a published rate can be one more baseline's rate here: within three standard deviations of the rates, which
 * hold the binomial error of as many windows and the chance of the baseline.
 */
function expectRates<Drawn>(
  rules: Parameters<typeof flaggedByBaseline<Drawn>>[0],
  published: readonly number[],
  experiment: Experiment<Drawn>,
): void {
  const windows = experiment.trials.windowsPerBaseline;
  flaggedByBaseline(rules, experiment).forEach((counts, r) => {
    const rates = counts!.map((count) => count / windows);
    const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
    const variance = rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / (rates.length - 1);
    const binomial = (Math.max(mean, 1 / windows) * Math.max(1 - mean, 1 / windows)) / windows;
    const tolerance = 3 * Math.sqrt(Math.max(variance, binomial) * (1 + 1 / rates.length));
    const difference = Math.abs(mean - published[r]!);
    expect(difference, `${rules[r]!.id}: ${mean}, published ${published[r]} ± ${tolerance}`).toBeLessThan(
      tolerance,
    );
  });
}

describe('the rules of others raise without drift as often as two independent studies found', () => {
  test.each([
    [100, [0.71, 0.055, 0.835]],
    [200, [0.308, 0.062, 0.21]],
  ])('Evidently on 400 windows of %d rows', (rows, published) => {
    const trials = { baselines: manyBaselines, windowsPerBaseline: 400 };
    const rules = [evidentlyWasserstein, evidentlyKolmogorovSmirnov, evidentlyJensenShannon];
    expectRates(rules, published, undrifted(`test ${rows}`, rows, trials));
  });

  test.each([
    [100, [0.68, 0.57, 0.26, 0.79, 0.26, 0, 0]],
    [200, [0.32, 0.23, 0, 0.18, 0.05, 0, 0]],
  ])('Azure, Evidently, SageMaker and WhyLabs on 150 windows of %d rows', (rows, published) => {
    const trials = { baselines: manyBaselines, windowsPerBaseline: 150 };
    const rules = [
      azureWasserstein,
      azureJensenShannon,
      azurePsi,
      evidentlyPsi,
      sagemakerSimple,
      sagemakerRobust,
      whylabsHellinger,
    ];
    expectRates(rules, published, undrifted(`test ${rows}`, rows, trials));
  });

  test('NannyML on 200 windows of 1,000 rows, with ten chunks', () => {
    const trials = { baselines: manyBaselines, windowsPerBaseline: 200 };
    expectRates([nannymlJensenShannon], [0.048], undrifted('test', 1_000, trials));
  });

  test.each([
    [10, 100, 0.565],
    [10, 200, 0.078],
    [50, 500, 0.89],
    [50, 1_000, 0.017],
  ])('Evidently on %d categories in 400 windows of %d rows', (categories, rows, published) => {
    const trials = { baselines: manyBaselines, windowsPerBaseline: 400 };
    expectRates([evidentlyCategories], [published], undriftedCategories('test', categories, rows, trials));
  });

  test('in bits the same distance raises more often than in nats', () => {
    const trials = { baselines: 2, windowsPerBaseline: 200 };
    const [nats, bits] = flaggedByBaseline(
      [evidentlyCategories, azureCategories],
      undriftedCategories('test', 10, 100, trials),
    );
    expect(bits![0]! + bits![1]!).toBeGreaterThan(nats![0]! + nats![1]!);
  });
});

describe('the page', () => {
  test('names every measure', () => {
    for (const name of measureNames) expect(page).toContain(`\`${name}\``);
  });

  test('names the seed that its numbers come from', () => {
    expect(page).toContain(`the seed ${seed},`);
  });

  test('has every row of a table once: `--check` finds them by their names', () => {
    for (const table of tables) {
      const rows = blockOf(page, table.id).trim().split('\n').slice(2);
      const names = rows.map((row) => row.split('|').slice(1, 3).join('|'));
      expect(new Set(names).size, table.id).toBe(names.length);
    }
  });

  test('has every table with all its columns and no empty cell', () => {
    for (const table of tables) {
      const [heading = '', , ...rows] = blockOf(page, table.id).trim().split('\n');
      for (const { label } of table.columns) expect(heading, table.id).toContain(`| ${label} |`);
      expect(rows.length, table.id).toBeGreaterThan(0);
      for (const row of rows) expect(row.split('|'), row).toHaveLength(table.columns.length + 4);
      expect(rows.join(), table.id).not.toMatch(/\| +\||NaN|undefined/);
    }
  });

  test('says the smallest shifts that are computed; else run `npm run calibrate:study`', () => {
    const table = tableNamed('smallest shift');
    const column = table.columns[0]!;
    const computed = { label: column.label, cells: column.compute() };
    expect(differences(table, computed, blockOf(page, table.id))).toEqual([]);
  });

  test('gives the smallest shifts of the published calculation, within 0.02 sd', () => {
    const [, , ...rows] = blockOf(page, 'smallest shift').trim().split('\n');
    const published: readonly (readonly [string, string, number])[] = [
      ['Evidently', 'Wasserstein', 0.1],
      ['Evidently', 'Jensen', 0.28],
      ['Evidently', 'PSI', 0.32],
      ['Azure ML', 'Wasserstein', 0.1],
      ['Azure ML', 'Jensen', 0.24],
      ['SageMaker', 'Simple', 0.25],
      ['WhyLabs', 'Hellinger', 2.32],
    ];
    for (const [vendor, rule, shift] of published) {
      const row = rows.find((text) => text.startsWith(`| ${vendor} | ${rule}`))!;
      expect(Math.abs(Number(row.split('|').at(-2)) - shift), row).toBeLessThanOrEqual(0.0201);
    }
  });
});

describe('a table', () => {
  const table: Table = { id: 't', heading: ['', 'rule'], columns: [], format: percent };
  const cells = [
    { group: 'A', label: 'one', id: 'one', value: 0.714 },
    { group: 'A', label: 'two', id: 'two', value: null },
  ];

  test('is read back as it is written, and a changed cell is told', () => {
    const text = tableText(table, [{ label: '100', cells }]);
    expect(text).toBe('|  | rule | 100 |\n| --- | --- | ---: |\n| A | one | 71 % |\n| A | two | – |\n');
    expect(differences(table, { label: '100', cells }, text)).toEqual([]);
    const changed = [{ ...cells[0]!, value: 0.5 }, cells[1]!];
    expect(differences(table, { label: '100', cells: changed }, text)).toEqual([
      't, A, one, 100: the page says 71 %, computed 50 %',
    ]);
    expect(differences(table, { label: '200', cells }, text)).toHaveLength(2);
  });

  test('writes small shares so that they differ from none', () => {
    expect([0, 0.00001, 0.001, 0.048, 0.0996, 0.71, 1].map(percent)).toEqual([
      '0',
      '< 0.01 %',
      '0.10 %',
      '4.8 %',
      '10 %',
      '71 %',
      '100 %',
    ]);
  });

  test('the rule of more than three drifted features is the binomial tail', () => {
    expect(moreThanThree(20, 0.05)).toBeCloseTo(0.0159, 4);
    expect(moreThanThree(50, 0.05)).toBeCloseTo(0.2396, 4);
    expect(moreThanThree(200, 0.05)).toBeCloseTo(0.99095, 4);
    expect(moreThanThree(200, 0)).toBe(0);
  });

  test('a rule that learns from chunks makes no statement with fewer than six', () => {
    const baseline = sampleOf(Float64Array.from({ length: baselineRows }, (_, i) => Math.sin(i)));
    expect(nannymlJensenShannon.prepare(baseline, 1_667)).toBeUndefined();
    expect(nannymlJensenShannon.prepare(baseline, 1_666)).toBeDefined();
  });
});
