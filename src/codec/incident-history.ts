// An incident history as the text that the store keeps beside a model's results.
import { z } from 'zod';
import { type IncidentHistory, rules, type Span } from '../alert/incident.ts';
import { Fault } from '../fault.ts';

const format = 'driftline.incidents/1';

/** Milliseconds that a date can have (ECMAScript, "Time Values and Time Range"): a transition is told with its times. */
const time = z.int().min(-8.64e15).max(8.64e15);
/** As many as the configuration allows. */
const windowCount = z.int().positive().max(1000);
/** Far beyond what any deployment lives to count, and far enough from where adding one no longer counts. */
const times = z.int().positive().max(1e15);
const span = z.object({ start: time, end: time });
const rule = z.enum(rules);
const severity = z.enum(['warning', 'critical']);
const names = z.array(z.string());

const decision = z.object({
  type: z.enum(['drift.raised', 'drift.escalated', 'drift.cleared']),
  rule,
  incident: span,
  window: span,
  severity,
  joined: names,
});

const stored = z.object({
  format: z.literal(format),
  model: z.string(),
  segment: z.string(),
  policy: z.object({
    raise: z.object({
      windows: windowCount,
      of: windowCount,
      // Null is "never": JSON has no infinity.
      atOnce: z.number().positive().nullable(),
    }),
    clear: z.object({ below: z.number(), windows: windowCount }),
    horizonMs: z.number().nonnegative(),
  }),
  columns: names,
  // Tuples: there is one entry for every window of a day and for every column.
  windows: z.array(z.tuple([time, time, z.string()])),
  base: z.object({
    columns: z.array(z.tuple([z.string(), z.enum(['none', 'warning', 'critical']), z.string()])),
    incidents: z.array(z.object({ rule, incident: span, severity, columns: names })),
  }),
  foldedTo: time.nullable(),
  standing: z.array(decision),
  withdrawn: z.array(z.object({ decision: z.string(), end: time, times })),
  sequence: z.int().nonnegative().max(1e15),
});

/** A history as text: JSON, equal for equal histories, at most about 0.3 KB for a window of 200 columns. */
export function encodeIncidents(history: IncidentHistory): string {
  const { raise, clear, horizonMs } = history.policy;
  const document: z.infer<typeof stored> = {
    format,
    model: history.model,
    segment: history.segment,
    policy: {
      raise: {
        windows: raise.windows,
        of: raise.of,
        atOnce: Number.isFinite(raise.atOnce) ? raise.atOnce : null,
      },
      clear: { below: clear.below, windows: clear.windows },
      horizonMs,
    },
    columns: [...history.columns],
    windows: history.windows.map(({ start, end, votes }) => [start, end, votes]),
    base: {
      columns: history.base.columns.map(({ name, severity, recent }) => [name, severity, recent]),
      incidents: history.base.incidents.map(({ rule, incident, severity, columns }) => ({
        rule,
        incident: plainSpan(incident),
        severity,
        columns: [...columns],
      })),
    },
    foldedTo: history.foldedTo,
    standing: history.standing.map(({ type, rule, incident, window, severity, joined }) => ({
      type,
      rule,
      incident: plainSpan(incident),
      window: plainSpan(window),
      severity,
      joined: [...joined],
    })),
    withdrawn: history.withdrawn.map(({ decision, end, times }) => ({ decision, end, times })),
    sequence: history.sequence,
  };
  return JSON.stringify(document);
}

/** Only the two fields, in this order: equal spans are equal text. */
function plainSpan({ start, end }: Span): Span {
  return { start, end };
}

/** Reads what `encodeIncidents` wrote; throws Fault STATE_INVALID for anything else. */
export function decodeIncidents(text: string): IncidentHistory {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw new Fault('STATE_INVALID', 'A stored incident history is not JSON.', { cause });
  }
  const parsed = stored.safeParse(document);
  if (!parsed.success)
    throw new Fault(
      'STATE_INVALID',
      `A stored incident history is not a ${format}: ${z.prettifyError(parsed.error)}`,
    );
  const { format: _, policy, windows, base, ...rest } = parsed.data;
  return {
    ...rest,
    policy: { ...policy, raise: { ...policy.raise, atOnce: policy.raise.atOnce ?? Infinity } },
    windows: windows.map(([start, end, votes]) => ({ start, end, votes })),
    base: {
      columns: base.columns.map(([name, severity, recent]) => ({ name, severity, recent })),
      incidents: base.incidents,
    },
  };
}
