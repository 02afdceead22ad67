// A baseline as one portable JSON document, with a hash of its content that anybody can compute again.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Fault } from '../fault.ts';
import type { Baseline } from '../profile/baseline.ts';
import { groupingOf, tableLength } from '../quality/grouping.ts';
import { compileDictionary, type Dictionary } from '../sketch/dictionary.ts';
import { baselineColumnSchema, columnDocument, columnOf } from './baseline-column.ts';
import { chunkSizesDocument, chunkSizesOf } from './chunk-sizes.ts';
import { referenceQualityDocument, referenceQualityOf, referenceQualitySchema } from './reference-quality.ts';

const format = 'driftline.baseline/1';
// As `Date.toISOString` writes it: years beyond 9999 have a sign and six digits.
const instant = z
  .string()
  .regex(/^(\d{4}|[+-]\d{6})-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/)
  .nullable();

/** The shape of a baseline document. */
export const baselineSchema = z
  .object({
    format: z.literal(format),
    hash: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .describe('SHA-256, in hex, of the document without hash and provenance as canonical JSON (RFC 8785)'),
    model: z.string(),
    task: z.enum(['binary', 'multiclass', 'regression']),
    rows: z.int().nonnegative(),
    unknown_features: z.int().nonnegative().describe('Feature values that belong to no column'),
    period: z
      .object({ start: instant, end: instant })
      .describe('Event time of the first and the last row; null where the data carry no time'),
    provenance: z.object({ source: z.string(), built_at: z.string(), built_by: z.string() }),
    classes: z
      .array(z.string())
      .min(2)
      .optional()
      .describe('Of a classification: the negative class and the positive one, or all classes'),
    quality: referenceQualitySchema.optional(),
    columns: z.array(baselineColumnSchema),
  })
  .describe(
    'The reference that windows are compared with: what each column held, and the bins that it froze.',
  );

export type BaselineDocument = z.infer<typeof baselineSchema>;
type Content = Omit<BaselineDocument, 'hash' | 'provenance'>;

/** The baseline with its content hash, which its schema and its profile carry from then on, and without what is not stored. */
export function sealBaseline(baseline: Baseline): Baseline {
  const stored = { ...baseline, profile: { ...baseline.profile, scores: undefined } };
  return withHash(stored, contentHash(contentOf(stored)));
}

function withHash(baseline: Baseline, baselineHash: string): Baseline {
  return {
    ...baseline,
    schema: { ...baseline.schema, baselineHash },
    profile: { ...baseline.profile, baselineHash },
  };
}

/** A baseline as text: a line for every member, so that two of them can be compared. Doubles read back exactly. */
export function encodeBaseline(baseline: Baseline): string {
  const content = contentOf(baseline);
  const { columns, ...head } = content;
  const { source, builtAt, builtBy } = baseline.provenance;
  const provenance = { source, built_at: builtAt, built_by: builtBy };
  const document: BaselineDocument = { ...head, hash: contentHash(content), provenance, columns };
  return `${laidOut(document, '')}\n`;
}

function contentOf({ schema, profile, chunks, quality, period }: Baseline): Content {
  return {
    format,
    model: schema.model,
    task: schema.task,
    rows: profile.rows,
    unknown_features: profile.unknownFeatures,
    period: { start: instantText(period.start), end: instantText(period.end) },
    ...(schema.classes === undefined ? {} : { classes: [...schema.classes.names] }),
    ...(quality === undefined ? {} : { quality: referenceQualityDocument(quality) }),
    columns: schema.columns.map((spec, i) => {
      const document = columnDocument(spec, profile.columns[i]!);
      const sizes = chunks?.[i];
      return sizes === undefined ? document : { ...document, chunks: chunkSizesDocument(sizes) };
    }),
  };
}

function instantText(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}

/** Reads a baseline. Throws BASELINE_INVALID for text that is none, of another format, damaged, or changed since it was built. */
export function decodeBaseline(text: string): Baseline {
  const { hash, provenance, ...content } = parsedDocument(text);
  const found = contentHash(content);
  if (found !== hash) {
    throw new Fault('BASELINE_INVALID', `the content has the hash ${found}, and the document says ${hash}`);
  }
  const columns = content.columns.map(columnOf);
  const names = columns.map(({ spec }) => spec.name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined)
    throw new Fault('BASELINE_INVALID', `there are two columns ${JSON.stringify(twice)}`);
  const { model, task, rows, unknown_features: unknownFeatures, period } = content;
  const hasChunks = content.columns.some((column) => column.chunks !== undefined);
  const chunks = content.columns.map((column) => chunkSizesOf(column.name, column.chunks ?? []));
  const classes = classesOf(content);
  const baseline: Baseline = {
    schema: {
      ...{ model, task, columns: columns.map(({ spec }) => spec), baselineHash: '' },
      ...(classes === undefined ? {} : { classes }),
    },
    profile: {
      ...{ baselineHash: '', rows, unknownFeatures },
      columns: columns.map(({ column }) => column),
      scores: undefined,
    },
    ...(hasChunks ? { chunks } : {}),
    period: { start: instantOf(period.start), end: instantOf(period.end) },
    provenance: {
      source: provenance.source,
      builtAt: provenance.built_at,
      builtBy: provenance.built_by,
    },
  };
  return withHash(withQuality(baseline, content), hash);
}

function classesOf({ task, classes }: Content): Dictionary | undefined {
  if (classes === undefined) return undefined;
  if (new Set(classes).size !== classes.length) {
    throw new Fault('BASELINE_INVALID', 'the document names a class twice');
  }
  if (task === 'regression' || (task === 'binary' && classes.length !== 2)) {
    throw new Fault('BASELINE_INVALID', `a ${task} task has not ${classes.length} classes`);
  }
  return compileDictionary(classes);
}

function withQuality(baseline: Baseline, { quality: document }: Content): Baseline {
  if (document === undefined) return baseline;
  const quality = referenceQualityOf(document, baseline.schema.classes?.names.length);
  const grouping = groupingOf(baseline, quality.numbers?.edges ?? new Float64Array(0));
  if (quality.table.length !== tableLength(grouping)) {
    throw new Fault('BASELINE_INVALID', 'the quality of the reference was counted by other groups');
  }
  return { ...baseline, quality };
}

function parsedDocument(text: string): BaselineDocument {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Fault('BASELINE_INVALID', `the document is not JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
  const found = (value as { readonly format?: unknown } | null)?.format;
  if (typeof found === 'string' && found !== format) {
    throw new Fault('BASELINE_INVALID', `the document is ${found}, and this version reads ${format}`);
  }
  const parsed = baselineSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Fault(
    'BASELINE_INVALID',
    `the document is no ${format}: ${issue?.path.join('.')}: ${issue?.message}`,
  );
}

function instantOf(text: string | null): number | null {
  return text === null ? null : Date.parse(text);
}

function contentHash(content: Content): string {
  return createHash('sha256').update(canonical(content)).digest('hex');
}

/** JSON with members in the order of their names and no space, as RFC 8785 has it; numbers are in ECMAScript's form in both. */
function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`);
  return `{${members.join(',')}}`;
}

/** JSON with objects, and arrays of objects, over several lines: arrays of numbers stay on one. */
function laidOut(value: unknown, indent: string): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  const block = (open: string, items: readonly string[], close: string) =>
    `${open}\n${items.map((item) => inner + item).join(',\n')}\n${indent}${close}`;
  if (!Array.isArray(value)) {
    const members = Object.entries(value).map(
      ([name, member]) => `${JSON.stringify(name)}: ${laidOut(member, inner)}`,
    );
    return block('{', members, '}');
  }
  const isOfObjects =
    value.length > 0 && value.every((item) => typeof item === 'object' && !Array.isArray(item));
  return isOfObjects
    ? block(
        '[',
        value.map((item) => laidOut(item, inner)),
        ']',
      )
    : JSON.stringify(value);
}
