// `driftline query`: SQL on the results, of a live deployment or of files.
import { copyFile, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { resultDocuments, withStoredResults } from '../app/stored-results.ts';
import { Fault } from '../fault.ts';
import { openResultsDatabase, type ResultsDatabase, type TableFormat } from '../io/files/results-database.ts';
import { resultTables } from '../io/files/results-views.ts';
import type { CliProcess } from './cli-process.ts';
import { loadSettings, type SettingsOptions, withSettingsOptions } from './settings-option.ts';
import { type Cell, textTable } from './table.ts';

interface QueryFlags extends SettingsOptions {
  readonly results?: readonly string[];
  readonly format: 'table' | TableFormat;
  readonly out?: string;
}

/** `query`. */
export function queryCommand(cli: CliProcess): Command {
  return withSettingsOptions(new Command('query'))
    .description('ask the results in SQL: those of the configured deployment, or of files')
    .argument('<sql>', 'one SELECT')
    .option('--results <file...>', 'results.ndjson of a replay, or the results topic as lines of JSON')
    .addOption(
      new Option('--format <format>', 'how the answer is printed')
        .choices(['table', 'csv', 'json', 'parquet'])
        .default('table'),
    )
    .option('--out <file>', 'write the answer there; Parquet goes nowhere else')
    .addHelpText(
      'after',
      `\nTables: ${resultTables.join(', ')}\n\nExample:\n  driftline query -c driftline.yaml "SELECT window_start_time, feature_name, drift_score, drift_threshold\n` +
        '    FROM drift_metrics WHERE drift_score > drift_threshold ORDER BY 1 DESC, 3 DESC LIMIT 50"',
    )
    .action(async (sql: string, flags: QueryFlags) => {
      if (flags.format === 'parquet' && flags.out === undefined)
        throw new Fault('USAGE', 'Parquet is no text: name a file with --out');
      const folder = await mkdtemp(join(tmpdir(), 'driftline-query-'));
      try {
        const database = await openResultsDatabase(flags.results ?? [await download(folder, flags, cli)]);
        try {
          await answer(database, sql, flags, folder, cli);
        } finally {
          database.close();
        }
      } finally {
        await rm(folder, { recursive: true });
      }
    });
}

/** The documents of the deployment in a file, and its path. */
async function download(folder: string, flags: QueryFlags, cli: CliProcess): Promise<string> {
  const settings = await loadSettings(flags, cli);
  if (settings.models.length === 0)
    throw new Fault('USAGE', 'no model is configured: name files with --results, or a configuration with -c');
  const path = join(folder, 'results.ndjson');
  const file = await open(path, 'w');
  try {
    await withStoredResults(settings, async (results) => {
      for await (const document of resultDocuments(results, settings)) await file.write(`${document}\n`);
    });
  } finally {
    await file.close();
  }
  return path;
}

async function answer(
  database: ResultsDatabase,
  sql: string,
  { format, out }: QueryFlags,
  folder: string,
  cli: CliProcess,
): Promise<void> {
  const path = join(folder, 'answer');
  if (format === 'table') {
    const { names, rows } = await database.rows(sql);
    const text = textTable(
      names,
      rows.map((row) => row.map(cell)),
    );
    if (out === undefined) cli.stdout.write(text);
    else
      await written(out, () =>
        open(out, 'w').then((file) => file.writeFile(text).finally(() => file.close())),
      );
    return;
  }
  await database.write(sql, format, path);
  if (out === undefined) cli.stdout.write(await readFile(path, 'utf8'));
  else await written(out, () => copyFile(path, out));
}

async function written(path: string, write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    throw new Fault('OUTPUT_UNWRITABLE', `cannot write ${path}`, { cause });
  }
}

/** Numbers in the six digits that a person reads; what is nested as JSON. */
function cell(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') return Number(value.toPrecision(6));
  return typeof value === 'string' ? value : JSON.stringify(value);
}
