// A transition of an incident as a CloudEvents 1.0 event in structured JSON: what the alerts topic and webhooks carry.
// https://github.com/cloudevents/spec: spec.md, extensions/{correlation,partitioning,sequence,severity}.md.
import { createHash } from 'node:crypto';
import type { AlertPolicy, Job, Transition } from '../alert/incident.ts';
import type { RetrainGrounds } from '../alert/retrain.ts';
import type { Span } from '../alert/window-facts.ts';
import type { ColumnResult, WindowResult } from '../drift/result.ts';
import type { Finding } from '../quality/diagnosis.ts';
import { type AlertColumn, type AlertEvent, dataschema } from './alert-schema.ts';
import { moverDocuments } from './mover.ts';
import type { NameOf } from './result.ts';

/** Intermediaries must forward events up to this size (CloudEvents 1.0, "Size Limits"). */
export const eventBytesMax = 64 * 1024;

/** The worst columns that an event lists; the result document has them all. */
const columnsMax = 50;

/** Of so many of them it also says what moved. */
const explainedColumnsMax = 10;

export interface AlertContext {
  /** CloudEvents `source`: which Driftline this is. */
  readonly source: string;
  readonly policy: AlertPolicy;
  /** The result of the transition's window, for scores and rows. A result of another window is not used. */
  readonly result?: WindowResult;
  /** What kind of change that result shows. */
  readonly findings?: readonly Finding[];
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
 * The message for a transition, at most `eventBytesMax` long: where it would not fit, it leaves out the diagnosis, explains
 * fewer columns, then names fewer.
 */
export function alertEvent(transition: Transition, context: AlertContext): AlertMessage {
  let columns = worstColumns(transition, context).slice(0, columnsMax);
  let value = eventText(transition, context, columns);
  if (Buffer.byteLength(value) > eventBytesMax && context.findings !== undefined) {
    const { findings: _, ...rest } = context;
    return alertEvent(transition, rest);
  }
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
  const { model, segment, type, retracts, severity, window, grounds } = transition;
  const result = resultOf(transition, context);
  const findings = result === undefined ? [] : (context.findings ?? []);
  const calls = /\.(raised|escalated|recommended)$/.test(type);
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
    ...(transition.silenced ? { silenced: true as const } : {}),
    severitytext: calls ? severity : 'info',
    // OpenTelemetry's scale, as the severity extension has it: INFO, WARN, ERROR.
    severitynumber: !calls ? 9 : severity === 'critical' ? 17 : 13,
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
      ...(grounds === undefined ? {} : { retrain: retrainDocument(grounds, transition) }),
      ...(findings.length === 0 ? {} : { diagnosis: findings.map(findingDocument) }),
      policy: publishedPolicy(context.policy),
    },
  };
  return JSON.stringify(event);
}

function retrainDocument({ triggers, gates }: RetrainGrounds, transition: Transition) {
  return {
    ...{ triggers: [...triggers], gates: [...gates] },
    ...(transition.job === undefined ? {} : { job_key: jobKey(transition, transition.job) }),
  };
}

/** The id of the recommendation that the job was first recommended by. */
function jobKey(transition: Transition, job: Job): string {
  const { retracts: _, ...rest } = transition;
  return transitionId({ ...rest, ...job, type: 'retrain.recommended' });
}

function findingDocument({ kind, evidence }: Finding) {
  return { kind, evidence: evidence.map(({ text }) => text) };
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
