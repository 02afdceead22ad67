// The settings of retraining: what speaks for it, what keeps it back, and how often it may be recommended.
import { z } from 'zod';
import { qualitySources } from '../alert/retrain.ts';
import { choice, count, duration, flag } from './field.ts';
import { lastStrikeOf } from './schedule.ts';

const share = z.number().min(0).max(1);

export const retrainSchema = z
  .strictObject({
    mode: choice(
      ['off', 'dry_run', 'on'],
      'on',
      'Whether `retrain.recommended` is sent. `dry_run` sends `retrain.suppressed` with the reason `dry_run` where it would have been.',
    ),
    drifted_features: z
      .int()
      .min(0)
      .max(100_000)
      .nullable()
      .default(3)
      .describe(
        'Recommended when more features than this were raised within `within`; null does not count them.',
      ),
    importance: share
      .nullable()
      .default(null)
      .describe(
        'Or when the features that were raised carry more than this share of the importance of all (`models[].importance`); null does not weigh them.',
      ),
    within: duration(
      '1d',
      'How far back raised features, breaks and labels count, in event time.',
      '1s',
      '90d',
    ),
    quality: choice(
      qualitySources,
      'any',
      'Or when the quality is raised: as labels show it (`realised`), as it is estimated without them (`estimated`), `any` of them, or never (`off`).',
    ),
    schedule: z
      .string()
      .min(1)
      .max(256)
      .nullable()
      .default(null)
      .describe(
        'Or at fixed times, as cron writes them: `0 3 * * 0` is Sundays at 3. In event time: with the first window that ends after it.',
      ),
    timezone: z
      .string()
      .min(1)
      .max(64)
      .default('UTC')
      .describe('The time zone of `schedule`, by its IANA name, such as `Europe/Berlin`.'),
    cooldown: duration('1d', 'After a recommendation, none for so long.', '0s'),
    gates: z
      .strictObject({
        pipeline_break: flag(
          true,
          'Not while a feature looks broken rather than drifted: missing, of another type or unit, stuck. A model learns the break.',
        ),
        labelled_rows: count(
          0,
          'Not while fewer predictions within `within` have a label: too few to train on.',
          0,
          1_000_000_000,
        ),
        label_coverage: share.default(0).describe('Not while a smaller share of them has a label.'),
        largest_class: share
          .default(0.999)
          .describe(
            'Not while more than this share of the labels is of one class: something is wrong with the labels. Labels of one single class never pass.',
          ),
      })
      .prefault({})
      .describe('What keeps a recommendation back; `retrain.suppressed` says which.'),
  })
  .superRefine(({ schedule, timezone }, context) => {
    if (schedule === null) return;
    try {
      lastStrikeOf(schedule, timezone);
    } catch (error) {
      context.addIssue({
        code: 'custom',
        path: ['schedule'],
        message: `no schedule: ${(error as Error).message}`,
      });
    }
  })
  .prefault({})
  .describe('When retraining a model is recommended.');
