// CSV and Parquet files, read by DuckDB, as batches of event objects.
import type { DuckDBConnection, DuckDBDataChunk, DuckDBInstance } from '@duckdb/node-api';
import { Fault } from '../../fault.ts';
import { connectDuckDb, openDuckDb } from './duckdb.ts';
import type { ColumnMapping, EventFile, FieldDefaults } from './event-file.ts';
import {
  literal,
  type PlannedColumn,
  planTable,
  type TableColumn,
  type TablePlan,
  type TimeFormats,
} from './table-columns.ts';

/** Malformed fields of a CSV file that are remembered to give their lines out as rejects; a file with more is refused. */
const malformedFieldsMax = 100_000;

/** Quotes as in RFC 4180 always: a sample without any says nothing about the lines behind it. */
const csvDialect = `header=true, quote='"', escape='"'`;

interface Table {
  readonly path: string;
  readonly format: 'csv' | 'parquet';
  readonly source: string;
  readonly plan: TablePlan;
}

/** A table as events. Throws INPUT_UNSUPPORTED when DuckDB cannot read it, or a column that is asked for is not there. */
export async function openTable(
  path: string,
  format: 'csv' | 'parquet',
  mapping: ColumnMapping,
  defaults: FieldDefaults,
): Promise<EventFile> {
  const instance = await openDuckDb();
  let table: Table;
  try {
    table = await describeTable(instance, path, format, mapping, defaults);
  } catch (error) {
    instance.closeSync();
    throw unsupported(path, error);
  }
  let done = 0;
  return {
    format,
    skipped: table.plan.skipped,
    hasTime: table.plan.fields.some(({ field }) => field === 'timestamp'),
    batches: () =>
      tableBatches(instance, table, (part) => {
        done = part;
      }),
    progress: () => done,
    close: () => instance.closeSync(),
  };
}

function unsupported(path: string, error: unknown): Fault {
  if (error instanceof Fault) return error;
  return new Fault('INPUT_UNSUPPORTED', `${path} cannot be read as a table: ${(error as Error).message}`, {
    cause: error,
  });
}

async function connect(instance: DuckDBInstance): Promise<DuckDBConnection> {
  const connection = await connectDuckDb(instance);
  await connection.run('SET enable_progress_bar = true');
  await connection.run('SET enable_progress_bar_print = false');
  await connection.run('SET progress_bar_time = 0');
  return connection;
}

async function describeTable(
  instance: DuckDBInstance,
  path: string,
  format: 'csv' | 'parquet',
  mapping: ColumnMapping,
  defaults: FieldDefaults,
): Promise<Table> {
  const connection = await connect(instance);
  try {
    if (format === 'parquet') {
      const source = `read_parquet(${literal(path)})`;
      const columns = (await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${source}`)).getRowsJS();
      const plan = planTable(path, columns.map(asColumn), mapping, defaults, undefined);
      return { path, format, source, plan };
    }
    const sniffed = await connection.runAndReadAll(
      `SELECT Delimiter, DateFormat, TimestampFormat, unnest(Columns, recursive := true)
       FROM sniff_csv(${literal(path)}, ${csvDialect}, ignore_errors=true)`,
    );
    const rows = sniffed.getRowsJS();
    const [delimiter, date, timestamp] = (rows[0] ?? [',', null, null]) as [
      string,
      string | null,
      string | null,
    ];
    const formats: TimeFormats = { ...(date && { date }), ...(timestamp && { timestamp }) };
    const plan = planTable(
      path,
      rows.map((row) => asColumn(row.slice(3))),
      mapping,
      defaults,
      formats,
    );
    const options = `${csvDialect}, delim=${literal(delimiter)}, all_varchar=true, store_rejects=true, rejects_limit=${malformedFieldsMax}`;
    return { path, format, source: `read_csv(${literal(path)}, ${options})`, plan };
  } finally {
    connection.closeSync();
  }
}

function asColumn(row: readonly unknown[]): TableColumn {
  return { name: String(row[0]), type: String(row[1]) };
}

async function* tableBatches(
  instance: DuckDBInstance,
  table: Table,
  progressed: (part: number) => void,
): AsyncGenerator<readonly (Uint8Array | object)[]> {
  const connection = await connect(instance);
  progressed(0);
  try {
    const { fields, features } = table.plan;
    const expressions = [...fields, ...features].flatMap((column) => column.expressions);
    const result = await connection.stream(`SELECT ${expressions.join(', ')} FROM ${table.source}`);
    let rows = 0;
    for (
      let chunk = await result.fetchChunk();
      chunk && chunk.rowCount > 0;
      chunk = await result.fetchChunk()
    ) {
      yield chunkEvents(chunk, table.plan, rows);
      rows += chunk.rowCount;
      // DuckDB answers -1 while it does not know.
      progressed(Math.max(0, Math.min(1, connection.progress.percentage / 100)));
    }
    if (table.format === 'csv') yield* malformedLines(connection, table.path);
    progressed(1);
  } catch (error) {
    throw unsupported(table.path, error);
  } finally {
    connection.closeSync();
  }
}

/** The event objects of one chunk, of which `firstRow` rows of the table come before. */
function chunkEvents(chunk: DuckDBDataChunk, plan: TablePlan, firstRow: number): object[] {
  let next = 0;
  const read = (column: PlannedColumn) => {
    const values = chunk.getColumnValues(next) as unknown[];
    if (column.expressions.length === 2) {
      const instead = chunk.getColumnValues(next + 1);
      for (let row = 0; row < values.length; row++) values[row] ??= instead[row];
    }
    next += column.expressions.length;
    return { name: column.name, values };
  };
  const fields = plan.fields.map((column) => ({ field: column.field, values: read(column).values }));
  const features = plan.features.map(read);
  const hasId = fields.some(({ field }) => field === 'prediction_id');
  const events: object[] = [];
  for (let row = 0; row < chunk.rowCount; row++) {
    const values: Record<string, unknown> = {};
    for (const feature of features) setOwn(values, feature.name, feature.values[row]);
    const event: Record<string, unknown> = { ...plan.defaults };
    if (!hasId) event.prediction_id = String(firstRow + row + 1);
    for (const { field, values } of fields) event[field] = values[row];
    event.features = values;
    events.push(event);
  }
  return events;
}

/** Sets a property of any name: assigning to `__proto__` would not make one. */
function setOwn(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== '__proto__') object[name] = value;
  else Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}

/** The lines that are no rows (too few or too many fields, invalid UTF-8): bytes that no decoder takes for an event. */
async function* malformedLines(
  connection: DuckDBConnection,
  path: string,
): AsyncGenerator<readonly Uint8Array[]> {
  const errors = await connection.runAndReadAll('SELECT count(*)::INTEGER FROM reject_errors');
  const count = Number(errors.getRowsJS()[0]?.[0] ?? 0);
  if (count >= malformedFieldsMax) {
    throw new Fault(
      'INPUT_UNSUPPORTED',
      `${path} has more than ${malformedFieldsMax} malformed fields: is it CSV?`,
    );
  }
  if (count === 0) return;
  const lines = await connection.runAndReadAll(
    'SELECT any_value(csv_line) FROM reject_errors GROUP BY scan_id, line ORDER BY scan_id, line',
  );
  yield lines.getRowsJS().map(([line]) => Buffer.from(String(line ?? '')));
}
