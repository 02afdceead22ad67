// What a scenario file may say: settings, baselines, and steps of events, clock moves and expectations.
import { parse } from 'yaml';
import { z } from 'zod';
import { rejectReasons } from '../../src/profile/event.ts';

/** Time of the one day that scenarios play on: h:mm:ss, with milliseconds if wanted. */
const timeOfDay = z.string().regex(/^\d{1,2}:\d{2}:\d{2}(\.\d{3})?$/);
const duration = z.string().regex(/^\d+(ms|s|m|h|d)$/);
const shard = z.int().nonnegative().default(0);
const stream = z.enum(['predictions', 'labels']).default('predictions');

/** Values by column: a distribution (`values.ts`) in what is generated. */
const distributions = z.record(z.string(), z.string());

const generated = z.strictObject({
  shard,
  model: z.string().default('fraud'),
  version: z.string().default('1'),
  count: z.int().positive(),
  from: timeOfDay,
  to: timeOfDay,
  seed: z.int(),
  values: distributions,
});

const written = z.strictObject({
  shard,
  stream,
  model: z.string().default('fraud'),
  events: z.array(
    z.strictObject({
      at: timeOfDay,
      version: z.string().default('1'),
      values: z.record(z.string(), z.unknown()).default({}),
      label: z.unknown().optional(),
    }),
  ),
});

/** Records as they come from the topic: text is sent as it is, null is a tombstone. */
const raw = z.strictObject({ shard, stream, records: z.array(z.string().nullable()) });

const expectation = z.strictObject({
  results: z
    .array(
      z.strictObject({
        model: z.string().optional(),
        size: duration.optional(),
        start: timeOfDay,
        rows: z.int().optional(),
        status: z.enum(['ok', 'insufficient_data', 'no_baseline']).optional(),
        revisions: z.int().optional(),
        drifted: z.array(z.string()).optional(),
        versions: z.record(z.string(), z.int()).optional(),
        unknown_features: z.int().optional(),
        columns: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
      }),
    )
    .optional(),
  alerts: z
    .array(
      z.strictObject({
        model: z.string().optional(),
        type: z.string(),
        retracts: z.string().optional(),
        rule: z.string(),
        severity: z.enum(['warning', 'critical']).optional(),
        columns: z.array(z.string()).optional(),
        window: timeOfDay,
        late: z.boolean().optional(),
      }),
    )
    .optional(),
  rejects: z
    .array(
      z.strictObject({
        stream: z.enum(['predictions', 'labels']).optional(),
        shard: z.int().optional(),
        offset: z.int(),
        reason: z.enum(Object.keys(rejectReasons) as (keyof typeof rejectReasons)[]),
        path: z.string().optional(),
      }),
    )
    .optional(),
  counters: z.record(z.string().regex(/^driftline_\w+(\{.*\})?$/), z.number()).optional(),
});

/** Each step does one thing. After every step but `expect` the worker reads and saves, and what is due is evaluated. */
const step = z.union([
  z.strictObject({ generate: generated }),
  z.strictObject({ send: written }),
  z.strictObject({ raw }),
  z.strictObject({ clock: duration }),
  z.strictObject({ assign: z.array(z.int()) }),
  z.strictObject({ expect: expectation }),
]);

const scenario = z.strictObject({
  title: z.string(),
  /** Over the settings of `stage.ts`, as in a configuration file. */
  settings: z.record(z.string(), z.unknown()).default({}),
  shards: z.int().positive().default(1),
  /** The shards that are read from the start; all when absent. */
  assigned: z.array(z.int()).optional(),
  clock: timeOfDay.default('12:00:00'),
  baselines: z
    .record(z.string(), z.strictObject({ count: z.int().positive(), seed: z.int(), values: distributions }))
    .default({}),
  steps: z.array(step).min(1),
});

export type Scenario = z.output<typeof scenario>;
export type Step = z.output<typeof step>;
export type Expectation = z.output<typeof expectation>;
export type Generated = z.output<typeof generated>;
export type Written = z.output<typeof written>;

/** Reads a scenario file; throws with all that is wrong with it. */
export function parseScenario(text: string): Scenario {
  const parsed = scenario.safeParse(parse(text));
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  return parsed.data;
}

const midnight = Date.UTC(2026, 2, 2);

/** Epoch milliseconds of a time of the day. */
export function atTime(text: string): number {
  const [hours, minutes, seconds] = text.split(':').map(Number);
  return midnight + ((hours! * 60 + minutes!) * 60 + seconds!) * 1000;
}

/** The time of day of epoch milliseconds, as scenarios write it. */
export function timeText(ms: number): string {
  const [hours, rest] = new Date(ms).toISOString().slice(11, -1).split(/:(.*)/);
  return `${Number(hours)}:${rest!.replace('.000', '')}`;
}
