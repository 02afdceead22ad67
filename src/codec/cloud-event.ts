// A transition of an incident as a CloudEvents 1.0 event in structured JSON: what the alerts topic and webhooks carry.
// https://github.com/cloudevents/spec: spec.md, extensions/{correlation,partitioning,sequence,severity}.md.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type AlertPolicy, rules, type Span, type Transition } from '../alert/incident.ts';
import { type ColumnResult, measureNames, type WindowResult } from '../drift/result.ts';
import { moverDocuments, moverSchema } from './mover.ts';
import type { NameOf } from './result.ts';

/** Intermediaries must forward events up to this size (CloudEvents 1.0, "Size Limits"). */
export const eventBytesMax = 64 * 1024;

/** The worst columns that an event lists; the result document has them all. */
const columnsMax = 50;

/** Of so many of them it also says what moved. */
const explainedColumnsMax = 10;

const dataschema = 'urn:driftline:schema:alert:1';
const instant = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const types = ['drift.raised', 'drift.escalated', 'drift.cleared', 'drift.retracted'] as const;
const span = z.object({ start: instant, end: instant });

const data = z.object({
  incident: hash.describe('Equal for everything that happens to one incident'),
  rule: z.enum(rules),
  transition: z.enum(types),
  retracts: z.enum(types).optional().describe('Of a retraction: the type of the event that no longer holds'),
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
    type: z.string().regex(/^io\.driftline\.drift\.(raised|escalated|cleared|retracted)\.v1$/),
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
    severitytext: z.enum(['info', 'warning', 'critical']),
    severitynumber: z.int(),
    data,
  })
  .describe('An event of the alerts topic: CloudEvents 1.0, structured JSON.');

export type AlertEvent = z.infer<typeof alertSchema>;
type AlertColumn = AlertEvent['data']['columns'][number];

export interface AlertContext {
  /** CloudEvents `source`: which Driftline this is. */
  readonly source: string;
  readonly policy: AlertPolicy;
  /** The result of the transition's window, for scores and rows. A result of another window is not used. */
  readonly result?: WindowResult;
  /** What categories are called outside the process. */
  readonly nameOf: NameOf;
}

export interface AlertMessage {
  readonly topic: 'alerts';
  readonly id: string;
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Names an incident: 64 hex characters, for whatever happens to it. */
export function incidentId(about: Pick<Transition, 'model' | 'segment' | 'rule' | 'incident'>): string {
  const { model, segment, rule, incident } = about;
  return sha256(['incident', model, segment, rule, incident.start, incident.end]);
}

/**
 * Names a transition: 64 hex characters without dots, which webhook ids and the idempotency tokens of job services take.
 * A run again over the same windows gives the same ids; a decision that was withdrawn and made again gets another.
 */
export function transitionId(transition: Transition): string {
  const { window, type, retracts, occurrence } = transition;
  return sha256([incidentId(transition), type, retracts ?? '', window.start, window.end, occurrence]);
}

/**
 * The message for a transition, at most `eventBytesMax` long: where it would not fit, it explains fewer columns, then names
 * fewer.
 */
export function alertEvent(transition: Transition, context: AlertContext): AlertMessage {
  let columns = worstColumns(transition, context).slice(0, columnsMax);
  let value = eventText(transition, context, columns);
  while (Buffer.byteLength(value) > eventBytesMax && columns.length > 0) {
    columns = shortened(columns);
    value = eventText(transition, context, columns);
  }
  return {
    topic: 'alerts',
    id: transitionId(transition),
    key: transition.model,
    value,
    headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' },
  };
}

function shortened(columns: readonly AlertColumn[]): AlertColumn[] {
  const explained = columns.findLastIndex(({ moved }) => moved !== undefined);
  if (explained < 0) return columns.slice(0, -1);
  return columns.map((column, i) => {
    if (i !== explained) return column;
    const { moved: _, ...rest } = column;
    return rest;
  });
}

function eventText(transition: Transition, context: AlertContext, columns: readonly AlertColumn[]): string {
  const { model, segment, type, retracts, severity, window } = transition;
  const result = resultOf(transition, context);
  const ended = type === 'drift.cleared' || type === 'drift.retracted';
  const event: AlertEvent = {
    specversion: '1.0',
    id: transitionId(transition),
    source: context.source,
    type: `io.driftline.${type}.v1`,
    subject: `${model}/${segment}`,
    time: new Date(window.end).toISOString(),
    datacontenttype: 'application/json',
    dataschema,
    partitionkey: model,
    correlationid: incidentId(transition),
    ...(retracts === undefined ? {} : { causationid: withdrawnId(transition, retracts) }),
    sequence: String(transition.sequence).padStart(16, '0'),
    severitytext: ended ? 'info' : severity,
    // OpenTelemetry's scale, as the severity extension has it: INFO, WARN, ERROR.
    severitynumber: ended ? 9 : severity === 'critical' ? 17 : 13,
    data: {
      incident: incidentId(transition),
      rule: transition.rule,
      transition: type,
      ...(retracts === undefined ? {} : { retracts }),
      severity,
      late: transition.late,
      model,
      segment,
      window: instants(window),
      opened: instants(transition.incident),
      columns: [...columns],
      columns_total: transition.columns.length,
      ...(result === undefined ? {} : { rows: result.rows, baseline: result.baselineHash }),
      policy: publishedPolicy(context.policy),
    },
  };
  return JSON.stringify(event);
}

function withdrawnId(transition: Transition, type: NonNullable<Transition['retracts']>): string {
  const { retracts: _, ...decision } = transition;
  return transitionId({ ...decision, type });
}

function resultOf({ window }: Transition, { result }: AlertContext): WindowResult | undefined {
  return result?.start === window.start && result.end === window.end ? result : undefined;
}

/** Worst first by how far the score exceeds its threshold; columns without a score come last, by name. */
function worstColumns(transition: Transition, context: AlertContext): AlertColumn[] {
  const result = resultOf(transition, context);
  const results = new Map(result?.columns.map((column) => [column.name, column]));
  const joined = new Set(transition.joined);
  return transition.columns
    .map((name) => ({ name, column: results.get(name) }))
    .sort((a, b) => excess(b.column) - excess(a.column) || (a.name < b.name ? -1 : 1))
    .map(({ name, column }, rank) => ({
      feature_name: name,
      joined: joined.has(name),
      ...(column === undefined
        ? {}
        : {
            measure: column.measure,
            drift_score: finite(column.score),
            drift_threshold: finite(column.threshold),
            p_value_adjusted: finite(column.pAdjusted),
            severity: column.severity,
            ...(column.sequential?.alarm === true ? { sequential_alarm: true as const } : {}),
            ...(column.moved === undefined || rank >= explainedColumnsMax
              ? {}
              : { moved: moverDocuments(column, context.nameOf) }),
          }),
    }));
}

function excess(column: ColumnResult | undefined): number {
  const score = column?.score ?? null;
  if (column === undefined || score === null || !(column.threshold > 0)) return -1;
  return Number.isFinite(score / column.threshold) ? score / column.threshold : -1;
}

function publishedPolicy({ raise, clear }: AlertPolicy): AlertEvent['data']['policy'] {
  return {
    raise: { windows: raise.windows, of: raise.of, at_once: finite(raise.atOnce) },
    clear: { below: clear.below, windows: clear.windows },
  };
}

function instants({ start, end }: Span): { start: string; end: string } {
  return { start: new Date(start).toISOString(), end: new Date(end).toISOString() };
}

function sha256(parts: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}
