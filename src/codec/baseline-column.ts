// One column of a baseline as JSON: what a person wants to know of it, and all that is needed to have it back.
import { z } from 'zod';
import { Fault } from '../fault.ts';
import type { CategoricalColumn, Column, NumericColumn } from '../profile/column.ts';
import { emptyColumn } from '../profile/profile.ts';
import type { ColumnSpec } from '../profile/schema.ts';
import { type Binning, compileBinning } from '../sketch/binning.ts';
import { categoryCount } from '../sketch/category-summary.ts';
import { compileDictionary } from '../sketch/dictionary.ts';
import { withSorted } from '../sketch/digest.ts';
import { type Distinct, emptyDistinct, observeDistinctText } from '../sketch/distinct.ts';
import { standardDeviation } from '../sketch/moments.ts';
import { type NumericSummary, pendingMax, readNumeric } from '../sketch/numeric-summary.ts';
import { chunkSizesSchema } from './chunk-sizes.ts';
import { decodeDigest, encodeDigest } from './digest.ts';

const quantileLevels = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99] as const;

const count = z.int().nonnegative();
// Sums of huge values overflow, and JSON has no literal for where they end.
const number = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])]);
const named = z.array(z.tuple([z.string(), count]));

const numericSchema = z.object({
  name: z.string(),
  kind: z.literal('numeric'),
  n: count.describe('Finite values'),
  missing: count.describe('Values that were null or absent'),
  invalid: count.describe('Values of another type'),
  nonfinite: count.describe('NaN, Infinity and -Infinity'),
  zeros: count,
  min: number.nullable(),
  max: number.nullable(),
  mean: number.nullable(),
  std: number.nullable().describe('Population standard deviation'),
  m2: number.describe('Sum of squared deviations from the mean'),
  m3: number.describe('Sum of cubed deviations from the mean'),
  quantiles: z
    .array(z.tuple([z.number(), number]))
    .describe('Level and value; empty when there are no values'),
  edges: z
    .array(z.number())
    .nullable()
    .describe('Bin i holds values from edge i-1 up to but not including edge i; both ends are open'),
  counts: z.array(count).nullable(),
  sums: z.array(number).nullable(),
  digest: z
    .string()
    .regex(/^[A-Za-z0-9+/]*={0,2}$/)
    .describe(
      't-digest in the layout of Apache DataSketches TDigest<double>; fewer than 1,000 values are all in it',
    ),
  chunks: chunkSizesSchema.optional(),
});

const categoricalSchema = z.object({
  name: z.string(),
  kind: z.literal('categorical'),
  n: count,
  missing: count,
  invalid: count,
  categories: named.describe('Name and count, most frequent first'),
  unseen: count.describe('Values of categories beyond those'),
  unseen_names: named.describe('The most frequent of them, each counted low by at most unseen_error'),
  unseen_error: count,
  chunks: chunkSizesSchema.optional(),
});

export const baselineColumnSchema = z.discriminatedUnion('kind', [numericSchema, categoricalSchema]);

export type BaselineColumnDocument = z.infer<typeof baselineColumnSchema>;
type NumberDocument = z.infer<typeof number>;

/** A column and what froze it as a document. Equal content gives equal documents, stored or fresh. */
export function columnDocument(spec: ColumnSpec, column: Column): BaselineColumnDocument {
  return column.kind === 'numeric' ? numericDocument(spec, column) : categoricalDocument(spec, column);
}

function numericDocument(spec: ColumnSpec, column: NumericColumn): BaselineColumnDocument {
  const { n, moments, bins, quantile } = readNumeric(column.summary);
  const isEmpty = n === 0;
  return {
    name: spec.name,
    kind: 'numeric',
    n,
    missing: column.missing,
    invalid: column.invalid,
    nonfinite: column.nonfinite,
    zeros: moments.zeros,
    min: isEmpty ? null : exact(moments.min),
    max: isEmpty ? null : exact(moments.max),
    mean: isEmpty ? null : exact(moments.mean),
    std: isEmpty ? null : exact(standardDeviation(moments)),
    m2: exact(moments.m2),
    m3: exact(moments.m3),
    quantiles: isEmpty ? [] : quantileLevels.map((level) => [level, exact(quantile(level))]),
    edges: bins === undefined ? null : [...bins.binning.edges],
    counts: bins === undefined ? null : [...bins.counts],
    sums: bins === undefined ? null : [...bins.sums].map(exact),
    digest: base64(digestBytes(column.summary)),
  };
}

/** Raw values where there are no others, in their order; otherwise everything folded into the digest. */
function digestBytes({ moments, digest, pending, pendingCount }: NumericSummary): Uint8Array {
  const values = pending.slice(0, pendingCount);
  if (moments.n === 0) return encodeDigest(digest, values);
  return encodeDigest(withSorted(digest, values.sort(), values.length), new Float64Array(0));
}

function categoricalDocument(
  spec: ColumnSpec,
  { missing, invalid, summary }: CategoricalColumn,
): BaselineColumnDocument {
  const names = summary.dictionary?.names ?? [];
  return {
    name: spec.name,
    kind: 'categorical',
    n: categoryCount(summary),
    missing,
    invalid,
    categories: names.map((name, i) => [name, summary.counts[i]!]),
    unseen: summary.unseen,
    unseen_names: [...summary.names.counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)),
    unseen_error: summary.names.error,
  };
}

/** The column that a document describes, with its bins or its dictionary. Throws BASELINE_INVALID when its parts contradict each other. */
export function columnOf(document: BaselineColumnDocument): {
  readonly spec: ColumnSpec;
  readonly column: Column;
} {
  return document.kind === 'numeric' ? numericOf(document) : categoricalOf(document);
}

function numericOf(document: z.infer<typeof numericSchema>): { spec: ColumnSpec; column: Column } {
  const { name, kind, missing, invalid, nonfinite } = document;
  const binning = binningOf(document);
  const spec: ColumnSpec = { name, kind, ...(binning === undefined ? {} : { binning }) };
  const column = emptyColumn(spec) as NumericColumn;
  Object.assign(column, { missing, invalid, nonfinite });
  const { summary } = column;
  const { digest, buffered } = readDigest(document);
  if (digest.total === 0) {
    summary.pending = buffered;
    summary.pendingCount = buffered.length;
    return { spec, column };
  }
  const { n, zeros, min, max, mean, m2, m3 } = document;
  Object.assign(summary.moments, { n, zeros, m2: value(m2), m3: value(m3) });
  Object.assign(summary.moments, { min: value(min), max: value(max), mean: value(mean) });
  summary.digest = digest;
  summary.bins?.counts.set(document.counts ?? []);
  summary.bins?.sums.set((document.sums ?? []).map(value));
  return { spec, column };
}

function binningOf({ name, edges, counts, sums, n }: z.infer<typeof numericSchema>): Binning | undefined {
  if (edges === null || counts === null || sums === null) {
    if (edges !== null || counts !== null || sums !== null) invalid(name, 'has only part of its bins');
    return undefined;
  }
  if (counts.length !== edges.length + 1 || sums.length !== counts.length) {
    invalid(name, `has ${edges.length} edges for ${counts.length} counts and ${sums.length} sums`);
  }
  if (edges.some((edge, i) => i > 0 && !(edge > edges[i - 1]!)))
    invalid(name, 'has edges that do not ascend');
  if (counts.reduce((sum, more) => sum + more, 0) !== n) invalid(name, 'has bins that do not add up to n');
  return compileBinning(Float64Array.from(edges));
}

function readDigest({
  name,
  digest: text,
  n,
}: z.infer<typeof numericSchema>): ReturnType<typeof decodeDigest> {
  let decoded: ReturnType<typeof decodeDigest>;
  try {
    decoded = decodeDigest(Buffer.from(text, 'base64'));
  } catch (error) {
    if (error instanceof Fault) invalid(name, error.message);
    throw error;
  }
  const { digest, buffered } = decoded;
  if (digest.total + buffered.length !== n) invalid(name, 'has a digest of another number of values');
  if (buffered.length > 0 && digest.total > 0)
    invalid(name, 'has a digest with values that are not folded in');
  if (buffered.length > pendingMax) invalid(name, 'has too many raw values');
  return decoded;
}

function categoricalOf(document: z.infer<typeof categoricalSchema>): { spec: ColumnSpec; column: Column } {
  const { name, kind, missing, invalid: wrong, categories, unseen } = document;
  const dictionary = compileDictionary(categories.map(([category]) => category));
  if (new Set(dictionary.names).size !== categories.length) invalid(name, 'names a category twice');
  const spec: ColumnSpec = { name, kind, dictionary };
  const column = emptyColumn(spec) as CategoricalColumn;
  const { summary } = column;
  Object.assign(column, { missing, invalid: wrong });
  summary.counts.set(categories.map(([, seen]) => seen));
  summary.unseen = unseen;
  for (const [category, seen] of document.unseen_names) summary.names.counts.set(category, seen);
  summary.names.error = document.unseen_error;
  summary.distinct = distinctNames(document);
  if (categoryCount(summary) !== document.n) invalid(name, 'has counts that do not add up to n');
  return { spec, column };
}

/** A baseline document names the most frequent unseen categories: where those are all, it is known how many there are. */
function distinctNames({
  unseen,
  unseen_names: names,
  unseen_error: error,
}: z.infer<typeof categoricalSchema>): Distinct | undefined {
  const named = names.reduce((sum, [, seen]) => sum + seen, 0);
  if (error > 0 || named !== unseen) return undefined;
  const distinct = emptyDistinct();
  for (const [category] of names) observeDistinctText(distinct, category);
  return distinct;
}

function invalid(column: string, what: string): never {
  throw new Fault('BASELINE_INVALID', `column ${JSON.stringify(column)} ${what}`);
}

function exact(x: number): NumberDocument {
  return Number.isFinite(x) ? x : (String(x) as 'NaN' | 'Infinity' | '-Infinity');
}

function value(x: NumberDocument | null): number {
  return x === null ? Number.NaN : Number(x);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}
