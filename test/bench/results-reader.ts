// What a subscriber of the results topic sees during a bench: when each result came, and whether any was told in two ways.
import { createHash, randomUUID } from 'node:crypto';
import type { KafkaClient } from '../../src/io/kafka/client.ts';

export interface SeenResult {
  readonly model: string;
  /** Epoch milliseconds. */
  readonly start: number;
  readonly end: number;
  readonly revisions: number;
  readonly rows: number;
  /** When the broker had it, epoch milliseconds. */
  readonly at: number;
}

export interface ResultsReader {
  readonly seen: readonly SeenResult[];
  /** Results that came again with other content under the same revision. */
  contradictions(): number;
  stop(): Promise<void>;
}

/** Reads the topic from its beginning; the topic must stamp records with the broker's time. */
export async function readResults({ kafka }: KafkaClient, topic: string): Promise<ResultsReader> {
  const consumer = kafka.consumer({ groupId: `bench-${randomUUID()}`, maxWaitTimeInMs: 200 });
  const seen: SeenResult[] = [];
  const contents = new Map<string, string>();
  let contradictions = 0;
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ message }) => {
      const document = JSON.parse(message.value!.toString());
      const { model, revision, revisions, rows, window_start_time: start, window_end_time: end } = document;
      const id = `${model} ${start} ${end} ${revision}`;
      const content = createHash('sha256').update(message.value!).digest('base64');
      const known = contents.get(id);
      contents.set(id, content);
      if (known !== undefined && known !== content) contradictions += 1;
      if (known !== undefined) return;
      const at = Number(message.timestamp);
      seen.push({ model, revisions, rows, at, start: Date.parse(start), end: Date.parse(end) });
    },
  });
  await joined;
  return { seen, contradictions: () => contradictions, stop: () => consumer.disconnect() };
}
