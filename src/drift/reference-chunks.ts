// Chunks of the reference data on the bins that decisions use, and how far each lies from the whole.
import type { ChunkSize, ChunkSpread, OrderedSpread } from '../profile/baseline.ts';
import { cellOf, columnValue } from '../profile/cell.ts';
import type { Column } from '../profile/column.ts';
import type { PredictionEvent } from '../profile/event.ts';
import type { Profile } from '../profile/profile.ts';
import type { ColumnSpec, ModelSchema } from '../profile/schema.ts';
import { type Coarsening, coarsenedBins, coarsenedCategories } from '../sketch/coarsen.ts';
import { readNumeric } from '../sketch/numeric-summary.ts';
import { total } from '../sketch/total.ts';
import { type ChunkPlan, chunkAt, type PlannedSize } from './chunk-plan.ts';
import { categoricalGrouping, coarseLevels, numericGrouping, regrouped } from './coarse-level.ts';
import { countVector, occupied } from './count-vectors.ts';
import { orderedStatistic } from './ordered-statistic.ts';
import { populationStabilityIndex } from './psi.ts';

/** Counts of all chunks of one column. */
interface ColumnChunks {
  readonly spec: ColumnSpec;
  readonly coarsening: Coarsening;
  /** Per size: chunk after chunk, each with its coarse bins, missing and unseen. */
  readonly counts: readonly Uint32Array[];
}

export interface ReferenceChunks {
  readonly plan: ChunkPlan;
  readonly columns: readonly ColumnChunks[];
  /** Which chunk of each size the row at hand is in. */
  readonly current: Int32Array;
}

/**
 * Chunks that have seen nothing. `fineCounts` are the rows per fine bin or category as the first pass over the data knows
 * them, column by column: exact, or of an even sample; the coarse bins are made from them.
 */
export function emptyReferenceChunks(
  plan: ChunkPlan,
  schema: ModelSchema,
  fineCounts: readonly Float64Array[],
): ReferenceChunks {
  const columns = schema.columns.map((spec, i): ColumnChunks => {
    const fine = fineCounts[i]!;
    const coarsening =
      spec.kind === 'numeric' ? coarsenedBins(fine) : withoutSingles(coarsenedCategories(fine), fine);
    const counts = plan.sizes.map(({ starts }) => new Uint32Array(starts.length * (coarsening.size + 2)));
    return { spec, coarsening, counts };
  });
  return { plan, columns, current: new Int32Array(plan.sizes.length) };
}

/**
 * A category with a single row in all of the data is known to the chunk that holds it alone: a window could not have known
 * it. Where rare categories are pooled, such a row counts as unseen, in the chunk and in the whole alike.
 */
function withoutSingles({ groups, size }: Coarsening, counts: Float64Array): Coarsening {
  let pooled = 0;
  for (const group of groups) if (group === size - 1) pooled += 1;
  if (pooled < 2) return { groups, size };
  return {
    groups: groups.map((group, i) => (group === size - 1 && counts[i] === 1 ? -1 : group)),
    size,
  };
}

/** Counts one event of the reference data in the chunks that it belongs to; `row` counts those events from 0. */
export function observeReferenceRow(
  { plan, columns, current }: ReferenceChunks,
  event: PredictionEvent,
  row: number,
): void {
  let isInside = false;
  for (let size = 0; size < current.length; size++) {
    const planned = plan.sizes[size]!;
    const chunk = chunkAt(planned, planned.by === 'row' ? row : event.timestamp);
    current[size] = chunk;
    if (chunk >= 0) isInside = true;
  }
  if (!isInside) return;
  for (const { spec, coarsening, counts } of columns) {
    const cell = cellOf(spec, coarsening, columnValue(event, spec.name));
    for (let size = 0; size < current.length; size++) {
      const chunk = current[size]!;
      if (chunk >= 0) counts[size]![chunk * (coarsening.size + 2) + cell]! += 1;
    }
  }
}

/**
 * How far the chunks lie from the whole, column by column, smallest chunks first. `profile` holds all rows of the data.
 * Chunks that turned out far from their planned size (where many rows have one time, or a day is quiet) do not count, and
 * sizes of which too few are left are not there.
 */
export function chunkSizes({ plan, columns }: ReferenceChunks, profile: Profile): readonly ChunkSize[][] {
  return columns.map((column, i) => {
    const whole = wholeOf(column.coarsening, profile.columns[i]!);
    return plan.sizes
      .map((planned, size) => ({ planned, chunks: chunksOf(column, size, planned) }))
      .filter(({ planned, chunks }) => chunks.length >= planned.chunksMin)
      .map(({ chunks }) => sizeOf(column, whole, chunks))
      .sort((a, b) => a.rows - b.rows);
  });
}

function wholeOf(coarsening: Coarsening, column: Column): Float64Array {
  if (column.kind === 'categorical') {
    const { counts, unseen } = column.summary;
    return countVector(coarsening, counts, column.missing + column.invalid, unseen);
  }
  const { bins, n } = readNumeric(column.summary);
  const missing = column.missing + column.invalid + column.nonfinite;
  return bins === undefined
    ? countVector(coarsening, new Float64Array(0), missing, n)
    : countVector(coarsening, bins.counts, missing, 0);
}

function chunksOf(
  { coarsening, counts }: ColumnChunks,
  size: number,
  { rows, tolerance }: PlannedSize,
): Float64Array[] {
  const width = coarsening.size + 2;
  const all = counts[size]!;
  const vectors: Float64Array[] = [];
  for (let from = 0; from < all.length; from += width) {
    const vector = Float64Array.from(all.subarray(from, from + width));
    const found = total(vector);
    if (found >= rows / tolerance && found <= rows * tolerance) vectors.push(vector);
  }
  return vectors;
}

function sizeOf({ spec, coarsening }: ColumnChunks, whole: Float64Array, chunks: Float64Array[]): ChunkSize {
  const groupingOf = spec.kind === 'numeric' ? numericGrouping : categoricalGrouping;
  const m = total(whole);
  const spreads = coarseLevels.map((level): ChunkSpread => {
    const grouping = groupingOf(whole, level);
    const all = regrouped(whole, grouping);
    const scores = chunks.map((chunk) => {
      const { baseline, window } = occupied(all, regrouped(chunk, grouping));
      return populationStabilityIndex(baseline, window, { addHalf: true }) / (1 / total(chunk) - 1 / m);
    });
    const bins = all.reduce((count, rows) => count + (rows > 0 ? 1 : 0), 0);
    return { level, bins, ...momentsOf(scores), quantile: quantileOf(scores, learntQuantile) };
  });
  const rows = chunks.reduce((sum, chunk) => sum + total(chunk), 0) / Math.max(1, chunks.length);
  const size = { rows, chunks: chunks.length, spreads };
  const ordered = spec.kind === 'numeric' ? orderedSpread(whole, chunks, coarsening.size) : undefined;
  return ordered === undefined ? size : { ...size, ordered };
}

/** Undefined where fewer than two chunks have a value, or all values are one. */
function orderedSpread(whole: Float64Array, chunks: Float64Array[], size: number): OrderedSpread | undefined {
  const values = whole.subarray(0, size);
  const m = total(values);
  const scores: number[] = [];
  for (const chunk of chunks) {
    const inChunk = chunk.subarray(0, size);
    const n = total(inChunk);
    if (n > 0 && n < m) scores.push(orderedStatistic(values, inChunk) / (1 / n - 1 / m));
  }
  const moments = momentsOf(scores);
  return scores.length < 2 || !(moments.mean > 0) ? undefined : moments;
}

const learntQuantile = 0.99;

function momentsOf(scores: readonly number[]): { mean: number; variance: number } {
  const mean = scores.reduce((sum, score) => sum + score, 0) / Math.max(1, scores.length);
  const squares = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0);
  return { mean, variance: squares / Math.max(1, scores.length - 1) };
}

/** Linear between the two nearest scores (Hyndman and Fan 1996, type 7). */
function quantileOf(scores: readonly number[], level: number): number {
  if (scores.length === 0) return 0;
  const sorted = [...scores].sort((a, b) => a - b);
  const place = (sorted.length - 1) * level;
  const below = Math.floor(place);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!);
}
