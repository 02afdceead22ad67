// The quality of the reference data as part of a baseline document.
import { z } from 'zod';
import { Fault } from '../fault.ts';
import type { MetricSpread, ReferenceQuality } from '../profile/reference-quality.ts';
import { addToBucket, ascendingBuckets, bucketMax, emptyBuckets } from '../sketch/log-buckets.ts';
import {
  emptyScoreCounts,
  emptyScoreGrid,
  gridBins,
  offsetSteps,
  type ScoreCounts,
} from '../sketch/score-counts.ts';
import type { IsotonicMap } from '../stats/isotonic.ts';

const count = z.int().nonnegative();
const share = z.number().min(0).max(1);

const mapSchema = z.object({
  from: z.array(share).min(1).describe('First score of each run, ascending'),
  to: z.array(share).min(1).describe('Last score of each run'),
  value: z.array(share).min(1).describe('Share of the rows of the run that came true'),
  rows: z.array(z.number().positive()).min(1),
});

export const referenceQualitySchema = z
  .object({
    labelled: z.int().positive().describe('Rows with a label'),
    scores: z
      .array(z.array(z.number()))
      .optional()
      .describe(
        'Score, then rows by predicted class and whether it came true; with more than 1,000 scores bin of 2,000, sum of the places in the bin in units of 1/4096, rows',
      ),
    scores_on_grid: z.boolean().optional(),
    calibration: z
      .array(mapSchema.nullable())
      .optional()
      .describe(
        'Isotonic maps from score to probability: one of a binary model, else one per predicted class',
      ),
    confusion: z.array(count).describe('Rows by true class, then by predicted class; empty for a regression'),
    numbers: z
      .object({
        median: z.number(),
        edges: z.array(z.number()).describe('Where labels are cut into groups'),
        residuals: z
          .array(z.tuple([z.int(), count]))
          .describe('Bucket of 2 % width and rows, of prediction less label'),
      })
      .optional()
      .describe('Of a regression'),
    table: z.array(count).describe('Labelled rows by tracked column, group and label group'),
    metrics: z.record(
      z.string(),
      z.object({
        value: z.number(),
        mean: z.number().describe('Over chunks of neighbouring rows'),
        deviation: z.number().nonnegative(),
        standard_error: z.number().nonnegative().describe('Of a chunk of independent rows, on average'),
        chunks: count,
      }),
    ),
    inflation: z
      .object({
        labels: z.number().min(1),
        calibration: z.number().min(1),
        output: z.number().min(1),
        columns: z.array(z.number().min(1)),
      })
      .describe('How much larger chi-squared statistics of chunks are than those of independent rows'),
  })
  .describe('How well the model did on the reference data; absent where those carry no labels');

export type ReferenceQualityDocument = z.infer<typeof referenceQualitySchema>;

/** The quality as a document. */
export function referenceQualityDocument(quality: ReferenceQuality): ReferenceQualityDocument {
  const { scores, calibration, numbers } = quality;
  return {
    labelled: quality.labelled,
    ...(scores === undefined ? {} : { scores: scoreRows(scores), scores_on_grid: scores.grid !== undefined }),
    ...(calibration === undefined ? {} : { calibration: calibration.map(mapDocument) }),
    confusion: [...quality.confusion],
    ...(numbers === undefined
      ? {}
      : {
          numbers: {
            median: numbers.median,
            edges: [...numbers.edges],
            residuals: ascendingBuckets(numbers.residuals),
          },
        }),
    table: [...quality.table],
    metrics: Object.fromEntries(
      [...quality.metrics].map(([name, { standardError, ...spread }]) => [
        name,
        { ...spread, standard_error: standardError },
      ]),
    ),
    inflation: { ...quality.inflation, columns: [...quality.inflation.columns] },
  };
}

function scoreRows({ cells, exact, grid }: ScoreCounts): number[][] {
  if (grid === undefined)
    return [...exact!].sort(([a], [b]) => a - b).map(([score, rows]) => [score, ...rows]);
  return Array.from({ length: gridBins }, (_, bin) => [
    bin,
    grid.offsets[bin]!,
    ...grid.rows.subarray(bin * cells, (bin + 1) * cells),
  ]).filter(([, , ...rows]) => rows.some((n) => n > 0));
}

function mapDocument(map: IsotonicMap | undefined): z.infer<typeof mapSchema> | null {
  if (map === undefined) return null;
  return { from: [...map.from], to: [...map.to], value: [...map.value], rows: [...map.rows] };
}

/** What a document says of a model with so many classes; throws BASELINE_INVALID where its parts contradict each other. */
export function referenceQualityOf(
  document: ReferenceQualityDocument,
  classes: number | undefined,
): ReferenceQuality {
  const { labelled, scores, calibration, confusion, numbers, table, metrics, inflation } = document;
  if (confusion.length !== (classes ?? 0) ** 2) invalid('a confusion matrix of another number of classes');
  return {
    labelled,
    scores: scores && scoreCounts(scores, document.scores_on_grid === true, 2 * (classes ?? 0)),
    calibration: calibration?.map((map) => (map === null ? undefined : isotonicMap(map))),
    confusion,
    numbers: numbers && {
      median: numbers.median,
      edges: Float64Array.from(numbers.edges),
      residuals: residualsOf(numbers.residuals),
    },
    table: Float64Array.from(table),
    metrics: new Map(
      Object.entries(metrics).map(
        ([name, { standard_error: standardError, ...spread }]): [string, MetricSpread] => [
          name,
          { ...spread, standardError },
        ],
      ),
    ),
    inflation,
  };
}

function invalid(what: string): never {
  throw new Fault('BASELINE_INVALID', `the quality of the reference has ${what}`);
}

function scoreCounts(rows: readonly number[][], onGrid: boolean, cells: number): ScoreCounts {
  const counts = emptyScoreCounts(cells);
  const head = onGrid ? 2 : 1;
  if (rows.some((row) => row.length !== cells + head)) invalid('scores of another number of classes');
  if (rows.some((row, i) => i > 0 && !(row[0]! > rows[i - 1]![0]!))) invalid('scores that do not ascend');
  if (!onGrid) {
    counts.exact = new Map(rows.map(([score, ...cellRows]) => [score!, cellRows]));
    return counts;
  }
  const grid = emptyScoreGrid(cells);
  for (const [bin, offset, ...cellRows] of rows as [number, number, ...number[]][]) {
    const n = cellRows.reduce((sum, more) => sum + more, 0);
    if (!(bin < gridBins && Number.isInteger(bin) && offset <= n * offsetSteps))
      invalid('a bin that is none');
    grid.rows.set(cellRows, bin * cells);
    grid.offsets[bin] = offset;
  }
  return { ...counts, exact: undefined, grid };
}

function isotonicMap({ from, to, value, rows }: z.infer<typeof mapSchema>): IsotonicMap {
  const runs = from.length;
  if ([to, value, rows].some(({ length }) => length !== runs))
    invalid('a calibration with runs of different number');
  const ascends = from.every(
    (start, i) => start <= to[i]! && (i === 0 || (start > to[i - 1]! && value[i]! > value[i - 1]!)),
  );
  if (!ascends) invalid('a calibration that does not ascend');
  return {
    from: Float64Array.from(from),
    to: Float64Array.from(to),
    value: Float64Array.from(value),
    rows: Float64Array.from(rows),
  };
}

function residualsOf(rows: readonly (readonly [number, number])[]) {
  const buckets = emptyBuckets();
  for (const [bucket, n] of rows) {
    if (Math.abs(bucket) > bucketMax) invalid('a bucket beyond the last');
    addToBucket(buckets, bucket, n);
  }
  return buckets;
}
