// A moment on the command line.
import { InvalidArgumentError } from 'commander';
import { parseTimestamp } from '../codec/timestamp.ts';

/** Epoch milliseconds of an option's ISO-8601 or epoch milliseconds; throws what commander reports as a wrong argument. */
export function timeOption(text: string): number {
  const time = parseTimestamp(text);
  if (Number.isNaN(time)) throw new InvalidArgumentError('It is neither ISO-8601 nor epoch milliseconds.');
  return time;
}
