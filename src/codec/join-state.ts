// What a shard knows of a model's join beside the entries themselves, as text: written with the shard's checkpoint.
import { z } from 'zod';
import { Fault } from '../fault.ts';
import type { ErrorStream } from '../quality/error-stream.ts';
import { type JoinCounts, joinCountNames } from '../quality/join-counts.ts';
import { decodeErrorStream, encodeErrorStream } from './error-stream.ts';

const format = 'driftline.join/1';
const count = z.int().nonnegative();

const period = z.object({
  number: z.int(),
  /** Numbers of buckets, the ones that take new entries last. */
  counts: z.array(z.int().positive()).min(1),
  entries: count,
  labelled: count,
  /** Wall clock of its last checkpoint, epoch milliseconds. */
  storedAt: z.number(),
});

const stored = z.object({
  format: z.literal(format),
  versions: z.array(z.string()),
  predictions: z.array(period),
  labels: z.array(period),
  counts: z.record(z.enum(joinCountNames), count),
  latest_label: z.int().nullable(),
  errors: z.string(),
});

/** The ids of one period: how many, and over how many buckets they are spread. */
export type PeriodState = z.infer<typeof period>;

export interface JoinState {
  /** In the order in which their first prediction came: entries name them by their place. */
  readonly versions: readonly string[];
  readonly predictions: readonly PeriodState[];
  readonly labels: readonly PeriodState[];
  readonly counts: JoinCounts;
  /** Period of the latest label; -Infinity before the first. */
  readonly latestLabel: number;
  readonly errors: ErrorStream;
}

/** A state as text. */
export function encodeJoinState(state: JoinState): string {
  const { versions, predictions, labels, counts, latestLabel, errors } = state;
  return JSON.stringify({
    ...{ format, versions, predictions, labels, counts },
    latest_label: latestLabel === -Infinity ? null : latestLabel,
    errors: encodeErrorStream(errors),
  });
}

/** Reads what `encodeJoinState` wrote; throws Fault STATE_INVALID for anything else. */
export function decodeJoinState(text: string): JoinState {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw new Fault('STATE_INVALID', 'The stored state of a join is not JSON.', { cause });
  }
  const parsed = stored.safeParse(document);
  if (!parsed.success)
    throw new Fault(
      'STATE_INVALID',
      `The stored state of a join is not ${format}: ${z.prettifyError(parsed.error)}`,
    );
  const { format: _, latest_label, errors, ...state } = parsed.data;
  return { ...state, latestLabel: latest_label ?? -Infinity, errors: decodeErrorStream(errors) };
}
