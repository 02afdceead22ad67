// A connection that waits while Redis says "not now" or nothing at all, so that whoever works with it slows down and goes on.
import { Fault } from '../../fault.ts';
import type { Clock, Log, Meter } from '../../ports.ts';
import type { RedisConnection } from './client.ts';
import { troubleOf } from './trouble.ts';

export interface PatienceOptions {
  readonly clock: Clock;
  readonly meter: Meter;
  readonly log: Log;
  /** Aborts when there is no time left to wait: commands then fail as they would without patience. */
  readonly signal: AbortSignal;
}

export interface PatientConnection extends RedisConnection {
  /** Since when commands have been waiting for Redis, epoch milliseconds; undefined while none waits. */
  waitsSince(): number | undefined;
}

const waitMs = { first: 100, most: 5_000 };
/** Reminded of so often, nobody overlooks the trouble and no log is full of it. */
const remindEveryMs = 30_000;

/** The trouble that commands are waiting out at this moment. */
interface Trouble {
  readonly since: number;
  /** Wall clock of the same moment, epoch milliseconds. */
  readonly sinceTime: number;
  waiting: number;
  loggedAt: number;
}

/**
 * A connection whose `call` tries again for as long as the Fault of the table says "backoff": out of memory, read-only,
 * loading, unreachable and the like. Every command is safe to repeat (see topology.ts). Nothing is queued here: a caller
 * waits for its answer, and what feeds the caller waits with it.
 */
export function patient(connection: RedisConnection, options: PatienceOptions): PatientConnection {
  const { clock, meter, log, signal } = options;
  const { address } = connection;
  let trouble: Trouble | undefined;
  meter.gauge('driftline_redis_available', {}, 1);

  function begin(): Trouble {
    trouble ??= { since: clock.elapsed(), sinceTime: clock.now(), waiting: 0, loggedAt: -Infinity };
    trouble.waiting += 1;
    meter.gauge('driftline_redis_available', {}, 0);
    return trouble;
  }

  function end(ended: Trouble): void {
    ended.waiting -= 1;
    if (ended.waiting > 0) return;
    trouble = undefined;
    meter.gauge('driftline_redis_available', {}, 1);
    const seconds = (clock.elapsed() - ended.since) / 1000;
    if (!signal.aborted) log.info({ address, seconds }, 'Redis takes commands again');
  }

  function tell(current: Trouble, fault: Fault): void {
    meter.count('driftline_redis_retries_total', { reason: troubleOf(fault) }, 1);
    if (clock.elapsed() - current.loggedAt < remindEveryMs) return;
    current.loggedAt = clock.elapsed();
    log.warn(
      { address, code: fault.code, error: fault },
      'Redis cannot be written or read now; waiting for it',
    );
  }

  const call: RedisConnection['call'] = async (command, args, name) => {
    let own: Trouble | undefined;
    try {
      for (let attempt = 0; ; attempt++) {
        try {
          return await connection.call(command, args, name);
        } catch (error) {
          if (!(error instanceof Fault) || error.retry !== 'backoff' || signal.aborted) throw error;
          own ??= begin();
          tell(own, error);
          await clock.sleep(jittered(Math.min(waitMs.first * 2 ** attempt, waitMs.most)), signal);
        }
      }
    } finally {
      if (own !== undefined) end(own);
    }
  };
  return { ...connection, call, waitsSince: () => trouble?.sinceTime };
}

/** Workers that met the trouble at the same moment do not come back at the same moment. */
function jittered(ms: number): number {
  return ms * (0.5 + Math.random() / 2);
}
