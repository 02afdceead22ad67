// The clients of a live process, made from settings and credentials.
import type { KafkaSettings, Settings } from '../config/settings.ts';
import { connectKafka, type KafkaClient } from '../io/kafka/client.ts';
import { connectRedis, type RedisConnection } from '../io/redis/client.ts';
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

/** A connection to Redis; rejects with REDIS_UNREACHABLE when it does not answer. */
export function redisConnection(
  redis: Settings['redis'],
  credentials: Credentials['redis'],
  log: Log,
): Promise<RedisConnection> {
  return connectRedis(
    {
      url: redis.url,
      username: redis.username ?? undefined,
      password: credentials.password?.reveal(),
      tls: credentials.tls,
      connectTimeoutMs: redis.connectionTimeoutMs,
      commandTimeoutMs: redis.commandTimeoutMs,
    },
    log,
  );
}
