// An incident history as the text that the store keeps beside a model's results.
import { z } from 'zod';
import { decisionTypes, type IncidentHistory, type Job, rules } from '../alert/incident.ts';
import {
  emptyRetrain,
  qualitySources,
  type RetrainPolicy,
  type RetrainState,
  retrainGates,
  retrainTriggers,
} from '../alert/retrain.ts';
import type { LabelCounts, Span, WindowFacts } from '../alert/window-facts.ts';
import { Fault } from '../fault.ts';

const format = 'driftline.incidents/2';

/** Version 1 knew of no facts, no cooldown and no retraining: what it lacks is what says nothing. */
const readableFormats = ['driftline.incidents/1', format] as const;

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
const rows = z.int().nonnegative();
const milliseconds = z.number().nonnegative();
const share = z.number().min(0).max(1);

const grounds = z.object({
  triggers: z.array(z.enum(retrainTriggers)),
  gates: z.array(z.enum(retrainGates)),
});

const decision = z.object({
  type: z.enum(decisionTypes),
  rule,
  incident: span,
  window: span,
  severity,
  joined: names,
  grounds: grounds.exactOptional(),
});

const labels = z.object({ awaited: rows, labelled: rows, largestClass: rows.nullable() });

const facts = z.object({
  broken: z.literal(true).exactOptional(),
  labels: labels.exactOptional(),
  scheduledAt: time.exactOptional(),
  silenced: names.exactOptional(),
});

const retrainPolicy = z.object({
  mode: z.enum(['off', 'dry_run', 'on']),
  driftedFeatures: rows.nullable(),
  importance: share.nullable(),
  weights: z.array(z.tuple([z.string(), z.number().nonnegative()])),
  withinMs: milliseconds,
  quality: z.enum(qualitySources),
  schedule: z.string().nullable(),
  cooldownMs: milliseconds,
  gates: z.object({
    pipelineBreak: z.boolean(),
    labelledRows: rows,
    labelCoverage: share,
    largestClass: share,
  }),
});

/** What a history of version 1 was folded by. */
const noRetrain: RetrainPolicy = {
  mode: 'off',
  driftedFeatures: null,
  importance: null,
  weights: [],
  withinMs: 0,
  quality: 'off',
  schedule: null,
  cooldownMs: 0,
  gates: { pipelineBreak: false, labelledRows: 0, labelCoverage: 0, largestClass: 1 },
};

const retrainState = z.object({
  raised: z.array(z.tuple([z.string(), time])),
  brokenAt: time.nullable(),
  labels: z.array(z.tuple([time, labels])),
  seenTo: time.nullable(),
  episode: z.object({ incident: span, done: z.boolean(), told: z.array(z.enum(retrainGates)) }).nullable(),
  recommendedAt: time.nullable(),
});

const stored = z.object({
  format: z.enum(readableFormats),
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
    cooldownMs: milliseconds.default(0),
    retrain: retrainPolicy.default(mutable(noRetrain)),
    horizonMs: milliseconds,
  }),
  columns: names,
  // Tuples: there is one entry for every window of a day and for every column.
  windows: z.array(z.union([z.tuple([time, time, z.string()]), z.tuple([time, time, z.string(), facts])])),
  base: z.object({
    columns: z.array(z.tuple([z.string(), z.enum(['none', 'warning', 'critical']), z.string()])),
    incidents: z.array(z.object({ rule, incident: span, severity, columns: names })),
    cooling: z.array(z.object({ rule, until: time })).default([]),
    retrain: retrainState.default(mutable(emptyRetrain)),
  }),
  foldedTo: time.nullable(),
  standing: z.array(decision),
  withdrawn: z.array(z.object({ decision: z.string(), end: time, times })),
  jobs: z
    .array(
      z.object({
        decision: z.string().nullable(),
        end: time,
        job: z.object({ incident: span, window: span, occurrence: z.int().nonnegative().max(1e15) }),
      }),
    )
    .default([]),
  sequence: z.int().nonnegative().max(1e15),
});

type Mutable<T> = T extends object ? { -readonly [Key in keyof T]: Mutable<T[Key]> } : T;

/** A copy of the type that the schema infers. */
function mutable<T>(value: T): Mutable<T> {
  return structuredClone(value) as Mutable<T>;
}

/** A history as text: JSON, equal for equal histories, at most about 0.3 KB for a window of 200 columns. */
export function encodeIncidents(history: IncidentHistory): string {
  const { raise, clear, cooldownMs, retrain, horizonMs } = history.policy;
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
      cooldownMs,
      retrain: plainPolicy(retrain),
      horizonMs,
    },
    columns: [...history.columns],
    windows: history.windows.map(({ start, end, votes, facts }) => {
      const plain = plainFacts(facts);
      return Object.keys(plain).length === 0 ? [start, end, votes] : [start, end, votes, plain];
    }),
    base: {
      columns: history.base.columns.map(({ name, severity, recent }) => [name, severity, recent]),
      incidents: history.base.incidents.map(({ rule, incident, severity, columns }) => ({
        rule,
        incident: plainSpan(incident),
        severity,
        columns: [...columns],
      })),
      cooling: history.base.cooling.map(({ rule, until }) => ({ rule, until })),
      retrain: plainState(history.base.retrain),
    },
    foldedTo: history.foldedTo,
    standing: history.standing.map(({ type, rule, incident, window, severity, joined, grounds }) => ({
      type,
      rule,
      incident: plainSpan(incident),
      window: plainSpan(window),
      severity,
      joined: [...joined],
      ...(grounds === undefined
        ? {}
        : { grounds: { triggers: [...grounds.triggers], gates: [...grounds.gates] } }),
    })),
    withdrawn: history.withdrawn.map(({ decision, end, times }) => ({ decision, end, times })),
    jobs: history.jobs.map(({ decision, end, job }) => ({ decision, end, job: plainJob(job) })),
    sequence: history.sequence,
  };
  return JSON.stringify(document);
}

function plainJob({ incident, window, occurrence }: Job) {
  return { incident: plainSpan(incident), window: plainSpan(window), occurrence };
}

function plainLabels({ awaited, labelled, largestClass }: LabelCounts) {
  return { awaited, labelled, largestClass };
}

function plainFacts({ broken, labels, scheduledAt, silenced }: WindowFacts): z.infer<typeof facts> {
  return {
    ...(broken === undefined ? {} : { broken }),
    ...(labels === undefined ? {} : { labels: plainLabels(labels) }),
    ...(scheduledAt === undefined ? {} : { scheduledAt }),
    ...(silenced === undefined ? {} : { silenced: [...silenced] }),
  };
}

function plainPolicy(policy: RetrainPolicy): z.infer<typeof retrainPolicy> {
  const { mode, driftedFeatures, importance, weights, withinMs, quality, schedule, cooldownMs, gates } =
    policy;
  const { pipelineBreak, labelledRows, labelCoverage, largestClass } = gates;
  return {
    ...{
      mode,
      driftedFeatures,
      importance,
      weights: weights.map(([name, weight]) => [name, weight]),
      withinMs,
    },
    ...{ quality, schedule, cooldownMs, gates: { pipelineBreak, labelledRows, labelCoverage, largestClass } },
  };
}

function plainState(state: RetrainState): z.infer<typeof retrainState> {
  const { raised, brokenAt, labels, seenTo, episode, recommendedAt } = state;
  return {
    raised: raised.map(([name, end]) => [name, end]),
    brokenAt,
    labels: labels.map(([end, counts]) => [end, plainLabels(counts)]),
    seenTo,
    episode: episode && {
      incident: plainSpan(episode.incident),
      done: episode.done,
      told: [...episode.told],
    },
    recommendedAt,
  };
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
    windows: windows.map(([start, end, votes, facts = {}]) => ({ start, end, votes, facts })),
    base: {
      ...base,
      columns: base.columns.map(([name, severity, recent]) => ({ name, severity, recent })),
    },
  };
}
