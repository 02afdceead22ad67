// Opens a file of events by what its name says it is.
import { access, constants, stat } from 'node:fs/promises';
import { Fault } from '../../fault.ts';
import type { ColumnMapping, EventFile, FieldDefaults } from './event-file.ts';
import { type Compression, openLines } from './lines.ts';
import { openTable } from './table.ts';

export interface EventFileOptions {
  /** For tables only: lines are events already. */
  readonly columns?: ColumnMapping;
  /** For tables only: values of fields that have no column, such as a constant model. */
  readonly defaults?: FieldDefaults;
  /** Bytes of the longest line that is read whole; 8 MiB unless told. Should be no less than the decoder's limit. */
  readonly lineBytesMax?: number;
}

type Format =
  | { readonly kind: 'lines'; readonly compression: Compression }
  | { readonly kind: 'csv' | 'parquet' };

/** By the end of the name; the first that fits. */
const formats: readonly (readonly [string, Format])[] = [
  ['.parquet', { kind: 'parquet' }],
  ['.csv', { kind: 'csv' }],
  ['.tsv', { kind: 'csv' }],
  ['.csv.gz', { kind: 'csv' }],
  ['.tsv.gz', { kind: 'csv' }],
  ['.ndjson', { kind: 'lines', compression: 'none' }],
  ['.jsonl', { kind: 'lines', compression: 'none' }],
  ['.gz', { kind: 'lines', compression: 'gzip' }],
  ['.zst', { kind: 'lines', compression: 'zstd' }],
];

/**
 * Opens a file of events: NDJSON (`.ndjson`, `.jsonl`, also `.gz` and `.zst`), CSV (`.csv`, `.tsv`, also `.gz`) or
 * Parquet. Throws INPUT_MISSING when it cannot be opened, INPUT_UNSUPPORTED when its format or columns are not understood.
 */
export async function openEvents(path: string, options: EventFileOptions = {}): Promise<EventFile> {
  const sizeBytes = await readableSize(path);
  const format = formats.find(([end]) => path.toLowerCase().endsWith(end))?.[1];
  if (format === undefined) {
    throw new Fault(
      'INPUT_UNSUPPORTED',
      `${path}: the name does not tell a format; it should end in ${formats.map(([end]) => end).join(', ')}`,
    );
  }
  if (format.kind !== 'lines') {
    return openTable(path, format.kind, options.columns ?? {}, options.defaults ?? {});
  }
  if (options.columns !== undefined) {
    throw new Fault(
      'INPUT_UNSUPPORTED',
      `${path}: lines of JSON have no columns to name; they must be events`,
    );
  }
  return openLines(path, sizeBytes, format.compression, options.lineBytesMax ?? 8 << 20);
}

async function readableSize(path: string): Promise<number> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new Fault('INPUT_MISSING', `${path} is not a file`);
    await access(path, constants.R_OK);
    return found.size;
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new Fault('INPUT_MISSING', `${path} cannot be opened: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
