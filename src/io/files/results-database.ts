// Result documents as tables, for SQL: an in-memory DuckDB that is asked and thrown away.
import { access } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { Fault } from '../../fault.ts';
import { connectDuckDb, openDuckDb } from './duckdb.ts';
import { resultTables, viewStatements } from './results-views.ts';
import { literal } from './table-columns.ts';

export type TableFormat = 'csv' | 'json' | 'parquet';

export interface Answer {
  readonly names: readonly string[];
  /** Of what JSON has; times are ISO-8601 text. */
  readonly rows: readonly (readonly unknown[])[];
}

export interface ResultsDatabase {
  /** The answer of one query. Rejects with USAGE and what is wrong with it. */
  rows(query: string): Promise<Answer>;
  /** Writes it to a file: CSV with a header, JSON by lines, or Parquet. Rejects with USAGE. */
  write(query: string, format: TableFormat, path: string): Promise<void>;
  close(): void;
}

/** A line holds all columns of one window: some thousands at a kilobyte each. DuckDB keeps several such buffers. */
const longestLine = 32 * 2 ** 20;

const copyOptions: Readonly<Record<TableFormat, string>> = {
  csv: 'FORMAT csv, HEADER',
  json: 'FORMAT json',
  parquet: 'FORMAT parquet',
};

/**
 * The documents of files of newline-delimited JSON as `resultTables`. Rejects with INPUT_MISSING or INPUT_UNSUPPORTED where
 * a file cannot be read.
 */
export async function openResultsDatabase(paths: readonly string[]): Promise<ResultsDatabase> {
  for (const path of paths) {
    await access(path).catch((cause) => {
      throw new Fault('INPUT_MISSING', `${path} cannot be read`, { cause });
    });
  }
  const instance = await openDuckDb();
  const connection = await connectDuckDb(instance);
  const close = () => {
    connection.closeSync();
    instance.closeSync();
  };
  try {
    const files = paths.map(literal).join(', ');
    const options = `format='newline_delimited', maximum_object_size=${longestLine}`;
    await connection.run(
      `CREATE TABLE documents AS SELECT json FROM read_json_objects([${files}], ${options})`,
    );
    for (const statement of viewStatements) await connection.run(statement);
  } catch (cause) {
    close();
    throw new Fault(
      'INPUT_UNSUPPORTED',
      `${paths.join(', ')} cannot be read as results: ${(cause as Error).message}`,
      { cause },
    );
  }
  return {
    rows: (query) => asked(connection, query),
    async write(query, format, path) {
      await refusing(() =>
        connection.run(`COPY (${bare(query)}) TO ${literal(path)} (${copyOptions[format]})`),
      );
    },
    close,
  };
}

async function asked(connection: DuckDBConnection, query: string): Promise<Answer> {
  const reader = await refusing(() => connection.runAndReadAll(bare(query)));
  return { names: reader.deduplicatedColumnNames(), rows: reader.getRowsJson() };
}

/** What stands in brackets must not end a statement. */
function bare(query: string): string {
  return query.trim().replace(/;+$/, '');
}

async function refusing<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    throw new Fault('USAGE', `${(cause as Error).message}\nTables: ${resultTables.join(', ')}`, { cause });
  }
}
