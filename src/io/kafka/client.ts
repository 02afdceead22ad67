// The one connection setting of Kafka: addresses, TLS, SASL, timeouts and retries, and kafkajs' log sent to ours.
import { Kafka, type KafkaConfig, type LogEntry, logLevel, type RetryOptions } from 'kafkajs';
import type { Log } from '../../ports.ts';
import { registerCodecs } from './codecs.ts';
import { replaceFetchDecoder } from './fetch-response.ts';
import { oauthBearer } from './oauth-bearer.ts';

export interface KafkaSettings {
  /** host:port, at least one. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly tls?: KafkaTls;
  readonly sasl?: KafkaSasl;
  /** Bound of one attempt to open a connection. */
  readonly connectionTimeoutMs: number;
  /** Bound of one request that the broker does not hold back on purpose. */
  readonly requestTimeoutMs: number;
}

/** PEM texts; everything left out is Node's default (system authorities, no client certificate). */
export interface KafkaTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly passphrase?: string;
  readonly serverName?: string;
  /** False takes any certificate, and with it anyone in between; true unless told. */
  readonly rejectUnauthorized?: boolean;
}

export type KafkaSasl =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
      readonly username: string;
      readonly password: string;
    }
  /** `token` is called for every connection and again before the session ends. */
  | { readonly mechanism: 'oauthbearer'; readonly token: () => Promise<string> };

/**
 * What the other files need to open consumers, producers and admins. Consumers of one group must not share a client:
 * kafkajs keeps the offsets of a group per client, and a second member would clear those of the first.
 */
export interface KafkaClient {
  readonly kafka: Kafka;
  readonly brokers: readonly string[];
}

/** Waits 0.25, 0.5, 1 and 2 s: long enough for a new leader, short enough that a dead cluster is told within 10 s. */
const retry: RetryOptions = {
  retries: 4,
  initialRetryTime: 250,
  multiplier: 2,
  factor: 0.2,
  maxRetryTime: 5_000,
};

/** A client with every setting written out. Opens no connection. */
export function connectKafka(settings: KafkaSettings, log: Log): KafkaClient {
  registerCodecs();
  replaceFetchDecoder();
  silenceNegativeTimeouts();
  const config: KafkaConfig = {
    brokers: [...settings.brokers],
    clientId: settings.clientId,
    connectionTimeout: settings.connectionTimeoutMs,
    authenticationTimeout: settings.connectionTimeoutMs,
    reauthenticationThreshold: 10_000,
    requestTimeout: settings.requestTimeoutMs,
    enforceRequestTimeout: true,
    retry,
    logLevel: logLevel.INFO,
    logCreator: () => (entry) => forward(entry, log),
    ...(settings.tls === undefined ? {} : { ssl: tlsOptions(settings.tls) }),
    ...(settings.sasl === undefined ? {} : { sasl: saslOptions(settings.sasl) }),
  };
  return { kafka: new Kafka(config), brokers: settings.brokers };
}

function tlsOptions(tls: KafkaTls): NonNullable<KafkaConfig['ssl']> {
  const { serverName, ...pem } = tls;
  return {
    rejectUnauthorized: true,
    ...pem,
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
}

function saslOptions(sasl: KafkaSasl): NonNullable<KafkaConfig['sasl']> {
  if (sasl.mechanism === 'oauthbearer') return oauthBearer(sasl.token);
  const { username, password } = sasl;
  switch (sasl.mechanism) {
    case 'plain':
      return { mechanism: 'plain', username, password };
    case 'scram-sha-256':
      return { mechanism: 'scram-sha-256', username, password };
    case 'scram-sha-512':
      return { mechanism: 'scram-sha-512', username, password };
  }
}

/**
 * What kafkajs calls an error it often retries with success (a rebalance is one), so it is a warning here: an error is
 * what ends a command, and whoever ends it logs the Fault. Its info lines tell of single pauses and joins: debug.
 */
function forward({ namespace, level, log: entry }: LogEntry, log: Log): void {
  const { message, timestamp: _, logger: __, stack: ___, ...fields } = entry;
  const write = level <= logLevel.WARN && !tellsOfRebalance(entry) ? log.warn : log.debug;
  write({ component: 'kafkajs', namespace, ...fields }, message);
}

function tellsOfRebalance(entry: LogEntry['log']): boolean {
  return /rebalanc/i.test(`${entry.message} ${String(entry.error ?? '')}`);
}

let silenced = false;

/**
 * kafkajs 2.2.4 arms a timer with a negative delay after its requests (RequestQueue.scheduleCheckPendingRequests), and
 * Node tells the operator about it once per process. Only that one warning is dropped, recognised by its stack.
 */
function silenceNegativeTimeouts(): void {
  if (silenced) return;
  silenced = true;
  const emitWarning = process.emitWarning;
  process.emitWarning = ((warning: string | Error, ...rest: unknown[]) => {
    const negative = rest[0] === 'TimeoutNegativeWarning';
    if (negative && new Error().stack?.includes('requestQueue')) return;
    Reflect.apply(emitWarning, process, [warning, ...rest]);
  }) as typeof process.emitWarning;
}
