// The connection to Redis: settings written out, commands that end in a reply or in a Fault.
import { Command, Redis, type RedisOptions } from 'ioredis';
import { Fault } from '../../fault.ts';
import type { Log } from '../../ports.ts';

export interface RedisSettings {
  /** `redis://host:port/db`, or `rediss://` for TLS. */
  readonly url: string;
  /** These win over user and password in the URL. */
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** PEM texts and checks of a `rediss://` connection; undefined trusts the system's authorities. */
  readonly tls?: RedisTls | undefined;
  /** How long the first connection may take, answers of the server included. */
  readonly connectTimeoutMs: number;
  /** How long a command may take, reconnections included: a restart of Redis shorter than this goes unnoticed. */
  readonly commandTimeoutMs: number;
}

export interface RedisTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

export type RedisArgument = string | Uint8Array;

export interface RedisConnection {
  /** `host:port`, for messages. */
  readonly address: string;
  /**
   * Sends a command. Bulk replies are Buffers, integers are numbers, nil is null. `name` stands for the command in
   * messages. Throws REDIS_FAILED with command and reason, or REDIS_UNREACHABLE while there is no connection.
   */
  call(command: string, args: readonly RedisArgument[], name?: string): Promise<unknown>;
  /** Resolves when Redis answers; throws like `call`. */
  ping(): Promise<void>;
  /** Waits for replies on their way, then closes. */
  close(): Promise<void>;
}

const reconnectMs = { first: 50, most: 2_000 };

/**
 * Connects, and resolves once Redis has answered and has loaded its data.
 * Throws REDIS_UNREACHABLE with the address when it does not within `connectTimeoutMs`, REDIS_FAILED when it answers with
 * a refusal (a wrong password), CONFIG_INVALID for a URL that is none.
 */
export async function connectRedis(settings: RedisSettings, log: Log): Promise<RedisConnection> {
  const url = parseUrl(settings.url);
  const address = `${url.hostname}:${url.port || '6379'}`;
  let started = false;
  let lastError: Error | undefined;
  // The first connection is tried once, so that a wrong address is told at once; later ones for ever.
  const delayMs = (attempt: number): number | null =>
    started ? Math.min(reconnectMs.first * 2 ** (attempt - 1), reconnectMs.most) : null;
  const client = new Redis(clientOptions(settings, url, delayMs));
  client.on('error', (error: Error) => {
    lastError = error;
    if (started) log.warn({ address, error }, 'Redis connection failed');
  });
  client.on('reconnecting', (waitMs: number) => log.info({ address, waitMs }, 'Redis connection lost'));
  try {
    await within(settings.connectTimeoutMs, client.connect());
  } catch (error) {
    client.disconnect();
    const cause = lastError ?? error;
    if (isRefusal(cause)) {
      const message = `Redis at ${address} refused the connection: ${reason(cause)}`;
      throw new Fault('REDIS_FAILED', message, { cause });
    }
    throw new Fault('REDIS_UNREACHABLE', `Redis does not answer at ${address}: ${reason(cause)}`, { cause });
  }
  started = true;
  client.on('ready', () => log.info({ address }, 'Redis connection restored'));
  return connection(client, address);
}

function connection(client: Redis, address: string): RedisConnection {
  const call: RedisConnection['call'] = async (command, args, name = command) => {
    try {
      return await client.sendCommand(new Command(command, args.map(sendable), { replyEncoding: null }));
    } catch (cause) {
      const message = `Redis at ${address} failed ${name}: ${reason(cause)}`;
      throw new Fault(client.status === 'ready' ? 'REDIS_FAILED' : 'REDIS_UNREACHABLE', message, { cause });
    }
  };
  return {
    address,
    call,
    ping: async () => {
      await call('PING', []);
    },
    close: async () => {
      // QUIT fails only where the connection is gone already, which is what closing wants.
      if (client.status === 'ready') await client.quit().catch(() => undefined);
      client.disconnect();
    },
  };
}

/** The client sends Buffers as bytes, and any other array as its decimal numbers between commas. */
function sendable(argument: RedisArgument): string | Buffer {
  if (typeof argument === 'string' || Buffer.isBuffer(argument)) return argument;
  return Buffer.from(argument.buffer, argument.byteOffset, argument.byteLength);
}

/** Everything that shapes the connection, so that no default of the client is taken silently. */
function clientOptions(settings: RedisSettings, url: URL, retryStrategy: (attempt: number) => number | null) {
  const username = settings.username ?? decodeURIComponent(url.username);
  const password = settings.password ?? decodeURIComponent(url.password);
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || 6379),
    db: Number(url.pathname.slice(1) || 0),
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
    ...(url.protocol === 'rediss:' ? { tls: { ...settings.tls } } : {}),
    lazyConnect: true,
    retryStrategy,
    connectTimeout: settings.connectTimeoutMs,
    commandTimeout: settings.commandTimeoutMs,
    keepAlive: 30_000,
    noDelay: true,
    // RESP3 would bring doubles and maps, of which nothing here has use.
    protocol: 2,
    // Commands wait for the connection and are sent again after it was lost, until `commandTimeout`. Each is safe to
    // repeat or to come late: a write compares token and offsets, head or version, or removes what is named.
    enableOfflineQueue: true,
    autoResendUnfulfilledCommands: true,
    maxRetriesPerRequest: null,
    enableReadyCheck: true,
    maxLoadingRetryTime: 1_000,
    // A primary that became a replica refuses writes: the name may lead to the new primary by now.
    reconnectOnError: (error: Error) => (error.message.startsWith('READONLY') ? 2 : false),
    connectionName: 'driftline',
    // CLIENT SETINFO is unknown to Redis 7.0 and not granted by the documented ACL.
    disableClientInfo: true,
  } satisfies RedisOptions;
}

function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url !== null && /^rediss?:$/.test(url.protocol) && url.hostname !== '' && /^\/?\d*$/.test(url.pathname))
    return url;
  throw new Fault('CONFIG_INVALID', 'The address of Redis must have the form redis://host:port/database');
}

/** An error that Redis sent, as opposed to one of the network. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError';
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Node reports a name with several addresses as an aggregate without a message of its own.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(reason).join(', ');
  return error.message;
}

async function within<Value>(ms: number, promise: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
