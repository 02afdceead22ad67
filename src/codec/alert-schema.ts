// What an event of the alerts topic looks like: CloudEvents 1.0, structured JSON, as JSON Schema and as a type.
// https://github.com/cloudevents/spec: spec.md, extensions/{correlation,partitioning,sequence,severity}.md.
import { z } from 'zod';
import { decisionTypes, retractionTypes, rules } from '../alert/incident.ts';
import { retrainGates, retrainTriggers } from '../alert/retrain.ts';
import { measureNames } from '../drift/result.ts';
import { findingKinds } from '../quality/diagnosis.ts';
import { moverSchema } from './mover.ts';

/** Names this schema in the events. */
export const dataschema = 'urn:driftline:schema:alert:1';
const instant = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const span = z.object({ start: instant, end: instant });

const data = z.object({
  incident: hash.describe('Equal for everything that happens to one incident'),
  rule: z.enum(rules),
  transition: z.enum([...decisionTypes, ...retractionTypes]),
  retracts: z
    .enum(decisionTypes)
    .optional()
    .describe('Of a retraction: the type of the event that no longer holds'),
  severity: z.enum(['warning', 'critical']).describe('The worst severity of the incident so far'),
  late: z.boolean().describe('True when late events changed a window of the past'),
  model: z.string(),
  segment: z.string(),
  window: span.describe('The window in which this happened'),
  opened: span.describe('The window that raised the incident'),
  columns: z
    .array(
      z.object({
        feature_name: z.string(),
        joined: z.boolean().describe('True when the feature joined the incident here'),
        measure: z.enum(measureNames).optional(),
        drift_score: z.number().nullable().optional(),
        drift_threshold: z.number().nullable().optional(),
        p_value_adjusted: z.number().nullable().optional(),
        severity: z.enum(['none', 'warning', 'critical']).optional(),
        sequential_alarm: z
          .literal(true)
          .optional()
          .describe('Present where the sequential detector is at its alarm level'),
        moved: z
          .array(moverSchema)
          .optional()
          .describe('What moved, of the worst columns as far as they drifted in this window'),
      }),
    )
    .describe('The worst columns of the incident first; with scores where the window was at hand'),
  columns_total: z.int().nonnegative(),
  rows: z.int().nonnegative().optional(),
  baseline: z.string().optional().describe('Content hash of the baseline'),
  retrain: z
    .object({
      triggers: z.array(z.enum(retrainTriggers)).describe('What speaks for training the model again'),
      gates: z
        .array(z.enum(retrainGates))
        .describe('What speaks against it now; empty where it is recommended'),
      job_key: hash
        .optional()
        .describe(
          'Of a recommendation: the idempotency token of the job. Late events can move a recommendation to another window, by a retraction and another recommendation; the job stays the same, and is to be started once',
        ),
    })
    .optional()
    .describe('Of retrain events'),
  diagnosis: z
    .array(z.object({ kind: z.enum(findingKinds), evidence: z.array(z.string()) }))
    .optional()
    .describe('What kind of change the window shows, the one that calls for the strongest answer first'),
  policy: z.object({
    raise: z.object({ windows: z.int(), of: z.int(), at_once: z.number().nullable() }),
    clear: z.object({ below: z.number(), windows: z.int() }),
  }),
});

export const alertSchema = z
  .object({
    specversion: z.literal('1.0'),
    id: hash.describe('Equal for repeats of the same event'),
    source: z.string(),
    type: z
      .string()
      .regex(
        /^io\.driftline\.((drift|quality)\.(raised|escalated|cleared|retracted)|retrain\.(recommended|suppressed|retracted))\.v1$/,
      ),
    subject: z.string().describe('model/segment'),
    time: instant.describe('End of the window in which this happened, event time'),
    datacontenttype: z.literal('application/json'),
    dataschema: z.literal(dataschema),
    partitionkey: z.string(),
    correlationid: hash,
    causationid: hash.optional().describe('Of a retraction: the id of the event that no longer holds'),
    sequence: z
      .string()
      .regex(/^\d{16}$/)
      .describe('Grows with every event of one subject'),
    silenced: z
      .literal(true)
      .optional()
      .describe('Present where the configuration silences this: subscribers that act leave it out'),
    severitytext: z.enum(['info', 'warning', 'critical']),
    severitynumber: z.int(),
    data,
  })
  .describe('An event of the alerts topic: CloudEvents 1.0, structured JSON.');

export type AlertEvent = z.infer<typeof alertSchema>;
export type AlertColumn = AlertEvent['data']['columns'][number];
