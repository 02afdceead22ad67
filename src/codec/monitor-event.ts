// An event about the monitor itself as a CloudEvents 1.0 event in structured JSON: it stands among the alerts.
import { createHash } from 'node:crypto';
import { z } from 'zod';

const dataschema = 'urn:driftline:schema:monitor-event:1';
const instant = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);

const lossData = z.object({
  stream: z.enum(['predictions', 'labels']),
  topic: z.string(),
  partition: z.int().nonnegative(),
  from: z.int().nonnegative().describe('The first offset that is lost'),
  to: z.int().positive().describe('The first one behind that is not'),
  records: z
    .int()
    .positive()
    .describe('Offsets in between: records, and whatever else the log had counted there'),
});

/** Why the monitor makes no progress, and what that means. */
export const stallReasons = ['reading', 'event_time', 'results', 'store'] as const;

export type StallReason = (typeof stallReasons)[number];

const stallData = z.object({
  reason: z
    .enum(stallReasons)
    .describe(
      'reading: a shard has records to read, and no checkpoint passes them; event_time: windows wait for a shard whose watermark stays where it is; results: a window is due, and its first result is not published; store: Redis takes no commands, and is waited for',
    ),
  since: instant.describe('Since when nothing has moved, wall clock'),
  mark: z.string().describe('Where it stands: offsets, a watermark, or the start of a window'),
});

const envelope = {
  specversion: z.literal('1.0'),
  id: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe('Equal for repeats of the same event'),
  source: z.string(),
  time: instant.describe('When it was noticed, wall clock'),
  datacontenttype: z.literal('application/json'),
  dataschema: z.literal(dataschema),
  partitionkey: z.string(),
  severitytext: z.enum(['info', 'warning', 'critical']),
  severitynumber: z.int(),
};

export const monitorEventSchema = z
  .discriminatedUnion('type', [
    z.object({
      ...envelope,
      type: z.literal('io.driftline.monitor.records_lost.v1'),
      subject: z.string().describe('topic/partition'),
      data: lossData,
    }),
    z.object({
      ...envelope,
      type: z.literal('io.driftline.monitor.stalled.v1'),
      subject: z.string().describe('What does not move: shard/3, model/fraud or redis'),
      data: stallData,
    }),
  ])
  .describe('An event of the alerts topic about the monitor itself: CloudEvents 1.0, structured JSON.');

export type MonitorEvent = z.infer<typeof monitorEventSchema>;

/** Offsets of one partition, [from, to), that the log deleted before they were read. */
export interface Loss {
  readonly stream: 'predictions' | 'labels';
  readonly topic: string;
  readonly shard: number;
  readonly from: number;
  readonly to: number;
}

export interface MonitorMessage {
  readonly topic: 'alerts';
  readonly id: string;
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Something that ought to move and has not since `since`, epoch milliseconds; `mark` tells where it stands. */
export interface StandStill {
  readonly reason: StallReason;
  readonly subject: string;
  readonly mark: string;
  readonly since: number;
}

/** `source` tells which Driftline this is; `now` is epoch milliseconds. The id depends on source, partition and offsets alone. */
export function recordsLostEvent(loss: Loss, source: string, now: number): MonitorMessage {
  const { stream, topic, shard, from, to } = loss;
  const subject = `${topic}/${shard}`;
  const id = sha256(['monitor.records_lost', source, topic, shard, from, to]);
  const data = { stream, topic, partition: shard, from, to, records: to - from };
  return messageOf({
    ...common(id, subject, source, now),
    type: 'io.driftline.monitor.records_lost.v1',
    data,
  });
}

/** The id depends on source, reason, subject and mark: processes that see the same announce the same. */
export function stalledEvent(still: StandStill, source: string, now: number): MonitorMessage {
  const { reason, subject, mark } = still;
  const id = sha256(['monitor.stalled', source, reason, subject, mark]);
  const data = { reason, since: new Date(still.since).toISOString(), mark };
  return messageOf({ ...common(id, subject, source, now), type: 'io.driftline.monitor.stalled.v1', data });
}

function common(id: string, subject: string, source: string, now: number) {
  return {
    specversion: '1.0',
    id,
    source,
    subject,
    time: new Date(now).toISOString(),
    datacontenttype: 'application/json',
    dataschema,
    partitionkey: subject,
    // OpenTelemetry's scale, as the severity extension has it: ERROR.
    severitytext: 'critical',
    severitynumber: 17,
  } as const;
}

function messageOf(event: MonitorEvent): MonitorMessage {
  return {
    topic: 'alerts',
    id: event.id,
    key: event.subject,
    value: JSON.stringify(event),
    headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' },
  };
}

function sha256(parts: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
