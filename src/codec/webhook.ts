// A message as a webhook after the Standard Webhooks specification: what is signed, and with what.
// https://github.com/standard-webhooks/standard-webhooks: spec/standard-webhooks.md.
import { createHmac } from 'node:crypto';
import type { AlertEvent } from './alert-schema.ts';
import { shortened } from './shortened.ts';

/** What the specification recommends as the most that a receiver has to take. */
export const webhookBytesMax = 20 * 1024;

const prefix = 'whsec_';
const [secretBytesMin, secretBytesMax] = [24, 64];

/** The bytes of a secret as it is written: `whsec_` and base64 of 24 to 64 bytes; undefined for anything else. */
export function webhookSecret(text: string): Uint8Array | undefined {
  const encoded = text.startsWith(prefix) ? text.slice(prefix.length) : text;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  const isSound = bytes.length >= secretBytesMin && bytes.length <= secretBytesMax;
  return isSound && bytes.toString('base64').replace(/=+$/, '') === encoded.replace(/=+$/, '')
    ? bytes
    : undefined;
}

/**
 * The headers of one attempt; `now` is epoch milliseconds. It is signed with every secret, so that a receiver accepts it before,
 * while and after the secret is changed.
 */
export function webhookHeaders(
  id: string,
  now: number,
  body: string,
  secrets: readonly Uint8Array[],
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(now / 1000));
  const signatures = secrets.map((secret) =>
    createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64'),
  );
  return {
    'content-type': 'application/cloudevents+json; charset=utf-8',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    ...(signatures.length === 0
      ? {}
      : { 'webhook-signature': signatures.map((signature) => `v1,${signature}`).join(' ') }),
  };
}

/** What of an alert a forwarder decides by. */
export interface Notice {
  /** Equal for whatever must be acted on once: the job of a recommendation, else the event. */
  readonly id: string;
  /** Such as `retrain.recommended`. */
  readonly transition: string;
  readonly isSilenced: boolean;
  /** The event, as long as a receiver has to take. */
  readonly body: string;
}

/** Reads a value of the alerts topic; undefined for what is no alert: an event about the monitor, or a stranger's. */
export function noticeOf(value: string): Notice | undefined {
  let event: Partial<AlertEvent>;
  try {
    event = JSON.parse(value);
  } catch {
    return undefined;
  }
  const { id, data, silenced } = event ?? {};
  const transition = data?.transition;
  if (typeof id !== 'string' || typeof transition !== 'string') return undefined;
  let body = value;
  while (Buffer.byteLength(body) > webhookBytesMax) {
    const shorter = shortened('alerts', body);
    if (shorter === undefined) break;
    body = shorter;
  }
  const job = transition === 'retrain.recommended' ? data?.retrain?.job_key : undefined;
  return { id: job ?? id, transition, isSilenced: silenced === true, body };
}
