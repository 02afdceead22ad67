// Which column of a table becomes which field or feature of an event, and the SQL that reads it.
import { Fault } from '../../fault.ts';
import { type ColumnMapping, type EventField, eventFields, type FieldDefaults } from './event-file.ts';

/** A column as DuckDB describes it. */
export interface TableColumn {
  readonly name: string;
  /** DuckDB's name of the type: for CSV what its sniffer takes the text for, for Parquet what is stored. */
  readonly type: string;
}

/** How the dates and times of a CSV file are written (strptime), where they are not ISO-8601. */
export interface TimeFormats {
  readonly date?: string;
  readonly timestamp?: string;
}

/** A column that is read: expressions of which the first that is not NULL is the value. */
export interface PlannedColumn {
  readonly name: string;
  readonly expressions: readonly string[];
}

export interface TablePlan {
  readonly fields: readonly (PlannedColumn & { readonly field: EventField })[];
  readonly features: readonly PlannedColumn[];
  readonly defaults: FieldDefaults;
  readonly skipped: readonly string[];
}

type ValueKind = 'integer' | 'number' | 'boolean' | 'time' | 'text';

/** Finds the columns of all fields and features. Throws INPUT_UNSUPPORTED when one is named that the table lacks. */
export function planTable(
  path: string,
  columns: readonly TableColumn[],
  mapping: ColumnMapping,
  defaults: FieldDefaults,
  csv: TimeFormats | undefined,
): TablePlan {
  const byName = new Map(columns.map((column) => [column.name, column]));
  const lacks = (name: string) =>
    new Fault(
      'INPUT_UNSUPPORTED',
      `${path} has no column "${name}"; it has: ${columns.map((column) => column.name).join(', ')}`,
    );
  const planned = (column: TableColumn, field?: EventField): PlannedColumn => ({
    name: column.name,
    expressions: csv === undefined ? storedValue(column, field) : textValue(column, field, csv),
  });
  const fields: (PlannedColumn & { field: EventField })[] = [];
  for (const field of eventFields) {
    const wanted = mapping.fields?.[field];
    const column = byName.get(wanted ?? field);
    if (column !== undefined) fields.push({ ...planned(column, field), field });
    else if (wanted !== undefined) throw lacks(wanted);
    else if ((field === 'timestamp' || field === 'model') && defaults[field] === undefined)
      throw lacks(field);
  }
  const taken = new Set(fields.map(({ name }) => name));
  const features = (
    mapping.features ?? columns.map(({ name }) => name).filter((name) => !taken.has(name))
  ).map((name) => {
    const column = byName.get(name);
    if (column === undefined) throw lacks(name);
    return column;
  });
  const usable = features.filter((column) => valueKind(column.type) !== undefined);
  return {
    fields,
    features: usable.map((column) => planned(column)),
    defaults,
    skipped: features.filter((column) => !usable.includes(column)).map(({ name }) => name),
  };
}

/** What a DuckDB type is to Driftline; undefined for lists, structures, maps, unions and binary data. */
function valueKind(type: string): ValueKind | undefined {
  if (type.endsWith(']')) return undefined;
  const [name = ''] = type.split('(', 1);
  if (/^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/.test(name)) return 'integer';
  if (name === 'FLOAT' || name === 'DOUBLE' || name === 'DECIMAL') return 'number';
  if (name === 'BOOLEAN') return 'boolean';
  if (name === 'DATE' || name.startsWith('TIMESTAMP')) return 'time';
  return /^(VARCHAR|ENUM|UUID|TIME|TIME WITH TIME ZONE|INTERVAL|NULL)$/.test(name) ? 'text' : undefined;
}

function isName(field: EventField | undefined): boolean {
  return field === 'prediction_id' || field === 'model' || field === 'model_version';
}

/** The value of a typed column. Integers of names are read as text, so that ids beyond 2^53 stay exact. */
function storedValue(column: TableColumn, field: EventField | undefined): string[] {
  const value = quoted(column.name);
  switch (valueKind(column.type)) {
    case 'integer':
      return [isName(field) ? `CAST(${value} AS VARCHAR)` : `CAST(${value} AS DOUBLE)`];
    case 'number':
      return [`CAST(${value} AS DOUBLE)`];
    case 'boolean':
      return [value];
    case 'time':
      return [epochMilliseconds(column.type.includes('ZONE') ? value : `CAST(${value} AS TIMESTAMP)`)];
    default:
      return [`CAST(${value} AS VARCHAR)`];
  }
}

/**
 * The value of a CSV column, all of which are read as text: what the sniffer saw in the first rows need not hold in the
 * last, and text that is not of the column's type must reach the column as it is.
 */
function textValue(column: TableColumn, field: EventField | undefined, formats: TimeFormats): string[] {
  const text = quoted(column.name);
  if (isName(field)) return [text];
  const orText = (value: string) => [value, `CASE WHEN ${value} IS NULL THEN ${text} END`];
  switch (valueKind(column.type)) {
    case 'integer':
    case 'number':
      return orText(`TRY_CAST(${text} AS DOUBLE)`);
    case 'boolean':
      // The sniffer takes yes and no for booleans too; in an event they are text, and so they stay text.
      return orText(`CASE lower(${text}) WHEN 'true' THEN true WHEN 'false' THEN false END`);
    case 'time': {
      const format = column.type === 'DATE' ? formats.date : formats.timestamp;
      if (format !== undefined) return orText(epochMilliseconds(`try_strptime(${text}, ${literal(format)})`));
      return orText(epochMilliseconds(`TRY_CAST(${text} AS TIMESTAMPTZ)`));
    }
    default:
      return [text];
  }
}

function epochMilliseconds(time: string): string {
  return `CASE WHEN isfinite(${time}) THEN CAST(epoch_ms(${time}) AS DOUBLE) END`;
}

/** A name as an SQL identifier. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Text as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
