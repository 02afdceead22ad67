// A result as the document that the results topic, the store and the HTTP interface carry: deterministic JSON.
import { createHmac } from 'node:crypto';
import { z } from 'zod';
import {
  type CategoryStatistics,
  type ColumnResult,
  type MeasureName,
  measureNames,
  type NumericStatistics,
  type SequentialScore,
  type WindowResult,
} from '../drift/result.ts';
import { Fault } from '../fault.ts';
import { moverDocuments, moverSchema, publishedRowsMin } from './mover.ts';
import { qualityDocument, qualitySchema, type WindowQuality } from './result-quality.ts';
import { revisionOf, revisionSchema } from './revision.ts';

const format = 'driftline.result/1';
const instant = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
const count = z.int().nonnegative();
const number = z.number().nullable();

const measure = z.object({
  score: number.describe('null where the measure is undefined for these data'),
  noise_floor: number.describe('99.9 % quantile of the score under no drift'),
  p_value: number,
  lower: number.optional().describe('Rigorous bounds where the score is not exact on its bins'),
  upper: number.optional(),
  raw: number.optional().describe("The value in the feature's own unit where the score is normalised"),
});

const distinct = number
  .optional()
  .describe(
    'Distinct values: exact below 1,000, else within 3 %. null where a numeric feature has too many values to be kept and is not listed under `distinct`',
  );

const numeric = z.object({
  mean: number,
  std: number,
  min: number,
  max: number,
  zeros: count,
  distinct,
  quantiles: z
    .array(number)
    .describe('At 0.01, 0.05, 0.25, 0.5, 0.75, 0.95 and 0.99; empty when there are no values'),
});

const categorical = z.object({
  distinct,
  top: z
    .array(z.object({ name: z.string().optional(), count }))
    .describe(
      'The most frequent categories; a name is a keyed hash unless the feature is configured as plain',
    ),
});

const column = z.object({
  feature_name: z.string().describe('The name of the feature, or @prediction, @score'),
  kind: z.enum(['numeric', 'categorical']),
  drift_score: number.describe('The score of the measure that decides'),
  drift_threshold: number.describe(
    'What the score had to exceed: the warning level or the noise floor, or the level learnt from chunks',
  ),
  warning: number,
  critical: number,
  noise_floor: number,
  p_value: number,
  p_value_adjusted: number.describe('Adjusted over the columns of the window, as `drift.correction` says'),
  measure: z.enum(measureNames),
  state: z.enum(['ok', 'drifted', 'insufficient_data']),
  severity: z.enum(['none', 'warning', 'critical']),
  n: count,
  n_effective: z
    .number()
    .nonnegative()
    .optional()
    .describe('How many independent rows the window is worth, by the chunks of the reference'),
  chunks: count
    .optional()
    .describe('How many chunks of the reference that rests on; 0: rows are taken as independent'),
  n_baseline: count,
  missing: count,
  invalid: count,
  nonfinite: count,
  unseen: count,
  measures: z.partialRecord(z.enum(measureNames), measure),
  statistics: z.union([numeric, categorical]),
  moved: z
    .array(moverSchema)
    .optional()
    .describe('Of a drifted feature: the bins that its drift comes from, greatest contribution first'),
  sequential: z
    .object({
      log_e: z.number().describe("Natural logarithm of this window's e-value"),
      evidence: z
        .number()
        .describe(
          'Shiryaev-Roberts evidence of the windows so far, at most the alarm level times the features',
        ),
      alarm: z.boolean(),
    })
    .optional()
    .describe('What the sequential detector says; absent where it is off or did not see the window'),
});

/** The shape of a result document; readers ignore what they do not know. */
export const resultSchema = z
  .object({
    format: z.literal(format),
    model: z.string(),
    segment: z.string(),
    window_start_time: instant,
    window_end_time: instant,
    window_seconds: z.number().positive(),
    revision: revisionSchema,
    revisions: count.describe(
      'How often the result was published before with other content, as far as the store remembers',
    ),
    status: z.enum(['ok', 'insufficient_data', 'no_baseline']),
    baseline: z.string().describe('Content hash of the baseline; empty when there is none'),
    rows: count,
    versions: z.array(z.object({ version: z.string(), rows: count })),
    unknown_features: count.describe('Feature values whose names the baseline does not know'),
    drifted_features: count,
    columns: z.array(column),
    quality: qualitySchema.optional(),
    columns_omitted: count
      .optional()
      .describe(
        'How many columns were left out, the least drifted ones, because the topic would not take more',
      ),
  })
  .describe('One window of one model and segment compared with its baseline, as Driftline publishes it.');

export type ResultDocument = z.infer<typeof resultSchema>;

/** What a category is called outside the process; undefined leaves the name out. */
export type NameOf = (feature: string, category: string) => string | undefined;

/**
 * Names of categories for readers outside: as they are for plain features, otherwise the first 64 bits, in hex, of an
 * HMAC-SHA256 of feature and category. A plain hash would not do: the values are few enough to try them all. Without a
 * key there are no names.
 */
export function categoryNames(plain: ReadonlySet<string>, key: string | undefined): NameOf {
  return (feature, category) => {
    if (plain.has(feature)) return category;
    if (key === undefined) return undefined;
    return createHmac('sha256', key)
      .update(JSON.stringify([feature, category]))
      .digest('hex')
      .slice(0, 16);
  };
}

/**
 * A result as its document and the name of that: equal results give equal text. Doubles are written so that they read back
 * exactly; a statistic that overflowed to infinity is null. `position` is how far into the log the result reaches.
 */
export function encodeResult(
  result: WindowResult,
  { position, revisions }: { readonly position: bigint; readonly revisions: number },
  nameOf: NameOf,
  quality?: WindowQuality,
): { readonly document: string; readonly revision: string } {
  const content: Omit<ResultDocument, 'revision'> = {
    format,
    model: result.model,
    segment: result.segment,
    window_start_time: new Date(result.start).toISOString(),
    window_end_time: new Date(result.end).toISOString(),
    window_seconds: (result.end - result.start) / 1000,
    revisions,
    status: result.status,
    baseline: result.baselineHash,
    rows: result.rows,
    versions: result.versions.map(({ version, rows }) => ({ version, rows })),
    unknown_features: result.unknownFeatures,
    drifted_features: result.driftedColumns,
    columns: result.columns.map((column) => columnRow(column, nameOf)),
    ...(quality === undefined ? {} : { quality: qualityDocument(quality, nameOf) }),
  };
  const revision = revisionOf(position, JSON.stringify(content));
  return { document: JSON.stringify({ ...content, revision }), revision };
}

/** Reads a document; throws Fault STATE_INVALID when it is not one. */
export function decodeResult(text: string): ResultDocument {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw new Fault('STATE_INVALID', 'A stored result is not JSON.', { cause });
  }
  const parsed = resultSchema.safeParse(document);
  if (!parsed.success)
    throw new Fault('STATE_INVALID', `A stored result is not a ${format}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** The document without what tells of its revisions: equal where two of them say the same. */
export function resultContent(text: string): string {
  const { revision: _, revisions: __, ...content } = JSON.parse(text) as Record<string, unknown>;
  return JSON.stringify(content);
}

function columnRow(column: ColumnResult, nameOf: NameOf): ResultDocument['columns'][number] {
  return {
    feature_name: column.name,
    kind: column.kind,
    drift_score: finite(column.score),
    drift_threshold: finite(column.threshold),
    warning: finite(column.warning),
    critical: finite(column.critical),
    noise_floor: finite(column.noiseFloor),
    p_value: finite(column.p),
    p_value_adjusted: finite(column.pAdjusted),
    measure: column.measure,
    state: column.state,
    severity: column.severity,
    n: column.n,
    n_effective: column.nEffective,
    chunks: column.chunks,
    n_baseline: column.nBaseline,
    missing: column.missing,
    invalid: column.invalid,
    nonfinite: column.nonfinite,
    unseen: column.unseen,
    measures: measureScores(column.measures),
    statistics: statistics(column.name, column.statistics, nameOf),
    ...(column.moved === undefined ? {} : { moved: moverDocuments(column, nameOf) }),
    ...(column.sequential === undefined ? {} : { sequential: sequentialRow(column.sequential) }),
  };
}

function sequentialRow({ logE, evidence, alarm }: SequentialScore) {
  return { log_e: logE, evidence, alarm };
}

function measureScores(measures: ColumnResult['measures']): ResultDocument['columns'][number]['measures'] {
  const scores: Partial<Record<MeasureName, z.infer<typeof measure>>> = {};
  for (const name of measureNames) {
    const found = measures[name];
    if (found === undefined) continue;
    const { score, noiseFloor, p, lower, upper, raw } = found;
    scores[name] = {
      score: finite(score),
      noise_floor: finite(noiseFloor),
      p_value: finite(p),
      ...(lower === undefined ? {} : { lower: finite(lower) }),
      ...(upper === undefined ? {} : { upper: finite(upper) }),
      ...(raw === undefined ? {} : { raw: finite(raw) }),
    };
  }
  return scores;
}

function statistics(feature: string, values: NumericStatistics | CategoryStatistics, nameOf: NameOf) {
  if (!('top' in values)) {
    const { mean, std, min, max, zeros, distinct, quantiles } = values;
    return {
      mean: finite(mean),
      std: finite(std),
      min: finite(min),
      max: finite(max),
      zeros,
      distinct,
      quantiles: quantiles.map(finite),
    };
  }
  const shown = values.top.filter(({ count }) => count >= publishedRowsMin);
  return {
    distinct: values.distinct,
    top: shown.map(({ name, count }) => {
      const published = nameOf(feature, name);
      return published === undefined ? { count } : { name: published, count };
    }),
  };
}

function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}
