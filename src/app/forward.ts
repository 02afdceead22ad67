// The forwarder and the looks at the alerts topic: Kafka, Redis and the webhook put together.
import { createHash, randomUUID } from 'node:crypto';
import { webhookSecret } from '../codec/webhook.ts';
import type { Settings } from '../config/settings.ts';
import type { Receiver, ReceiverAnswer } from '../delivery.ts';
import { Fault } from '../fault.ts';
import { systemClock } from '../io/clock.ts';
import { createKafkaOutbound } from '../io/kafka/outbound.ts';
import { readTopic } from '../io/kafka/topic-reader.ts';
import { createRedisDeliveries } from '../io/redis/deliveries.ts';
import { webhookReceiver } from '../io/webhook.ts';
import { forward } from '../pipeline/forward.ts';
import type { Log } from '../ports.ts';
import { kafkaClient, keySpace, redisConnection } from './clients.ts';
import { readCredentials, readSecret } from './credentials.ts';

export interface ForwardOptions {
  readonly settings: Settings;
  readonly version: string;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Another consumer group than the monitor's own: it begins with the oldest alert. */
  readonly group?: string | undefined;
}

/**
 * Forwards alerts until the signal aborts. Rejects with CONFIG_INVALID without an address or with an unsound secret, with
 * WEBHOOK_GONE when the receiver wants no more, and with the Faults of Kafka and Redis.
 */
export async function runForward({ settings, version, log, signal, group }: ForwardOptions): Promise<void> {
  const receiver = await receiverOf(settings, version);
  const credentials = await readCredentials(settings);
  const { topics, compression, sessionTimeoutMs } = settings.kafka;
  const client = kafkaClient(settings.kafka, credentials.kafka, log);
  const redis = await redisConnection(settings.redis, credentials.redis, log);
  const names = { results: topics.results, alerts: topics.alerts, dead_letters: topics.deadLetters };
  const outbound = await createKafkaOutbound({ client, compression, topics: names });
  // The address may hold a secret, and keys are read by people.
  const name = createHash('sha256').update(settings.forward.url!).digest('hex').slice(0, 16);
  const space = { ...keySpace(settings), receiver: name };
  const ports = {
    ...{ receiver, outbound, clock: systemClock, log },
    deliveries: createRedisDeliveries(redis, space),
  };
  const groupId = group ?? `${settings.group}-forward`;
  log.info({ topic: topics.alerts, groupId, receiver: receiver.origin }, 'forwarding alerts');
  try {
    await readTopic(
      { client, topic: topics.alerts, groupId, from: 'beginning', sessionTimeoutMs, signal },
      async (value) => {
        const outcome = await forward(value, settings.forward, ports, signal);
        if (outcome === 'gone') {
          throw new Fault(
            'WEBHOOK_GONE',
            `${receiver.origin} answered that it wants no webhook any more (410).`,
          );
        }
        return outcome !== 'stopped';
      },
    );
  } finally {
    await outbound.close();
    await redis.close();
  }
}

/** One event that means nothing to the webhook, and what it answers. Rejects with CONFIG_INVALID like `runForward`. */
export async function testWebhook(settings: Settings, version: string): Promise<ReceiverAnswer> {
  const receiver = await receiverOf(settings, version);
  const id = randomUUID();
  const event = {
    ...{ specversion: '1.0', id, source: settings.alerts.source, type: 'io.driftline.test.v1' },
    ...{ time: new Date(systemClock.now()).toISOString(), datacontenttype: 'application/json' },
    data: { transition: 'test' },
  };
  return receiver.post(id, JSON.stringify(event));
}

/** Calls `see` for every alert, oldest first or as they come, until it says false or the signal aborts. */
export async function tailAlerts(
  settings: Settings,
  log: Log,
  from: 'beginning' | 'end',
  signal: AbortSignal,
  see: (value: string) => boolean,
): Promise<void> {
  const { kafka } = await readCredentials(settings);
  const client = kafkaClient(settings.kafka, kafka, log);
  const { topics, sessionTimeoutMs } = settings.kafka;
  await readTopic(
    { client, topic: topics.alerts, groupId: undefined, from, sessionTimeoutMs, signal },
    async (value) => see(value),
  );
}

async function receiverOf({ forward: settings }: Settings, version: string): Promise<Receiver> {
  if (settings.url === null) {
    throw new Fault(
      'CONFIG_INVALID',
      'forward.url: no address to forward to: set it, or DRIFTLINE__FORWARD__URL.',
    );
  }
  const text = (await readSecret(settings.secret, settings.secretFile))?.reveal() ?? '';
  const secrets = text
    .split(/\s+/)
    .filter((line) => line !== '')
    .map(webhookSecret);
  if (secrets.includes(undefined)) {
    throw new Fault(
      'CONFIG_INVALID',
      'forward.secret_file: expected whsec_ and base64 of 24 to 64 bytes, such as `echo whsec_$(openssl rand -base64 32)` makes.',
    );
  }
  return webhookReceiver({
    url: new URL(settings.url),
    secrets: secrets.filter((secret) => secret !== undefined),
    timeoutMs: settings.timeoutMs,
    allowPrivate: settings.allowPrivate,
    userAgent: `driftline/${version}`,
    now: systemClock.now,
  });
}
