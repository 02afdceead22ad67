// One side of a comparison in memory: its profile as Driftline keeps it, and the raw rows that other products ask for.
import type { ColumnRows } from '../drift/compatibility.ts';
import type { EventFile } from '../io/files/event-file.ts';
import { columnValue } from '../profile/cell.ts';
import type { ColumnKind } from '../profile/column.ts';
import { emptyProfile, observePrediction, type Profile } from '../profile/profile.ts';
import type { ModelSchema } from '../profile/schema.ts';
import { categoryText } from '../sketch/dictionary.ts';
import { eachEvent, type Pass, type PassOptions } from './baseline-build.ts';

export interface Side {
  readonly profile: Profile;
  /** In the order of the schema's columns. */
  readonly columns: readonly ColumnRows[];
  readonly pass: Pass;
}

/** Reads files whole; all values are held, eight bytes for a number. */
export async function readSide(
  files: readonly EventFile[],
  schema: ModelSchema,
  options: PassOptions,
): Promise<Side> {
  const profile = emptyProfile(schema);
  const collected = schema.columns.map(({ kind }) => collector(kind));
  const pass = await eachEvent(files, { ...options, model: schema.model }, 1, (event) => {
    observePrediction(profile, schema, event);
    for (const [i, { name }] of schema.columns.entries()) collected[i]!.add(columnValue(event, name));
  });
  return { profile, columns: collected.map(({ rows }) => rows()), pass };
}

interface Collector {
  readonly add: (value: unknown) => void;
  readonly rows: () => ColumnRows;
}

/** What has no value of the column's kind is a row without one, as in a profile. */
function collector(kind: ColumnKind): Collector {
  if (kind === 'numeric') {
    const numbers: number[] = [];
    return {
      add: (value) => {
        numbers.push(typeof value === 'number' && Number.isFinite(value) ? value : Number.NaN);
      },
      rows: () => ({ kind, rows: Float64Array.from(numbers) }),
    };
  }
  const categories: (string | null)[] = [];
  return {
    add: (value) => {
      const isCategory = typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
      categories.push(isCategory ? categoryText(value as string | boolean | number) : null);
    },
    rows: () => ({ kind, rows: categories }),
  };
}
