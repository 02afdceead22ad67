// The connection to Redis: commands that end in a reply or in a Fault.
import { Cluster, Command, type Redis } from 'ioredis';
import { Fault } from '../../fault.ts';
import type { Log } from '../../ports.ts';
import { type RedisClient, type RedisSettings, redisClient } from './topology.ts';
import { isReply, reasonOf, redisFault } from './trouble.ts';

export type RedisArgument = string | Uint8Array;

/** What one server said. */
export interface ServerReply {
  /** `host:port`. */
  readonly address: string;
  readonly reply: unknown;
}

export interface RedisConnection {
  /** The configured addresses as `host:port`, for messages. */
  readonly address: string;
  /**
   * Sends a command. Bulk replies are Buffers, integers are numbers, nil is null. `name` stands for the command in
   * messages. Throws the Faults of `redisFault`.
   */
  call(command: string, args: readonly RedisArgument[], name?: string): Promise<unknown>;
  /** Sends a command without keys to every primary: one, or those of the cluster. Throws like `call`. */
  callEach(command: string, args: readonly RedisArgument[]): Promise<readonly ServerReply[]>;
  /** Resolves when every primary answers; throws like `call`. */
  ping(): Promise<void>;
  /** Waits for replies on their way, then closes. */
  close(): Promise<void>;
}

/**
 * Connects, and resolves once Redis has answered and has loaded its data.
 * Throws REDIS_UNREACHABLE with the address when it does not within `connectTimeoutMs`, REDIS_REFUSED when it does not take
 * the credentials, REDIS_FAILED for another refusal, CONFIG_INVALID for a URL that is none.
 */
export async function connectRedis(settings: RedisSettings, log: Log): Promise<RedisConnection> {
  let [started, isDown] = [false, false];
  let lastError: Error | undefined;
  const { client, address } = redisClient(settings, () => started);
  client.on('error', (error: Error) => {
    lastError = error;
    if (!started) return;
    // Told once per outage: attempts to restore the connection come several times a second.
    log[isDown ? 'debug' : 'warn']({ address, error }, 'Redis connection failed');
    isDown = true;
  });
  // Not the end: others are asked.
  for (const event of ['sentinelError', 'node error']) {
    client.on(event, (error: Error) => {
      lastError = error;
      log.debug({ address, error }, 'a sentinel or a node of the cluster failed');
    });
  }
  client.on('close', () => {
    if (started && !isDown) log.info({ address }, 'Redis connection lost');
    isDown = true;
  });
  try {
    await within(settings.connectTimeoutMs, client.connect());
  } catch (error) {
    client.disconnect();
    throw startFault(lastError ?? error, address);
  }
  started = true;
  client.on('ready', () => {
    isDown = false;
    log.info({ address }, 'Redis connection restored');
  });
  return connection(client, address, settings.commandTimeoutMs);
}

function startFault(cause: unknown, address: string): Fault {
  if (!isReply(cause)) {
    return new Fault('REDIS_UNREACHABLE', `Redis does not answer at ${address}: ${reasonOf(cause)}`, {
      cause,
    });
  }
  const { code } = redisFault(cause, address, 'connecting');
  return new Fault(code, `Redis at ${address} refused the connection: ${reasonOf(cause)}`, { cause });
}

function connection(client: RedisClient, address: string, commandTimeoutMs: number): RedisConnection {
  const send = async (
    to: RedisClient,
    command: string,
    args: readonly RedisArgument[],
    name: string,
  ): Promise<unknown> => {
    try {
      const prepared = new Command(command, args.map(sendable), { replyEncoding: null });
      // A cluster queues a command for as long as it has no node to send it to, and counts no time there.
      if (to instanceof Cluster)
        return await within(commandTimeoutMs, to.sendCommand(prepared) as Promise<unknown>);
      return await to.sendCommand(prepared);
    } catch (error) {
      throw redisFault(error, address, name);
    }
  };
  const callEach: RedisConnection['callEach'] = async (command, args) => {
    const primaries = client instanceof Cluster ? client.nodes('master') : [client];
    if (primaries.length === 0) throw redisFault(new Error('no primary is known'), address, command);
    return Promise.all(
      primaries.map(async (node) => ({
        address: addressOf(node) ?? address,
        reply: await send(node, command, args, command),
      })),
    );
  };
  return {
    address,
    call: (command, args, name = command) => send(client, command, args, name),
    callEach,
    ping: async () => {
      await callEach('PING', []);
    },
    close: async () => {
      client.removeAllListeners('close');
      // QUIT fails only where the connection is gone already, which is what closing wants.
      if (client.status === 'ready') await client.quit().catch(() => undefined);
      client.disconnect();
    },
  };
}

/** Where a connection leads to now; sentinels may have led it elsewhere than where it was told to go first. */
function addressOf({ stream }: Redis): string | undefined {
  const { remoteAddress, remotePort } = stream ?? {};
  return remoteAddress === undefined ? undefined : `${remoteAddress}:${remotePort}`;
}

/** The client sends Buffers as bytes, and any other array as its decimal numbers between commas. */
function sendable(argument: RedisArgument): string | Buffer {
  if (typeof argument === 'string' || Buffer.isBuffer(argument)) return argument;
  return Buffer.from(argument.buffer, argument.byteOffset, argument.byteLength);
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
