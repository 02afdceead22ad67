// The Outbound over Kafka: results, alerts and dead letters, each with its stable id as a header.
import type { Outbound, OutboundMessage, OutboundTopic } from '../../ports.ts';
import type { KafkaClient } from './client.ts';
import type { CompressionName } from './codecs.ts';
import { createKafkaProducer } from './producer.ts';

export interface KafkaOutboundOptions {
  readonly client: KafkaClient;
  readonly topics: Readonly<Record<OutboundTopic, string>>;
  readonly compression: CompressionName;
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

/** Connects at once, or throws KAFKA_UNREACHABLE; `send` throws the Faults of `KafkaProducer.send`. */
export async function createKafkaOutbound(options: KafkaOutboundOptions): Promise<KafkaOutbound> {
  const producer = await createKafkaProducer(options.client, options.compression);
  return {
    send: (messages) =>
      producer.send(
        messages.map((message) => ({
          topic: options.topics[message.topic],
          key: message.key,
          value: message.value,
          headers: headersOf(message),
        })),
      ),
    close: () => producer.close(),
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
