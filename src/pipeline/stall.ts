// What makes no progress although it should: looked for now and then, announced once, counted, and shown until it is over.
import { type MonitorMessage, type StallReason, stalledEvent, stallReasons } from '../codec/monitor-event.ts';
import type { Clock, Log, Meter, Outbound } from '../ports.ts';

/** Something that ought to move: as long as it is told with the same mark, it has not. */
export interface Outstanding {
  readonly reason: StallReason;
  /** What it is, such as "shard 3". */
  readonly subject: string;
  /** Changes with every step that is made. */
  readonly mark: string;
}

/** Something outstanding, and since when it has stood where it is. */
interface Standing extends Outstanding {
  /** Monotonic milliseconds. */
  readonly since: number;
  /** Wall clock of the same moment, epoch milliseconds. */
  readonly sinceTime: number;
  readonly isAnnounced: boolean;
}

export interface StallPorts {
  readonly outbound: Outbound;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly log: Log;
}

export interface StallWatch {
  /**
   * Compares what is outstanding now with the last look. What has stood for longer than `afterMs` is a stall: the reasons of
   * all that last. Rejects when one cannot be announced; the next look announces it again, under the same id.
   */
  look(outstanding: readonly Outstanding[]): Promise<ReadonlySet<StallReason>>;
}

/** A watch that has seen nothing yet; `source` is the CloudEvents `source` of what it announces. */
export function createStallWatch(afterMs: number, source: string, ports: StallPorts): StallWatch {
  const { clock, meter, log, outbound } = ports;
  let standing: ReadonlyMap<string, Standing> = new Map();
  for (const reason of stallReasons) meter.gauge('driftline_stalled', { reason }, 0);

  function show(stalls: readonly Standing[]): ReadonlySet<StallReason> {
    const reasons = new Set(stalls.map(({ reason }) => reason));
    for (const reason of stallReasons)
      meter.gauge('driftline_stalled', { reason }, reasons.has(reason) ? 1 : 0);
    return reasons;
  }

  return {
    async look(outstanding) {
      const [elapsed, now] = [clock.elapsed(), clock.now()];
      const before = standing;
      standing = new Map(
        outstanding.map((one) => {
          const id = `${one.reason} ${one.subject}`;
          const known = before.get(id);
          const fresh = { ...one, since: elapsed, sinceTime: now, isAnnounced: false };
          return [id, known?.mark === one.mark ? known : fresh];
        }),
      );
      const stalls = [...standing].filter(([, { since }]) => elapsed - since >= afterMs);
      const news = stalls.filter(([, { isAnnounced }]) => !isAnnounced);
      const messages = news.map(([, stall]) => announcementOf(stall, source, now));
      const reasons = show(stalls.map(([, stall]) => stall));
      for (const [, { reason, subject, sinceTime }] of news) {
        const since = new Date(sinceTime).toISOString();
        log.error({ reason, subject, since }, 'the monitor makes no progress here');
      }
      if (messages.length > 0) await outbound.send(messages);
      for (const [id, stall] of news) {
        meter.count('driftline_stalls_total', { reason: stall.reason }, 1);
        standing = new Map(standing).set(id, { ...stall, isAnnounced: true });
      }
      return reasons;
    },
  };
}

function announcementOf(
  { reason, subject, mark, sinceTime }: Standing,
  source: string,
  now: number,
): MonitorMessage {
  return stalledEvent({ reason, subject, mark, since: sinceTime }, source, now);
}
