// The settings of what is watched and how: windows, checkpoints, retention, drift decisions, alerts and limits.
import { z } from 'zod';
import { measureNames, thresholdRules } from '../drift/result.ts';
import { type CorrectionName, corrections } from '../stats/correction.ts';
import { maintenanceSchema, silencesSchema } from './calendar-schema.ts';
import {
  choice,
  count,
  duration,
  durations,
  filePath,
  flag,
  inheritedDuration,
  secretText,
  size,
} from './field.ts';

export const windowsSchema = z
  .strictObject({
    size: duration(
      '5m',
      'Length of the base windows. They are aligned to the epoch, in event time.',
      '1s',
      '30d',
    ),
    rollups: durations(
      ['1h', '1d'],
      'Longer windows that are merged from shorter ones. Each is a multiple of the one before it, the first of `windows.size`.',
    ),
    out_of_orderness: duration(
      '10s',
      'The watermark stays this far behind the greatest event time: how much disorder is expected.',
      '0s',
    ),
    grace: duration(
      '0s',
      'How long after the watermark has passed its end a window is first published.',
      '0s',
    ),
    idle_after: duration(
      '30s',
      'A shard that has read everything and been quiet for this long no longer holds windows open.',
      '100ms',
    ),
    revision_horizon: duration(
      '24h',
      'How far behind the watermark a window may still change; its result is then published again. Older events are refused as `too_late`.',
      '0s',
    ),
    revise_every: duration('30s', 'A changed window is published again at most this often.', '0s'),
    max_clock_skew: duration(
      '5m',
      'Events further ahead of the clock than this are refused as `future`.',
      '0s',
    ),
  })
  .prefault({})
  .describe('How event time is cut into windows.');

export const checkpointSchema = z
  .strictObject({
    interval: duration(
      '1s',
      'State and offsets are written together this often, or less often where that would take more than a fifth of the time.',
      '10ms',
      '5m',
    ),
    events: count(50_000, 'Or after this many events of a shard, if that comes first.', 1, 10_000_000),
  })
  .prefault({})
  .describe('When the state of a shard is written.');

export const retentionSchema = z
  .strictObject({
    windows: duration('48h', 'How long the profiles of base windows are kept.', '1m'),
    results: duration('14d', 'How long the results of base windows are kept.', '1m'),
    rollups: duration('400d', 'How long the profiles and results of roll-ups are kept.', '1m'),
  })
  .prefault({})
  .describe('How long state is kept in Redis, by wall clock, after it was last written.');

const level = z.number().min(0);
const significance = z.number().gt(0).lt(1);
const part = z.number().min(0).lt(1);
const evidence = z.number().min(1).max(1e12);
const rows = z.int().min(1).max(1_000_000_000);
const correctionNames = Object.keys(corrections) as [CorrectionName, ...CorrectionName[]];
const measureMeaning = 'The measure that decides.';

export const driftSchema = z
  .strictObject({
    measure: choice(
      measureNames,
      'psi',
      `${measureMeaning} A column that it is not defined for is judged by \`psi\`. The others are computed and published all the same.`,
    ),
    warning: level.default(0.1).describe('A score above this is a warning.'),
    critical: level.default(0.2).describe('A score above this is critical.'),
    threshold: choice(
      thresholdRules,
      'fixed',
      'Where the warning level comes from. `fixed`: it is `warning`, or the noise floor where that is greater. Learnt from time-ordered chunks of the reference with as many rows as the window, as NannyML does: `chunks_sd` is the mean of their scores and three standard deviations, `chunks_quantile` their 99 % quantile; no noise floor, and `critical` is as many times greater as it is set. Without chunks in the baseline it is `fixed`.',
    ),
    alpha: significance
      .default(0.05)
      .describe(
        'Level of the p-value, adjusted over the features of a window: the share of false alarms among the alarms.',
      ),
    correction: choice(
      correctionNames,
      'benjamini_hochberg',
      'How p-values are adjusted: `benjamini_hochberg` for features that are independent or rise together, `benjamini_yekutieli` for any dependence, which costs power.',
    ),
    min_count: rows.default(300).describe('A window of fewer rows is not judged: `insufficient_data`.'),
    sequential: z
      .strictObject({
        enabled: flag(
          false,
          'Evidence that adds up from window to window: it finds changes that are small and last, at a bounded rate of false alarms however long it runs. An alarm votes as a window that has drifted.',
        ),
        tolerance: part
          .default(0.1)
          .describe(
            'Relative change of the share of any tenth of the rows that is no drift. What is left open by the size of the baseline comes on top.',
          ),
        alarm: evidence
          .default(1000)
          .describe(
            'The evidence that is an alarm: without drift it takes at least so many windows on average to reach it. Where many features are watched more is asked of each (e-BH).',
          ),
        decay: part
          .default(0.5)
          .describe('The part of what was learnt from the windows before that is kept from one to the next.'),
      })
      .prefault({})
      .describe('The sequential detector.'),
  })
  .prefault({})
  .describe('When a feature counts as drifted: every condition must hold.');

/** The same per model; what is absent is inherited from `drift`. */
export const modelDriftSchema = z
  .strictObject({
    measure: z.enum(measureNames).optional().describe('Instead of `drift.measure`.'),
    warning: level.optional().describe('Instead of `drift.warning`.'),
    critical: level.optional().describe('Instead of `drift.critical`.'),
    threshold: z.enum(thresholdRules).optional().describe('Instead of `drift.threshold`.'),
    alpha: significance.optional().describe('Instead of `drift.alpha`.'),
    correction: z.enum(correctionNames).optional().describe('Instead of `drift.correction`.'),
    min_count: rows.optional().describe('Instead of `drift.min_count`.'),
    sequential: z
      .strictObject({
        enabled: z.boolean().optional().describe('Instead of `drift.sequential.enabled`.'),
        tolerance: part.optional().describe('Instead of `drift.sequential.tolerance`.'),
        alarm: evidence.optional().describe('Instead of `drift.sequential.alarm`.'),
        decay: part.optional().describe('Instead of `drift.sequential.decay`.'),
      })
      .prefault({})
      .describe('The sequential detector of this model.'),
    features: z
      .record(
        z.string(),
        z.strictObject({
          measure: z.enum(measureNames).optional().describe('Instead of the measure of the model.'),
          warning: level.optional().describe('Instead of the warning level of the model.'),
          critical: level.optional().describe('Instead of the critical level of the model.'),
          threshold: z
            .enum(thresholdRules)
            .optional()
            .describe('Instead of the threshold rule of the model.'),
        }),
      )
      .default({})
      .transform((features) => new Map(Object.entries(features)))
      .describe('Other rules for single features; `@prediction` and `@score` are columns too.'),
  })
  .prefault({})
  .describe('Other rules for this model.');

export const alertsSchema = z
  .strictObject({
    window: inheritedDuration(
      'Which windows vote: `windows.size` or one of `windows.rollups`. Null takes `windows.size`.',
    ),
    raise: z
      .strictObject({
        windows: count(3, 'An incident is raised when this many windows drifted …', 1, 1000),
        of: count(5, '… of the last this many that had enough rows.', 1, 1000),
        at_once: z
          .number()
          .min(1)
          .default(2)
          .describe(
            'Or at once by a single score above this multiple of the critical level that also lies this many times further out than the noise floor: above 4 times the floor for `psi` and `chi_squared`, which are squares, and 2 times for the others.',
          ),
      })
      .prefault({})
      .describe('When an incident is raised.'),
    clear: z
      .strictObject({
        below: z
          .number()
          .gt(0)
          .max(1)
          .default(0.8)
          .describe('A window votes for clearing when its score is below this share of the threshold.'),
        windows: count(5, 'An incident is cleared after this many such windows in a row.', 1, 1000),
      })
      .prefault({})
      .describe('When an incident is cleared.'),
    cooldown: duration(
      '0s',
      'For so long after an incident was cleared no other of its rule is raised, unless it is critical.',
      '0s',
    ),
    silences: silencesSchema,
    maintenance: maintenanceSchema,
    stalled_after: duration(
      '2m',
      'What makes no progress for so long is announced as `monitor.stalled`: a shard with records to read, a watermark that windows wait for, a due result, a Redis that is waited for. At least twice `windows.idle_after`.',
      '1s',
    ),
    source: z
      .string()
      .min(1)
      .max(256)
      .regex(/^[!-~]+$/, { error: 'expected a URI reference without spaces' })
      .default('/driftline')
      .describe('The `source` of the CloudEvents: a URI reference that tells several monitors apart.'),
  })
  .prefault({})
  .describe('When alerts are sent.');

export const deadLettersSchema = z
  .strictObject({
    payload: choice(
      ['none', 'raw'],
      'none',
      'Whether a dead letter carries the refused event itself. Events can hold personal data: reason, path, topic, partition and offset are always there.',
    ),
  })
  .prefault({})
  .describe('What is told about refused events.');

export const privacySchema = z
  .strictObject({
    category_key_file: filePath(
      'File that holds the key under which names of categories are hashed before they leave the process. Without a key they are left out, except those of features that are `plain`.',
    ),
    category_key: secretText('The key itself.'),
  })
  .prefault({})
  .describe('What may be seen of the data outside the process.');

export const limitsSchema = z
  .strictObject({
    event_bytes: size('1MB', 'Larger events are refused as `too_large`.', '1kB', '64MB'),
    features_per_event: count(5000, 'Events with more features are refused.', 1, 100_000),
    versions_per_model: count(
      32,
      'Versions of a model that are kept apart in one window; the rest are counted as one version `(other)`. Where shards or the parts of a roll-up bring more, those with most rows are kept.',
      1,
      1000,
    ),
    name_length: count(256, 'Characters of an id, a model, a version or a feature name.', 16, 4096),
    result_series: count(20_000, 'Series on `/metrics/results`; more are dropped and counted.', 100, 50_000),
    open_windows: count(
      200,
      'Windows that a shard keeps in memory after a checkpoint, each counted once for every version in it; others are read again from Redis when an event needs them. A shard that holds twice as many is written at once.',
      10,
      1_000_000,
    ),
  })
  .prefault({})
  .describe('Bounds on what producers can make Driftline hold.');

export const evaluationSchema = z
  .strictObject({
    interval: duration(
      '250ms',
      'How often due and changed windows are looked for; also at once when event time passes the end of one.',
      '10ms',
      '1m',
    ),
    lease: duration(
      '15s',
      'How long a process may take for one evaluation before another one tries.',
      '1s',
      '10m',
    ),
  })
  .prefault({})
  .describe('How windows are evaluated.');

export const logSchema = z
  .strictObject({ level: choice(['debug', 'info', 'warn', 'error'], 'info', 'What is logged.') })
  .prefault({})
  .describe('The log: JSON lines on standard output of `run`.');
