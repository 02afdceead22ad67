// The clients of a live process, made from settings and credentials.
import type { KafkaSettings, Settings } from '../config/settings.ts';
import { systemClock } from '../io/clock.ts';
import { connectKafka, type KafkaClient, type KafkaSasl } from '../io/kafka/client.ts';
import { tokenSource } from '../io/kafka/oauth-token.ts';
import { connectRedis, type RedisConnection } from '../io/redis/client.ts';
import type { KeySpace } from '../io/redis/keys.ts';
import { checkSuitability } from '../io/redis/suitability.ts';
import type { RedisTopology } from '../io/redis/topology.ts';
import type { Log } from '../ports.ts';
import type { Credentials } from './credentials.ts';
import { readText } from './text-file.ts';

/** A Kafka client; it connects when it is first used. */
export function kafkaClient(kafka: KafkaSettings, credentials: Credentials['kafka'], log: Log): KafkaClient {
  const sasl = kafkaSasl(kafka, credentials.password?.reveal() ?? '');
  return connectKafka(
    {
      brokers: kafka.brokers,
      clientId: kafka.clientId,
      connectionTimeoutMs: kafka.connectionTimeoutMs,
      requestTimeoutMs: kafka.requestTimeoutMs,
      ...(credentials.tls === undefined ? {} : { tls: credentials.tls }),
      ...(sasl === undefined ? {} : { sasl }),
    },
    log,
  );
}

/** The configuration is refused where something of it is missing. */
function kafkaSasl(kafka: KafkaSettings, password: string): KafkaSasl | undefined {
  const { mechanism, username, tokenFile, tokenUrl, scope } = kafka.sasl;
  if (mechanism === null) return undefined;
  if (mechanism !== 'oauthbearer') return { mechanism, username: username ?? '', password };
  if (tokenFile !== null) return { mechanism, token: async () => (await readText(tokenFile)).trim() };
  const endpoint = {
    url: tokenUrl ?? '',
    clientId: username ?? '',
    clientSecret: password,
    ...(scope === null ? {} : { scope }),
    timeoutMs: kafka.connectionTimeoutMs,
  };
  return { mechanism, token: tokenSource(endpoint, systemClock.elapsed) };
}

/** Where the keys of a deployment are. */
export function keySpace({ redis, group }: Pick<Settings, 'redis' | 'group'>): KeySpace {
  return { prefix: redis.prefix, group };
}

/**
 * A connection to a Redis that is fit to hold the state; rejects with REDIS_UNSUITABLE where it is not, and with
 * REDIS_UNREACHABLE when it does not answer.
 */
export async function redisConnection(
  redis: Settings['redis'],
  credentials: Credentials['redis'],
  log: Log,
): Promise<RedisConnection> {
  const connection = await connectRedis(
    {
      url: redis.url,
      topology: topologyOf(redis, credentials),
      username: redis.username ?? undefined,
      password: credentials.password?.reveal(),
      tls: credentials.tls,
      connectTimeoutMs: redis.connectionTimeoutMs,
      commandTimeoutMs: redis.commandTimeoutMs,
    },
    log,
  );
  try {
    await checkSuitability(connection, redis.mode);
  } catch (error) {
    await connection.close();
    throw error;
  }
  return connection;
}

function topologyOf(
  { mode, sentinel }: Settings['redis'],
  { sentinelPassword }: Credentials['redis'],
): RedisTopology | undefined {
  if (mode === 'single') return undefined;
  if (mode === 'cluster') return { kind: mode };
  const { primary, username } = sentinel;
  return {
    kind: mode,
    // The configuration is refused without it.
    primary: primary!,
    username: username ?? undefined,
    password: sentinelPassword?.reveal(),
  };
}
