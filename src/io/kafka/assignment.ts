// The shards of this member in the current generation of the group, and the reading position of each that was resumed.
import type { Consumer } from 'kafkajs';
import { Fault } from '../../fault.ts';
import type { Offsets, Stream } from '../../ports.ts';
import type { PartitionsByTopic } from './assigner.ts';
import type { TopicNames } from './offsets.ts';

/**
 * The next offset of one partition to be covered. A new object with every resume: whoever holds an older one knows
 * that its batch belongs to the past.
 */
export interface Cursor {
  readonly stream: Stream;
  readonly shard: number;
  next: number;
}

export interface Assignment {
  /**
   * A new generation: pauses every partition at once, forgets every cursor, and returns the shards. Throws PARTITIONS_CHANGED
   * when the partitions are not the ones that the process was started for.
   */
  replace(partitionsByTopic: PartitionsByTopic): readonly number[];
  /** Seeks and resumes both partitions; false where the shard is not of the current generation. */
  resume(shard: number, offsets: Offsets): boolean;
  /** Reads from the cursor again. */
  rewind(cursor: Cursor): void;
  /** Undefined where the partition has not been resumed in the current generation. */
  cursor(topic: string, partition: number): Cursor | undefined;
  has(shard: number): boolean;
}

/** `shards` is the number of partitions that both topics had when the process was started. */
export function createAssignment(
  consumer: Pick<Consumer, 'pause' | 'resume' | 'seek'>,
  topics: TopicNames,
  shards: number,
): Assignment {
  let assigned: ReadonlySet<number> = new Set();
  let cursors = new Map<string, Cursor>();
  const place = (topic: string, partition: number): string => `${topic}/${partition}`;

  return {
    replace(partitionsByTopic) {
      assigned = new Set();
      cursors = new Map();
      const entries = Object.entries(partitionsByTopic);
      consumer.pause(entries.map(([topic, partitions]) => ({ topic, partitions: [...partitions] })));
      const found = pairedShards(partitionsByTopic, topics, shards);
      assigned = new Set(found);
      return found;
    },
    resume(shard, offsets) {
      if (!assigned.has(shard)) return false;
      for (const stream of ['predictions', 'labels'] as const) {
        const topic = topics[stream];
        consumer.seek({ topic, partition: shard, offset: String(offsets[stream]) });
        cursors.set(place(topic, shard), { stream, shard, next: offsets[stream] });
        consumer.resume([{ topic, partitions: [shard] }]);
      }
      return true;
    },
    rewind({ stream, shard, next }) {
      consumer.seek({ topic: topics[stream], partition: shard, offset: String(next) });
    },
    cursor: (topic, partition) => cursors.get(place(topic, partition)),
    has: (shard) => assigned.has(shard),
  };
}

function pairedShards(partitionsByTopic: PartitionsByTopic, topics: TopicNames, shards: number): number[] {
  const ascending = (topic: string): number[] => [...(partitionsByTopic[topic] ?? [])].sort((a, b) => a - b);
  const predictions = ascending(topics.predictions);
  const labels = ascending(topics.labels);
  const paired = predictions.length === labels.length && predictions.every((shard, i) => shard === labels[i]);
  const known = predictions.every((shard) => shard < shards);
  if (paired && known) return predictions;
  throw new Fault(
    'PARTITIONS_CHANGED',
    `Assigned ${topics.predictions} [${predictions}] and ${topics.labels} [${labels}], but the topics had ${shards} partitions at the start.`,
  );
}

/** Throws PARTITIONS_CHANGED, or TOPICS_NOT_COPARTITIONED, where the topics no longer have the partitions that they had at the start. */
export function checkPartitions(
  found: Readonly<Record<Stream, number>>,
  topics: TopicNames,
  shards: number,
): void {
  const { predictions, labels } = found;
  if (predictions === shards && labels === shards) return;
  if (predictions !== labels) throw notCopartitioned(topics, found);
  throw new Fault(
    'PARTITIONS_CHANGED',
    `Topics ${topics.predictions} and ${topics.labels} now have ${predictions} partitions, and ${shards} when this process was started. ` +
      'Started anew it reads them all, and nothing is lost; but keys have moved: a label whose prediction was read before goes to another shard, and will not find it.',
  );
}

/** The Fault of topics that do not have the same number of partitions, with both numbers. */
export function notCopartitioned(topics: TopicNames, found: Readonly<Record<Stream, number>>): Fault {
  return new Fault(
    'TOPICS_NOT_COPARTITIONED',
    `Topic ${topics.predictions} has ${found.predictions} partitions and ${topics.labels} has ${found.labels}: a prediction and its label must meet in the same one.`,
  );
}
