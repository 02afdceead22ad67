// The kinds of settings: each builder makes the schema of one kind, with its default and its meaning in the documentation.
import { z } from 'zod';
import { durationMs, durationPattern, sizeBytes, sizePattern } from './quantity.ts';

/** A parsed duration. `renamed` takes the wrapper off again and puts the unit into the key: `size: {ms}` becomes `sizeMs`. */
export interface Milliseconds<T = number> {
  readonly ms: T;
}

/** A secret that neither JSON.stringify nor a log prints by accident. */
export interface Secret {
  readonly reveal: () => string;
}

/** Wraps a secret's text. */
export function secret(text: string): Secret {
  return { reveal: () => text };
}

const durationMessage = 'expected a duration such as 500ms, 10s, 5m, 24h or 30d';
const sizeMessage = 'expected a size such as 64kB, 1MB or 2GiB';

function durationSchema(minimum: string, maximum: string) {
  const [minimumMs, maximumMs] = [durationMs(minimum), durationMs(maximum)];
  return z
    .string({ error: durationMessage })
    .regex(durationPattern, { error: durationMessage, abort: true })
    .transform(durationMs)
    .refine((ms) => ms >= minimumMs && ms <= maximumMs, {
      error: `expected a duration from ${minimum} to ${maximum}`,
    });
}

/** A duration with a default; the bounds are inclusive. */
export function duration(initial: string, meaning: string, minimum = '1ms', maximum = '3650d') {
  return durationSchema(minimum, maximum)
    .transform((ms): Milliseconds => ({ ms }))
    .prefault(initial)
    .describe(meaning);
}

/** A duration that takes another setting's value while it is null. */
export function inheritedDuration(meaning: string) {
  return durationSchema('1ms', '3650d')
    .nullable()
    .prefault(null)
    .transform((ms): Milliseconds<number | null> => ({ ms }))
    .describe(meaning);
}

/** A list of durations, at most eight. */
export function durations(initial: string[], meaning: string) {
  return z
    .array(durationSchema('1ms', '3650d'))
    .max(8)
    .prefault(initial)
    .transform((ms): Milliseconds<readonly number[]> => ({ ms }))
    .describe(meaning);
}

/** A moment, as ISO-8601 with an offset; required. */
export function instant(meaning: string) {
  const error = 'expected a time such as 2026-03-02T00:00:00Z';
  return z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/, { error, abort: true })
    .refine((text) => !Number.isNaN(Date.parse(text)), { error })
    .transform((text): Milliseconds => ({ ms: Date.parse(text) }))
    .describe(meaning);
}

/** A size in bytes with a default; the bounds are inclusive. */
export function size(initial: string, meaning: string, minimum: string, maximum: string) {
  const [minimumBytes, maximumBytes] = [sizeBytes(minimum), sizeBytes(maximum)];
  return z
    .string({ error: sizeMessage })
    .regex(sizePattern, { error: sizeMessage, abort: true })
    .transform(sizeBytes)
    .refine((bytes) => bytes >= minimumBytes && bytes <= maximumBytes, {
      error: `expected a size from ${minimum} to ${maximum}`,
    })
    .prefault(initial)
    .describe(meaning);
}

/** A whole number; the bounds are inclusive. */
export function count(initial: number, meaning: string, minimum: number, maximum: number) {
  return z.int().min(minimum).max(maximum).default(initial).describe(meaning);
}

/** A switch. */
export function flag(initial: boolean, meaning: string) {
  return z.boolean().default(initial).describe(meaning);
}

/** Text of one closed list, with a default. */
export function choice<const T extends readonly [string, ...string[]]>(
  options: T,
  initial: NoInfer<T[number]>,
  meaning: string,
) {
  return z
    .enum(options)
    .prefault(initial as never)
    .describe(meaning);
}

/** Text that may be absent; absent is null. */
export function optionalText(meaning: string) {
  return z.string().min(1).nullable().default(null).describe(meaning);
}

/** The path of a file, relative to the configuration file that names it; absent is null. */
export function filePath(meaning: string) {
  return optionalText(meaning);
}

/** A secret: taken from the environment alone, so that it is in no file that people copy. Absent is null. */
export function secretText(meaning: string) {
  return z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .transform((text) => (text === null ? null : secret(text)))
    .meta({ description: meaning, writeOnly: true });
}

/** A topic's name, by Kafka's own rule. */
export function topic(initial: string, meaning: string) {
  return z
    .string()
    .regex(/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/, {
      error: 'expected a topic name: 1 to 249 letters, digits, dots, underscores or hyphens',
    })
    .default(initial)
    .describe(meaning);
}

/** An identifier that becomes part of keys and addresses. */
export function identifier(initial: string, meaning: string) {
  return z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,128}$/, {
      error: 'expected 1 to 128 letters, digits, dots, underscores or hyphens',
    })
    .default(initial)
    .describe(meaning);
}
