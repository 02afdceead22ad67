// What moved in a drifted column, as results and alerts carry it.
import { z } from 'zod';
import { describeContribution } from '../drift/contribution.ts';
import type { ColumnResult } from '../drift/result.ts';

/** Fewer rows than this could point at a person: such categories and bins are not published, not even hashed. */
export const publishedRowsMin = 10;

export const moverSchema = z.object({
  text: z.string().describe('In one sentence'),
  kind: z
    .enum(['range', 'category', 'missing', 'unseen', 'other'])
    .describe('unseen: what the baseline has none of; other: rare categories together'),
  from: z.number().nullable().optional().describe('Of a range, included; null is an open end'),
  to: z.number().nullable().optional(),
  to_included: z.boolean().optional(),
  category: z.string().optional().describe('A keyed hash unless the feature is configured as plain'),
  baseline_share: z.number(),
  window_share: z.number(),
  contribution: z
    .number()
    .describe(
      'Its part of the population stability index of the 32 finest bins, which the parts of all bins add up to',
    ),
});

export type MoverDocument = z.infer<typeof moverSchema>;

/** The movers of a column, bins that are rare on both sides left out; `nameOf` is what a category is called outside. */
export function moverDocuments(
  { name, kind, moved }: Pick<ColumnResult, 'name' | 'kind' | 'moved'>,
  nameOf: (feature: string, category: string) => string | undefined,
): MoverDocument[] {
  return (moved ?? [])
    .filter(({ baselineRows, windowRows }) => Math.max(baselineRows, windowRows) >= publishedRowsMin)
    .map((mover): MoverDocument => {
      const category = mover.kind === 'category' ? nameOf(name, mover.name) : undefined;
      return {
        text: describeContribution({ name, kind }, mover, category),
        kind: mover.kind,
        ...(mover.kind === 'range' ? { from: mover.from, to: mover.to, to_included: mover.closed } : {}),
        ...(category === undefined ? {} : { category }),
        baseline_share: mover.baselineShare,
        window_share: mover.windowShare,
        contribution: mover.contribution,
      };
    });
}
