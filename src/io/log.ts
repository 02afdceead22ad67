// Log lines as JSON, one object per line, by pino.
import { type DestinationStream, pino, stdTimeFunctions } from 'pino';
import { Fault } from '../fault.ts';
import type { Log } from '../ports.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/**
 * A Log that writes JSON lines to a stream (process.stderr, a pino destination, or anything with `write`). An Error in
 * the field `error` is written with its type, code, message, stack and causes.
 */
export function jsonLog(stream: DestinationStream, level: LogLevel): Log {
  const logger = pino(
    {
      level,
      // Host and process id belong to what runs the process; the level is written by name because people read it.
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: describeError },
    },
    stream,
  );
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  };
}

/** How deep a chain of causes is followed: deeper ones say nothing new, and a chain may be a circle. */
const causesMax = 5;

function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return error;
  return {
    type: error.name,
    ...(error instanceof Fault ? { code: error.code, domain: error.domain, retry: error.retry } : {}),
    message: error.message,
    stack: error.stack,
    ...(error.cause === undefined || depth >= causesMax
      ? {}
      : { cause: describeError(error.cause, depth + 1) }),
  };
}
