// A schedule as `cron` writes it, and when it last struck.
import { Cron } from 'croner';

/** When the schedule last struck at or before a time, epoch milliseconds; undefined where it never did. */
export type LastStrike = (time: number) => number | undefined;

/**
 * Reads five fields of `cron` (minute, hour, day, month, day of the week), or six with seconds first, or `@daily` and the
 * like, in the time zone of an IANA name. Throws an Error that says what is not understood.
 */
export function lastStrikeOf(pattern: string, timezone: string): LastStrike {
  const schedule = new Cron(pattern, { timezone, paused: true });
  // Only a question about a time tells whether the zone exists.
  schedule.previousRuns(1, new Date(0));
  // It is asked for what lies before a second; a strike falls on one.
  return (time) => schedule.previousRuns(1, new Date(Math.floor(time / 1000) * 1000 + 1000))[0]?.getTime();
}
