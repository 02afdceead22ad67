// The settings of labels: how long they may take, and how much may wait for them.
import { z } from 'zod';
import { count, duration } from './field.ts';

export const labelsSchema = z
  .strictObject({
    horizon: duration(
      '7d',
      'How long after its prediction a label still counts: at least so long, and an eighth of it more. Results are revised as labels come. Base windows are kept at least so long, whatever `retention.windows` says.',
      '1m',
      '365d',
    ),
    sample_rate: z
      .number()
      .gt(0)
      .max(1)
      .default(1)
      .describe(
        'Share of the predictions whose labels are joined, chosen by a hash of the id: where volume is high, less waits.',
      ),
    waiting: count(
      20_000_000,
      'Predictions and labels of one model that wait in one shard at the most; those beyond are not joined.',
      1000,
      1_000_000_000,
    ),
    min_count: count(
      100,
      'A window of fewer labelled predictions gets no verdict on its quality.',
      1,
      1_000_000_000,
    ),
  })
  .prefault({})
  .describe('How labels are joined with their predictions.');
