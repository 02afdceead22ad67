// The one table of error codes: who is to blame for each, and whether trying again can help.

/** Whose error it is: the data, the configuration, something outside the process, or Driftline itself. */
export type FaultDomain = 'data' | 'config' | 'external' | 'bug';

/** Whether the same call may succeed later without a person changing something. */
export type FaultRetry = 'never' | 'backoff';

interface FaultKind {
  readonly domain: FaultDomain;
  readonly retry: FaultRetry;
  readonly meaning: string;
}

export const faults = {
  CONFIG_INVALID: {
    domain: 'config',
    retry: 'never',
    meaning: 'The configuration has errors; each is listed with file, line and path.',
  },
  CONFIG_UNREADABLE: {
    domain: 'config',
    retry: 'never',
    meaning: 'A configuration or secret file cannot be read.',
  },
  USAGE: {
    domain: 'config',
    retry: 'never',
    meaning: 'The command line is not understood, or its options contradict each other.',
  },
  INPUT_MISSING: {
    domain: 'config',
    retry: 'never',
    meaning: 'An input file does not exist or cannot be opened.',
  },
  INPUT_UNSUPPORTED: {
    domain: 'config',
    retry: 'never',
    meaning: 'The format or the columns of an input file are not understood.',
  },
  OUTPUT_UNWRITABLE: {
    domain: 'config',
    retry: 'never',
    meaning: 'A file or folder that a command is to write cannot be written.',
  },
  BASELINE_INVALID: {
    domain: 'data',
    retry: 'never',
    meaning: 'A baseline document is damaged, of an unknown version, or does not match its content hash.',
  },
  PROFILE_INVALID: {
    domain: 'data',
    retry: 'never',
    meaning: 'Stored profile bytes are damaged or of an unknown version.',
  },
  STATE_INVALID: {
    domain: 'data',
    retry: 'never',
    meaning: 'Stored state (meta, incidents, results) cannot be understood.',
  },
  TOPIC_MISSING: {
    domain: 'config',
    retry: 'never',
    meaning: 'A topic named in the configuration does not exist.',
  },
  TOPICS_NOT_COPARTITIONED: {
    domain: 'config',
    retry: 'never',
    meaning: 'The predictions and labels topics have different numbers of partitions.',
  },
  PARTITIONS_CHANGED: {
    domain: 'external',
    retry: 'backoff',
    meaning:
      'The topics got another number of partitions; the process exits so that its supervisor starts it again, with all of them.',
  },
  KAFKA_UNREACHABLE: {
    domain: 'external',
    retry: 'backoff',
    meaning: 'No broker answers at the configured addresses.',
  },
  KAFKA_FAILED: {
    domain: 'external',
    retry: 'backoff',
    meaning: 'The Kafka client gave up; the process exits so that its supervisor starts it again.',
  },
  KAFKA_REFUSED: {
    domain: 'config',
    retry: 'never',
    meaning: 'A broker refused the credentials, or the rights of this client are too few.',
  },
  KAFKA_UNTRUSTED: {
    domain: 'config',
    retry: 'never',
    meaning:
      'The certificate of a broker is not to be trusted: of another authority, for another host name, or expired.',
  },
  TOKEN_UNAVAILABLE: {
    domain: 'external',
    retry: 'backoff',
    meaning: 'The server that gives tokens for Kafka does not answer, or not with a token.',
  },
  LOG_TRUNCATED: {
    domain: 'external',
    retry: 'never',
    meaning:
      'A partition ends before an offset that was counted already: the topic was created anew, or lost its tail.',
  },
  MESSAGE_TOO_LARGE: {
    domain: 'config',
    retry: 'never',
    meaning: 'A message is larger than its topic accepts.',
  },
  REDIS_UNREACHABLE: {
    domain: 'external',
    retry: 'backoff',
    meaning: 'Redis does not answer at the configured address.',
  },
  REDIS_UNAVAILABLE: {
    domain: 'external',
    retry: 'backoff',
    meaning:
      'Redis answers "not now": out of memory, read-only, loading, unable to persist, too few replicas, a cluster without a majority. A running worker waits and tries again.',
  },
  REDIS_REFUSED: {
    domain: 'config',
    retry: 'never',
    meaning: 'Redis refused the credentials, or the rights of this user are too few.',
  },
  REDIS_UNSUITABLE: {
    domain: 'config',
    retry: 'never',
    meaning:
      'Redis may evict state, is too old, is a replica, or is not what `redis.mode` says; the message says which, and what to change.',
  },
  REDIS_FAILED: {
    domain: 'external',
    retry: 'never',
    meaning: 'Redis failed a command for a reason that does not pass by itself.',
  },
  STATE_LOST: {
    domain: 'external',
    retry: 'never',
    meaning: 'The store has no state for a shard although Kafka has commits of this group: it was emptied.',
  },
  STATE_EXISTS: {
    domain: 'config',
    retry: 'never',
    meaning: 'State is to be rebuilt, but none is lost.',
  },
  WEBHOOK_GONE: {
    domain: 'external',
    retry: 'never',
    meaning: 'The receiver of the webhooks answered 410: it wants no more of them.',
  },
  HTTP_UNAVAILABLE: {
    domain: 'external',
    retry: 'never',
    meaning: 'The HTTP server cannot listen on the configured address.',
  },
  BUG: {
    domain: 'bug',
    retry: 'never',
    meaning: 'An invariant of Driftline itself does not hold; please report it.',
  },
} as const satisfies Record<string, FaultKind>;

export type FaultCode = keyof typeof faults;

/**
 * An error with a code of the table. Expected trouble in data is a value, never a Fault: a Fault ends a command
 * or a process.
 */
export class Fault extends Error {
  readonly code: FaultCode;

  constructor(code: FaultCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Fault';
    this.code = code;
  }

  get domain(): FaultDomain {
    return faults[this.code].domain;
  }

  get retry(): FaultRetry {
    return faults[this.code].retry;
  }
}
