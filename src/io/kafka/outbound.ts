// The Outbound over Kafka: results, alerts and dead letters, each with its stable id as a header.
import { shortened } from '../../codec/shortened.ts';
import type { Outbound, OutboundMessage, OutboundTopic } from '../../ports.ts';
import type { KafkaClient } from './client.ts';
import type { CompressionName } from './codecs.ts';
import { createKafkaProducer, type TopicRecord } from './producer.ts';

export interface KafkaOutboundOptions {
  readonly client: KafkaClient;
  readonly topics: Readonly<Record<OutboundTopic, string>>;
  readonly compression: CompressionName;
  /** Called when a topic has found a message too large, before less of it is sent. */
  readonly onShortened?: (message: OutboundMessage) => void;
}

export interface KafkaOutbound extends Outbound {
  close(): Promise<void>;
}

/** The header by which a subscriber recognises a message that came before. */
export const idHeader = 'driftline-id';

/** CloudEvents in structured mode announce themselves so (Kafka protocol binding for CloudEvents 1.0.2, section 3.3). */
const contentTypes: Readonly<Partial<Record<OutboundTopic, string>>> = {
  alerts: 'application/cloudevents+json',
};

/**
 * Connects at once, or throws KAFKA_UNREACHABLE. `send` throws the Faults of `KafkaProducer.send`; a message that is too large
 * for its topic is shortened as far as it takes.
 */
export async function createKafkaOutbound(options: KafkaOutboundOptions): Promise<KafkaOutbound> {
  const producer = await createKafkaProducer(options.client, options.compression);
  return {
    send: (messages) => producer.send(messages.map((message) => recordOf(message, options))),
    close: () => producer.close(),
  };
}

function recordOf(message: OutboundMessage, options: KafkaOutboundOptions): TopicRecord {
  return {
    topic: options.topics[message.topic],
    key: message.key,
    value: message.value,
    headers: headersOf(message),
    shorter: () => {
      const value = shortened(message.topic, message.value);
      if (value === undefined) return undefined;
      options.onShortened?.(message);
      return recordOf({ ...message, value }, options);
    },
  };
}

function headersOf({ id, topic, headers }: OutboundMessage): Readonly<Record<string, string>> {
  const contentType = contentTypes[topic];
  return {
    ...(contentType === undefined ? {} : { 'content-type': contentType }),
    ...headers,
    [idHeader]: id,
  };
}
