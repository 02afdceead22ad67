// The schema of the whole configuration: the one source of types, defaults, checks and documentation.
import { z } from 'zod';
import type { ColumnKind } from '../profile/column.ts';
import type { Task } from '../profile/schema.ts';
import { httpSchema, kafkaSchema, redisSchema } from './connection-schema.ts';
import { filePath, identifier } from './field.ts';
import { forwardSchema } from './forward-schema.ts';
import { labelsSchema } from './labels-schema.ts';
import {
  alertsSchema,
  checkpointSchema,
  deadLettersSchema,
  driftSchema,
  evaluationSchema,
  limitsSchema,
  logSchema,
  modelDriftSchema,
  privacySchema,
  retentionSchema,
  windowsSchema,
} from './monitoring-schema.ts';
import { retrainSchema } from './retrain-schema.ts';

const tasks = ['regression', 'binary', 'multiclass'] as const satisfies readonly Task[];
const featureKinds = ['numeric', 'categorical', 'boolean'] as const;

// A name beginning with `@` would collide with the columns of the prediction itself.
const featureName = z
  .string()
  .regex(/^[^@]/, { error: 'expected a feature name: not empty, and not beginning with @' });

export const modelSchema = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(256)
    .describe('Name of the model, as it stands in the field `model` of the events.'),
  task: z.enum(tasks).describe('What the model predicts.'),
  baseline: filePath(
    'The baseline document to compare with. Without one, profiles are kept and results say `no_baseline`.',
  ),
  features: z
    .record(featureName, z.enum(featureKinds))
    .nullable()
    .default(null)
    .transform(
      (features) =>
        features && new Map(Object.entries(features).map(([name, kind]) => [name, columnKind(kind)])),
    )
    .describe('The features by name, only while there is no baseline: a baseline knows its own.'),
  plain: z
    .array(featureName)
    .default([])
    .describe(
      'Features whose categories may be shown in alerts and results as they are; others are hashed or left out, see `privacy`.',
    ),
  distinct: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'Numeric columns whose distinct values are counted in windows of any size, by a HyperLogLog beyond 1,000 of them: 12 kB more per window, version and shard. Categories are counted in any case, as are windows of at most 1,000 values.',
    ),
  importance: z
    .record(featureName, z.number().min(0).max(1e9))
    .default({})
    .transform((importance) => new Map(Object.entries(importance)))
    .describe(
      'How much each feature matters to the model, on any scale, for `retrain.importance`; one that is not listed has 1.',
    ),
  labels: z
    .enum(['auto', 'join', 'ignore'])
    .default('auto')
    .describe(
      'Whether labels are joined with their predictions. `join`: they are, and quality is measured. `ignore`: they are counted, no more. `auto`: they are joined where the reference data of the baseline carry labels.',
    ),
  drift: modelDriftSchema,
});

export const configurationSchema = z.strictObject({
  group: identifier('driftline', 'Consumer group, and the name of this monitor in Redis.'),
  kafka: kafkaSchema,
  redis: redisSchema,
  http: httpSchema,
  windows: windowsSchema,
  labels: labelsSchema,
  checkpoint: checkpointSchema,
  retention: retentionSchema,
  drift: driftSchema,
  alerts: alertsSchema,
  retrain: retrainSchema,
  forward: forwardSchema,
  dead_letters: deadLettersSchema,
  privacy: privacySchema,
  limits: limitsSchema,
  evaluation: evaluationSchema,
  log: logSchema,
  models: z
    .array(modelSchema)
    .max(1000)
    .prefault([])
    .describe('The models to watch; events of others are refused as `unknown_model`.'),
});

/** The configuration after parsing, with the keys of the file. */
export type Configuration = z.output<typeof configurationSchema>;
export type ConfiguredModel = z.output<typeof modelSchema>;

function columnKind(kind: (typeof featureKinds)[number]): ColumnKind {
  return kind === 'numeric' ? 'numeric' : 'categorical';
}
