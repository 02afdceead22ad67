// The client for one Redis server, for the primary that sentinels name, or for a cluster: every option written out.
import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';
import { parseAddress, type RedisAddress } from './address.ts';

export interface RedisSettings {
  /** `redis://host:port/db`, or `rediss://` for TLS; several hosts, with commas, for a cluster or for sentinels. */
  readonly url: string;
  /** Undefined is one server. */
  readonly topology?: RedisTopology | undefined;
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

/** How several servers are one store: the hosts of the URL are nodes of a cluster, or sentinels that know the primary. */
export type RedisTopology =
  | { readonly kind: 'cluster' }
  | {
      readonly kind: 'sentinel';
      /** What the sentinels call the primary and its replicas. */
      readonly primary: string;
      /** Of the sentinels themselves. */
      readonly username?: string | undefined;
      readonly password?: string | undefined;
    };

export interface RedisTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

export type RedisClient = Redis | Cluster;

const reconnectMs = { first: 50, most: 2_000 };
const [serverPort, sentinelPort] = [6379, 26_379];

/**
 * A client that is not connected yet. The first connection is tried once, so that a wrong address is told at once; after
 * `hasStarted` it is restored for ever. Throws CONFIG_INVALID for a URL that is none.
 */
export function redisClient(
  settings: RedisSettings,
  hasStarted: () => boolean,
): { readonly client: RedisClient; readonly address: string } {
  const delayMs = (attempt: number): number | null =>
    hasStarted() ? Math.min(reconnectMs.first * 2 ** (attempt - 1), reconnectMs.most) : null;
  const { url, topology } = settings;
  const address = parseAddress(url, topology?.kind === 'sentinel' ? sentinelPort : serverPort);
  const { text } = address;
  const options = serverOptions(settings, address);
  if (topology === undefined) {
    return { client: new Redis({ ...options, ...address.hosts[0]!, retryStrategy: delayMs }), address: text };
  }
  if (topology.kind === 'cluster') {
    return { client: new Cluster([...address.hosts], clusterOptions(options, delayMs)), address: text };
  }
  const sentinel = sentinelOptions(topology, address, options, delayMs);
  return { client: new Redis({ ...options, ...sentinel, retryStrategy: delayMs }), address: text };
}

/** What shapes the connection to any server. */
function serverOptions(settings: RedisSettings, address: RedisAddress) {
  const username = settings.username ?? address.username;
  const password = settings.password ?? address.password;
  return {
    db: address.db,
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
    ...(address.encrypted ? { tls: { ...settings.tls } } : {}),
    lazyConnect: true,
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
    // A primary that became a replica refuses writes: name or sentinels may lead to the new one by now. The refusal is told,
    // so that whoever sent the command can wait before it tries again.
    reconnectOnError: (error: Error) => (error.message.startsWith('READONLY') ? 1 : false),
    connectionName: 'driftline',
    // CLIENT SETINFO is unknown to Redis 7.0 and not granted by the documented ACL.
    disableClientInfo: true,
  } satisfies RedisOptions;
}

function sentinelOptions(
  { primary, username, password }: Extract<RedisTopology, { kind: 'sentinel' }>,
  { hosts }: RedisAddress,
  { tls, commandTimeout }: RedisOptions,
  delayMs: (attempt: number) => number | null,
) {
  return {
    sentinels: [...hosts],
    name: primary,
    role: 'master',
    ...(username === undefined ? {} : { sentinelUsername: username }),
    ...(password === undefined ? {} : { sentinelPassword: password }),
    ...(tls === undefined ? {} : { sentinelTLS: tls, enableTLSForSentinelMode: true }),
    sentinelCommandTimeout: commandTimeout!,
    sentinelRetryStrategy: delayMs,
    sentinelReconnectStrategy: (attempt) => delayMs(attempt) ?? reconnectMs.most,
    updateSentinels: true,
    // Told of a failover, the client need not wait for the old primary to refuse or to fall silent.
    failoverDetector: true,
  } satisfies RedisOptions;
}

function clusterOptions(
  { db: _, ...redisOptions }: ReturnType<typeof serverOptions>,
  delayMs: (attempt: number) => number | null,
) {
  return {
    redisOptions,
    lazyConnect: true,
    clusterRetryStrategy: delayMs,
    enableOfflineQueue: true,
    enableReadyCheck: true,
    // Replicas lag behind: everything is read where it was written.
    scaleReads: 'master',
    maxRedirections: 16,
    retryDelayOnFailover: 100,
    retryDelayOnClusterDown: 100,
    retryDelayOnTryAgain: 100,
    retryDelayOnMoved: 0,
    slotsRefreshTimeout: redisOptions.connectTimeout,
    slotsRefreshInterval: 5_000,
  } satisfies ClusterOptions;
}
