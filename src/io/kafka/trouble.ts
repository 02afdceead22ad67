// What kafkajs' errors mean to us: which Fault they are, how long to try, and when to give up.
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault, type FaultCode } from '../../fault.ts';
import type { Clock } from '../../ports.ts';
import { systemClock } from '../clock.ts';
import type { KafkaClient } from './client.ts';

/** kafkajs' own bounds add up to more where addresses swallow packets; an operator waits this long at most. */
const reachWithinMs = 9_000;
/** Leaving a group and closing sockets can hang on a dead broker; the group then waits for the session's end instead. */
const closeWithinMs = 5_000;

const codesByName: Readonly<Record<string, FaultCode>> = {
  KafkaJSConnectionError: 'KAFKA_UNREACHABLE',
  KafkaJSConnectionClosedError: 'KAFKA_UNREACHABLE',
  KafkaJSBrokerNotFound: 'KAFKA_UNREACHABLE',
  KafkaJSNoBrokerAvailableError: 'KAFKA_UNREACHABLE',
  KafkaJSRequestTimeoutError: 'KAFKA_UNREACHABLE',
  KafkaJSSASLAuthenticationError: 'KAFKA_REFUSED',
};

const codesByType: Readonly<Record<string, FaultCode>> = {
  TOPIC_AUTHORIZATION_FAILED: 'KAFKA_REFUSED',
  GROUP_AUTHORIZATION_FAILED: 'KAFKA_REFUSED',
  CLUSTER_AUTHORIZATION_FAILED: 'KAFKA_REFUSED',
  SASL_AUTHENTICATION_FAILED: 'KAFKA_REFUSED',
  UNSUPPORTED_SASL_MECHANISM: 'KAFKA_REFUSED',
  UNKNOWN_TOPIC_OR_PARTITION: 'TOPIC_MISSING',
  MESSAGE_TOO_LARGE: 'MESSAGE_TOO_LARGE',
  RECORD_LIST_TOO_LARGE: 'MESSAGE_TOO_LARGE',
};

/**
 * The Fault of an error of kafkajs. `doing` says what failed, such as "reading the topics a, b"; a Fault
 * among the causes is returned as it is.
 */
export function kafkaFault(error: unknown, doing: string, client: KafkaClient): Fault {
  const causes = causesOf(error);
  const fault = causes.find((cause) => cause instanceof Fault);
  if (fault !== undefined) return fault;
  const code = causes.map(codeOf).find((found) => found !== undefined) ?? 'KAFKA_FAILED';
  const detail = causes.at(-1)?.message ?? String(error);
  const where =
    code === 'TOPIC_MISSING' || code === 'MESSAGE_TOO_LARGE' ? '' : ` at ${client.brokers.join(', ')}`;
  const hint = causes.map(hintOf).find((found) => found !== undefined) ?? '';
  return new Fault(code, `Kafka${where}: ${doing} failed: ${detail}${hint}`, { cause: error });
}

function hintOf(error: Error): string | undefined {
  if (error.name === 'KafkaJSConnectionClosedError') {
    return ' (a broker does so, without a word, where TLS or SASL settings do not fit the port)';
  }
  // kafkajs asks every broker, and keeps their reasons to itself.
  if (error.name === 'KafkaJSGroupCoordinatorNotFound') {
    return ' (no broker is up to it, or this user may not read in the group)';
  }
  // A broker closes a connection that begins with what it cannot read.
  if (/before secure TLS connection/.test(error.message)) return ' (the port does not seem to speak TLS)';
  return codeOfCertificate(socketCode(error)) === 'KAFKA_REFUSED'
    ? ' (the broker wants a certificate of this client, and one that it trusts)'
    : undefined;
}

function codeOf(error: Error): FaultCode | undefined {
  return codesByType[typeOf(error)] ?? codeOfCertificate(socketCode(error)) ?? codesByName[error.name];
}

/** Kafka's own name of an error; empty for others. */
function typeOf(error: Error): string {
  return 'type' in error && typeof error.type === 'string' ? error.type : '';
}

/** Node tells by these codes that it does not trust a server, and OpenSSL that a server does not trust this client. */
function codeOfCertificate(code: string): FaultCode | undefined {
  if (/^(CERT_|ERR_TLS_CERT|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_)/.test(code)) return 'KAFKA_UNTRUSTED';
  return /^ERR_SSL_.*ALERT/.test(code) ? 'KAFKA_REFUSED' : undefined;
}

function socketCode(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Whether a broker says that it has no such topic, or has not heard of it yet. */
export function isUnknownTopic(error: unknown): boolean {
  return causesOf(error).some((cause) => codeOf(cause) === 'TOPIC_MISSING');
}

/** The error and what it was caused by, outermost first: kafkajs wraps up to three times, and collects some in a list. */
function causesOf(error: unknown): Error[] {
  const causes: Error[] = [];
  for (let cause = error; cause instanceof Error && causes.length < 5; ) {
    causes.push(cause);
    cause = 'errors' in cause && Array.isArray(cause.errors) ? cause.errors[0] : cause.cause;
  }
  return causes;
}

interface Connection {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
}

/** Connects, or throws KAFKA_UNREACHABLE (KAFKA_REFUSED for credentials) within ten seconds. */
export async function reach(client: KafkaClient, connection: Connection): Promise<void> {
  try {
    await within(reachWithinMs, connection.connect());
  } catch (error) {
    // Not waited for: kafkajs disconnects only when the requests under way are answered or timed out.
    void close(connection);
    if (error instanceof Late) {
      throw new Fault(
        'KAFKA_UNREACHABLE',
        `Kafka at ${client.brokers.join(', ')}: no answer in ${reachWithinMs / 1000} s`,
      );
    }
    throw kafkaFault(error, 'connecting', client);
  }
}

/**
 * Disconnects, and waits a bounded time for it. What goes wrong is of no use to anybody: sockets end with the
 * process, and a member that could not say goodbye is missed by its group when the session ends.
 */
export async function close(connection: Pick<Connection, 'disconnect'>): Promise<void> {
  await settle(connection.disconnect());
}

/** Waits until the work is over, well or badly, but not longer than a person waits for a process to end. */
export async function settle(work: Promise<unknown>): Promise<void> {
  await within(closeWithinMs, work).catch(() => undefined);
}

class Late extends Error {}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const over = new AbortController();
  const late = sleep(ms, undefined, { signal: over.signal }).then(() => {
    throw new Late();
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    over.abort();
  }
}

const pauseMs = { first: 250, last: 2_000 };
/** As long as a fresh broker on a slow machine may take to read what its groups have committed. */
const loadingMs = 60_000;

/**
 * Asks again where kafkajs' admin gives up at once: for some seconds while a leader or coordinator is moving, which is when a
 * claim asks, and for as long as it takes while a coordinator says that it is loading.
 */
export async function patiently<T>(
  ask: () => Promise<T>,
  clock: Pick<Clock, 'elapsed' | 'sleep'> = systemClock,
): Promise<T> {
  const startedAt = clock.elapsed();
  for (let waitMs = pauseMs.first; ; waitMs *= 2) {
    try {
      return await ask();
    } catch (error) {
      const isLoading = causesOf(error).some((cause) => typeOf(cause) === 'GROUP_LOAD_IN_PROGRESS');
      const isOver = isLoading ? clock.elapsed() - startedAt >= loadingMs : waitMs > pauseMs.last;
      if (isOver || !passes(error)) throw error;
      await clock.sleep(Math.min(waitMs, pauseMs.last));
    }
  }
}

/**
 * Whether trying again may help, as far as kafkajs knows, and nothing is known of the error that speaks against it. A broker that
 * is not among those known is the leader of a partition that has none yet, as partitions just added: kafkajs asks for it anew.
 */
export function passes(error: unknown): boolean {
  return causesOf(error).some((cause) => {
    if (cause.name === 'KafkaJSBrokerNotFound') return true;
    return 'type' in cause && 'retriable' in cause && cause.retriable === true && codeOf(cause) === undefined;
  });
}
