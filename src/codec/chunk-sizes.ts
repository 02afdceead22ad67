// How far chunks of the reference data lie from the whole, as the columns of a baseline document say it.
import { z } from 'zod';
import { coarseLevels } from '../drift/coarse-level.ts';
import { Fault } from '../fault.ts';
import type { ChunkSize } from '../profile/baseline.ts';

const finite = z.number().nonnegative();

export const chunkSizesSchema = z
  .array(
    z.object({
      rows: z.number().positive().describe('Rows of a chunk, on average'),
      chunks: z.int().positive().describe('How many chunks the numbers rest on'),
      spreads: z
        .array(
          z.object({
            level: z.int().positive().describe('The greatest number of coarse bins that hold values'),
            bins: z.int().nonnegative().describe('Coarse bins with rows, missing and unseen included'),
            mean: finite,
            variance: finite,
            quantile_99: finite,
          }),
        )
        .describe(
          'PSI of a chunk against the whole, divided by 1/n - 1/m: bins - 1 on average for independent rows',
        ),
      ordered: z
        .object({ mean: finite, variance: finite })
        .optional()
        .describe('The same for the distribution functions of numbers: 1 on average for independent rows'),
    }),
  )
  .describe(
    'How far chunks of neighbouring rows lie from the whole, smallest chunks first: what verdicts allow for where rows depend on each other. Absent in baselines built before 2026-12; empty for fewer than 800 rows',
  );

export type ChunkSizesDocument = z.infer<typeof chunkSizesSchema>;

/** Chunk sizes as a document. */
export function chunkSizesDocument(sizes: readonly ChunkSize[]): ChunkSizesDocument {
  return sizes.map(({ rows, chunks, spreads, ordered }) => ({
    rows,
    chunks,
    spreads: spreads.map(({ level, bins, mean, variance, quantile }) => ({
      ...{ level, bins, mean, variance },
      quantile_99: quantile,
    })),
    ...(ordered === undefined ? {} : { ordered: { mean: ordered.mean, variance: ordered.variance } }),
  }));
}

/** What a document says; throws BASELINE_INVALID for sizes that do not ascend, and for other levels than those of this version. */
export function chunkSizesOf(column: string, document: ChunkSizesDocument): readonly ChunkSize[] {
  return document.map(({ rows, chunks, spreads, ordered }, i) => {
    if (i > 0 && rows < document[i - 1]!.rows) invalid(column, 'sizes that do not ascend');
    if (spreads.map(({ level }) => level).join() !== coarseLevels.join()) {
      invalid(column, `other numbers of bins than ${coarseLevels.join(', ')}`);
    }
    return {
      rows,
      chunks,
      spreads: spreads.map(({ quantile_99: quantile, ...spread }) => ({ ...spread, quantile })),
      ...(ordered === undefined ? {} : { ordered }),
    };
  });
}

function invalid(column: string, what: string): never {
  throw new Fault('BASELINE_INVALID', `column ${JSON.stringify(column)} has chunks with ${what}`);
}
