// What `produce` sends with: a Kafka producer for one topic.
import type { Settings } from '../config/settings.ts';
import { Fault } from '../fault.ts';
import { createKafkaProducer } from '../io/kafka/producer.ts';
import { describeTopics } from '../io/kafka/topics.ts';
import { kafkaClient } from './clients.ts';
import { readCredentials } from './credentials.ts';
import { quiet } from './quiet-log.ts';

export interface Sender {
  send(
    messages: readonly { readonly key: string | null; readonly value: Uint8Array | string }[],
  ): Promise<void>;
  close(): Promise<void>;
}

/** Connects; rejects with KAFKA_UNREACHABLE, or TOPIC_MISSING when the topic is not there. */
export async function openSender(settings: Settings, topic: string): Promise<Sender> {
  const { kafka } = await readCredentials(settings);
  const client = kafkaClient(settings.kafka, kafka, quiet);
  const found = await describeTopics(client, [topic]);
  if (!found.has(topic)) {
    throw new Fault('TOPIC_MISSING', `Kafka at ${settings.kafka.brokers.join(', ')} has no topic ${topic}.`);
  }
  const producer = await createKafkaProducer(client, settings.kafka.compression);
  return {
    // What has no key is a reject wherever it goes.
    send: (messages) =>
      producer.sendRecords(
        topic,
        messages.map(({ key, value }) => ({ key: key ?? '', value })),
      ),
    close: () => producer.close(),
  };
}
