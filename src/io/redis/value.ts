// Values as Redis holds them: numbers as decimal text, profiles as a version line and bytes; and replies back as values.
import { Fault } from '../../fault.ts';

/** A reply that must be a list. */
export function list(reply: unknown): readonly unknown[] {
  if (Array.isArray(reply)) return reply;
  throw notUnderstood(reply);
}

/** A reply that must be bytes or text. */
export function text(reply: unknown): string {
  if (Buffer.isBuffer(reply)) return reply.toString();
  if (typeof reply === 'string') return reply;
  throw notUnderstood(reply);
}

/** A reply that may be nil; undefined then. */
export function optionalText(reply: unknown): string | undefined {
  return reply === null ? undefined : text(reply);
}

/** The pairs of a flat list `[name, value, …]`, as HGETALL and WITHSCORES reply. */
export function pairs(reply: unknown): [name: string, value: unknown][] {
  const flat = list(reply);
  return Array.from({ length: flat.length / 2 }, (_, i) => [text(flat[2 * i]), flat[2 * i + 1]]);
}

/** A count, an offset or a time: decimal digits, never a double's notation. Throws BUG for what is no whole number. */
export function encodeInteger(value: number): string {
  if (!Number.isSafeInteger(value)) throw new Fault('BUG', `A whole number is to be stored, not ${value}`);
  return String(value);
}

/** Inverse of `encodeInteger`. Throws STATE_INVALID. */
export function decodeInteger(reply: unknown): number {
  const stored = text(reply);
  const value = Number(stored);
  if (!/^-?\d+$/.test(stored) || !Number.isSafeInteger(value)) throw notUnderstood(stored);
  return value;
}

/** An event time, which may have a fraction; -Infinity, before the first event, is empty. Throws BUG for NaN and Infinity. */
export function encodeEventTime(value: number): string {
  if (value === -Infinity) return '';
  if (!Number.isFinite(value)) throw new Fault('BUG', `An event time is to be stored, not ${value}`);
  return String(value);
}

/** Inverse of `encodeEventTime`; nil, where nothing was ever written, is -Infinity too. Throws STATE_INVALID. */
export function decodeEventTime(reply: unknown): number {
  const stored = optionalText(reply) ?? '';
  if (stored === '') return -Infinity;
  const value = Number(stored);
  if (!Number.isFinite(value)) throw notUnderstood(stored);
  return value;
}

/** `<version in decimal>\n<bytes>`. */
export function packProfile(version: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${encodeInteger(version)}\n`), bytes]);
}

const newline = 0x0a;

/**
 * Inverse of `packProfile`. The bytes are a copy of their own: the reply is a view of a chunk of the socket's stream, which
 * it would keep alive, at an address on which no array of doubles can start. Throws STATE_INVALID.
 */
export function unpackProfile(reply: unknown): { version: number; bytes: Uint8Array } {
  if (!Buffer.isBuffer(reply)) throw notUnderstood(reply);
  const end = reply.indexOf(newline);
  if (end < 0) throw notUnderstood(reply.subarray(0, 20));
  return { version: decodeInteger(reply.subarray(0, end)), bytes: new Uint8Array(reply.subarray(end + 1)) };
}

function notUnderstood(value: unknown): Fault {
  return new Fault(
    'STATE_INVALID',
    `A stored value in Redis cannot be understood: ${JSON.stringify(String(value)).slice(0, 100)}`,
  );
}
