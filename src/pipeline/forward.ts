// The story of forwarding: each alert that is wanted goes to the receiver until it is taken, once, or to the dead letters.
import { undeliveredMessage } from '../codec/undelivered.ts';
import { type Notice, noticeOf } from '../codec/webhook.ts';
import type { Deliveries, Receiver, ReceiverAnswer } from '../delivery.ts';
import type { Clock, Log, Outbound } from '../ports.ts';

export interface ForwardSettings {
  /** Transitions that are forwarded. */
  readonly types: readonly string[];
  /** Waits between the attempts: there is one attempt more. */
  readonly retriesMs: readonly number[];
  /** How long it is remembered what was delivered. */
  readonly rememberMs: number;
}

export interface ForwardPorts {
  readonly deliveries: Deliveries;
  readonly receiver: Receiver;
  readonly outbound: Outbound;
  readonly clock: Clock;
  readonly log: Log;
}

/** `stopped`: the signal came first; it is to be forwarded again. `gone`: the receiver wants nothing more. */
export type Forwarded = 'unwanted' | 'known' | 'delivered' | 'undelivered' | 'stopped' | 'gone';

/** A receiver may ask for a pause, but not for the rest of the day. */
const longestPauseMs = 3_600_000;

/**
 * Forwards one value of the alerts topic. What was delivered is remembered by its id after the receiver took it: a crash in
 * between sends it again under the same id, which the receiver recognises.
 */
export async function forward(
  value: string,
  settings: ForwardSettings,
  ports: ForwardPorts,
  signal: AbortSignal,
): Promise<Forwarded> {
  const notice = noticeOf(value);
  if (notice === undefined || notice.isSilenced || !settings.types.includes(notice.transition)) {
    return 'unwanted';
  }
  const { deliveries, receiver, clock, log } = ports;
  const delays = [...settings.retriesMs];
  for (let attempt = 1; ; attempt++) {
    // Asked every time: another process may have been given the partition in the meantime.
    if (await deliveries.isDelivered(notice.id)) return 'known';
    // Not cut off by the signal: the receiver may have taken it, and nobody would know.
    const answer = await receiver.post(notice.id, notice.body);
    const { id, transition } = notice;
    log.info({ id, transition, attempt, outcome: answer.kind, reason: answer.reason }, 'webhook');
    if (answer.kind === 'accepted') return delivered(notice, settings, ports);
    if (answer.kind === 'gone') return 'gone';
    const delay = answer.kind === 'refused' ? undefined : delays.shift();
    if (delay === undefined) {
      if (signal.aborted) return 'stopped';
      return undelivered(notice, attempt, answer, settings, ports);
    }
    await clock.sleep(Math.max(delay, Math.min(answer.retryAfterMs ?? 0, longestPauseMs)), signal);
    if (signal.aborted) return 'stopped';
  }
}

async function delivered(
  { id }: Notice,
  { rememberMs }: ForwardSettings,
  { deliveries }: ForwardPorts,
): Promise<Forwarded> {
  await deliveries.remember(id, rememberMs);
  return 'delivered';
}

/** Remembered too: the dead letter is what is left to act on, and reading the topic again must not start it all anew. */
async function undelivered(
  { id, body }: Notice,
  attempts: number,
  answer: ReceiverAnswer,
  { rememberMs }: ForwardSettings,
  { deliveries, outbound, receiver, log }: ForwardPorts,
): Promise<Forwarded> {
  const letter = { id, receiver: receiver.origin, attempts, reason: answer.reason, event: body };
  await outbound.send([undeliveredMessage(letter)]);
  await deliveries.remember(id, rememberMs);
  log.error(
    { id, attempts, reason: answer.reason },
    'an alert could not be delivered: it is among the dead letters',
  );
  return 'undelivered';
}
