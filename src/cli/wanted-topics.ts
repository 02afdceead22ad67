// The topics that a configuration needs, as they should be created.
import type { Settings } from '../config/settings.ts';
import type { TopicSpec } from '../io/kafka/topics.ts';

export interface TopicOptions {
  /** Shards: partitions of the predictions and of the labels. Undefined takes what one of them has, or `shardsDefault`. */
  readonly partitions: number | undefined;
  /** Copies of each partition; -1 leaves it to the brokers. */
  readonly replication: number;
}

// Divisible by 2, 3, 4, 6 and 12 processes; a shard is cheap, and the number cannot change without losing co-location.
const shardsDefault = 12;

const weekMs = 7 * 86_400_000;
// One result holds every column of a model: thousands of columns are some megabytes before compression.
const resultBytesMax = 8 * 2 ** 20;

/** The five topics, predictions and labels first. `existing` decides the number of shards where nobody asks for one. */
export function wantedTopics(
  settings: Pick<Settings, 'kafka' | 'windows' | 'retention'>,
  existing: ReadonlyMap<string, TopicSpec>,
  options: TopicOptions,
): readonly TopicSpec[] {
  const { topics } = settings.kafka;
  const found = existing.get(topics.predictions) ?? existing.get(topics.labels);
  const partitions = options.partitions ?? found?.partitions ?? shardsDefault;
  const spec = (topic: string, count: number, retentionMs: number, bytesMax?: number): TopicSpec => ({
    topic,
    partitions: count,
    replication: options.replication,
    config: {
      'cleanup.policy': 'delete',
      'retention.ms': String(retentionMs),
      ...(bytesMax === undefined ? {} : { 'max.message.bytes': String(bytesMax) }),
      // With three copies an acknowledged write then survives the loss of any one broker.
      ...(options.replication >= 3 ? { 'min.insync.replicas': '2' } : {}),
    },
  });
  // Events must still be there when state is lost and windows that can change are read again.
  const inputMs = Math.max(weekMs, 2 * settings.windows.revisionHorizonMs);
  const { resultsMs } = settings.retention;
  return [
    spec(topics.predictions, partitions, inputMs),
    spec(topics.labels, partitions, inputMs),
    spec(topics.results, partitions, resultsMs, resultBytesMax),
    // One partition keeps the alerts of all models in order.
    spec(topics.alerts, 1, resultsMs),
    spec(topics.deadLetters, partitions, weekMs, resultBytesMax),
  ];
}
