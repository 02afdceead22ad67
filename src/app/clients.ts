// The clients of a live process, made from settings and credentials.
import type { KafkaSettings, Settings } from '../config/settings.ts';
import { connectKafka, type KafkaClient } from '../io/kafka/client.ts';
import { connectRedis, type RedisConnection } from '../io/redis/client.ts';
import { checkSuitability } from '../io/redis/suitability.ts';
import type { RedisTopology } from '../io/redis/topology.ts';
import type { Log } from '../ports.ts';
import type { Credentials } from './credentials.ts';

/** A Kafka client; it connects when it is first used. */
export function kafkaClient(kafka: KafkaSettings, credentials: Credentials['kafka'], log: Log): KafkaClient {
  const { mechanism, username } = kafka.sasl;
  return connectKafka(
    {
      brokers: kafka.brokers,
      clientId: kafka.clientId,
      connectionTimeoutMs: kafka.connectionTimeoutMs,
      requestTimeoutMs: kafka.requestTimeoutMs,
      ...(credentials.tls === undefined ? {} : { tls: credentials.tls }),
      ...(mechanism === null
        ? {}
        : { sasl: { mechanism, username: username ?? '', password: credentials.password?.reveal() ?? '' } }),
    },
    log,
  );
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
