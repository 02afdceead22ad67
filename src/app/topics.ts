// Topics of the configured cluster, for the commands that plan and create them.
import type { Settings } from '../config/settings.ts';
import { createTopics, describeTopics, planTopics, type TopicSpec } from '../io/kafka/topics.ts';
import { kafkaClient } from './clients.ts';
import { readCredentials } from './credentials.ts';
import { quiet } from './quiet-log.ts';

async function clientOf(settings: Settings) {
  const { kafka } = await readCredentials(settings);
  return kafkaClient(settings.kafka, kafka, quiet);
}

/** Looks up, plans and creates topics; rejects with KAFKA_UNREACHABLE and the addresses. */
export const topicAccess = {
  describe: async (settings: Settings, names: readonly string[]) =>
    describeTopics(await clientOf(settings), names),
  plan: planTopics,
  create: async (settings: Settings, specs: readonly TopicSpec[]) =>
    createTopics(await clientOf(settings), specs),
};
