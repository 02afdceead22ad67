// `npm run calibrate:study`: how often Driftline's defaults and the rules of others raise without drift, and what they
// find, into docs/statistics.md. `--table <name>` computes that table alone; `--check` the quick columns, and compares them with
// the page; `--json` prints everything as one object on the last line.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { withBlock } from '../../config/reference-pages.ts';
import { dependenceTables } from './study-dependence.ts';
import { seed } from './study-draws.ts';
import { manyFeatureTables } from './study-many.ts';
import { powerTables } from './study-power.ts';
import { categoryRules, numericRules } from './study-rules.ts';
import { blockOf, type ComputedColumn, differences, type Table, tableText } from './study-table.ts';
import { baselineRows, vendorTables } from './study-vendors.ts';

const pagePath = join(import.meta.dirname, '../../docs/statistics.md');

const { values: flags } = parseArgs({
  options: {
    table: { type: 'string', multiple: true },
    check: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const isCheck = flags.check;

const tables = [...vendorTables, ...manyFeatureTables, ...powerTables, ...dependenceTables].filter(
  ({ id }) => flags.table?.includes(id) ?? true,
);
if (tables.length === 0) throw new Error(`no table is called ${flags.table?.join(', ')}`);

interface ComputedTable {
  readonly table: Table;
  readonly columns: readonly ComputedColumn[];
}

function computed(table: Table): ComputedTable {
  const started = performance.now();
  const columns = table.columns
    .filter(({ isQuick }) => isQuick || !isCheck)
    .map(({ label, compute }) => ({ label, cells: compute() }));
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${table.id}, ${columns.length} of ${table.columns.length} columns in ${seconds} s`);
  if (!isCheck) console.log(tableText(table, columns));
  return { table, columns };
}

function json(results: readonly ComputedTable[]): string {
  return JSON.stringify({
    seed,
    baseline_rows: baselineRows,
    rules: [...numericRules, ...categoryRules].map(({ id, vendor, label, source }) => ({
      id,
      vendor,
      label,
      source,
    })),
    cells: results.flatMap(({ table, columns }) =>
      columns.flatMap((column) =>
        column.cells.map(({ id, value, trials }) => ({
          table: table.id,
          column: column.label,
          row: id,
          value,
          trials,
        })),
      ),
    ),
  });
}

const results = tables.map(computed);
const page = readFileSync(pagePath, 'utf8');
if (isCheck) {
  const wrong = results.flatMap(({ table, columns }) =>
    columns.flatMap((column) => differences(table, column, blockOf(page, table.id))),
  );
  for (const line of wrong) console.log(line);
  console.log(
    wrong.length === 0 ? 'docs/statistics.md says what was computed' : `${wrong.length} cells differ`,
  );
  if (wrong.length > 0) process.exitCode = 1;
} else {
  const written = results.reduce(
    (text, { table, columns }) => withBlock(text, table.id, tableText(table, columns)),
    page,
  );
  writeFileSync(pagePath, written);
  console.log('written to docs/statistics.md');
}
if (flags.json) console.log(json(results));
