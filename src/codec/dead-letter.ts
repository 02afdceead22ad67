// A refused event as the message that the dead-letter topic carries: where it was read and why it was refused.
import { z } from 'zod';
import { type Reject, rejectReasons } from '../profile/event.ts';

const format = 'driftline.dead-letter/1';

/** How much of a payload is kept: with base64's third on top it stays below a broker's default 1 MiB. */
export const payloadBytesMax = 512 * 1024;

/** A path may hold a name that a producer chose. */
const pathLengthMax = 256;

const reasons = Object.keys(rejectReasons) as (keyof typeof rejectReasons)[];

export const deadLetterSchema = z
  .object({
    format: z.literal(format),
    stream: z.enum(['predictions', 'labels']),
    reason: z.enum(reasons),
    meaning: z.string(),
    path: z.string().optional().describe('The field that led to the refusal, where there is one'),
    topic: z.string().describe('Where the event was read: topic, partition and offset'),
    partition: z.int().nonnegative(),
    offset: z.int().nonnegative(),
    payload_bytes: z
      .int()
      .nonnegative()
      .nullable()
      .describe('Size of the original value; null for a tombstone'),
    payload_base64: z.string().optional().describe('The original value, when the configuration asks for it'),
    payload_truncated: z.boolean().optional(),
  })
  .describe('An event that Driftline refused.');

export type DeadLetterDocument = z.infer<typeof deadLetterSchema>;

/** Where an event was read. */
export interface Origin {
  readonly stream: 'predictions' | 'labels';
  readonly topic: string;
  readonly shard: number;
  readonly offset: number;
}

export interface DeadLetter {
  readonly topic: 'dead_letters';
  readonly id: string;
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The message for a refused event. `mode` says whether its bytes go along: they may hold personal data, so `none` is what
 * a configuration starts with. The id is the origin: reading the event again gives the same message.
 */
export function deadLetter(
  origin: Origin,
  reject: Reject,
  payload: Uint8Array | object | null,
  mode: 'none' | 'raw',
): DeadLetter {
  const bytes = payloadBytes(payload);
  const document: DeadLetterDocument = {
    format,
    stream: origin.stream,
    reason: reject.reason,
    meaning: rejectReasons[reject.reason],
    ...(reject.path === undefined ? {} : { path: reject.path.slice(0, pathLengthMax) }),
    topic: origin.topic,
    partition: origin.shard,
    offset: origin.offset,
    payload_bytes: bytes === null ? null : bytes.length,
    ...(mode === 'none' || bytes === null
      ? {}
      : {
          payload_base64: Buffer.from(bytes.subarray(0, payloadBytesMax)).toString('base64'),
          payload_truncated: bytes.length > payloadBytesMax,
        }),
  };
  const id = `${origin.topic}/${origin.shard}/${origin.offset}`;
  return {
    topic: 'dead_letters',
    id,
    key: id,
    value: JSON.stringify(document),
    headers: { 'content-type': 'application/json', reason: reject.reason },
  };
}

function payloadBytes(payload: Uint8Array | object | null): Uint8Array | null {
  if (payload === null) return null;
  if (payload instanceof Uint8Array) return payload;
  // A row of a Parquet file may hold 64-bit integers, which JSON.stringify refuses.
  return Buffer.from(
    JSON.stringify(payload, (_, value) => (typeof value === 'bigint' ? String(value) : value)),
  );
}
