// How a disturbed run has ended: what is in Redis and in the topics, and what is wrong with it.
import type { KafkaClient } from '../../src/io/kafka/client.ts';
import { idHeader } from '../../src/io/kafka/outbound.ts';
import type { OutboundMessage, OutboundTopic, ResultStore } from '../../src/ports.ts';
import { differences, type Ending, readEnding } from '../simulation/ending.ts';
import { type Deployment, topics } from './deployment.ts';
import { readTopic } from './topic-reader.ts';

/** A message as it lies in its topic. */
export interface SentMessage extends OutboundMessage {
  /** When its producer sent it, epoch milliseconds. */
  readonly at: number;
}

export interface Outcome {
  readonly ending: Ending;
  readonly sent: readonly SentMessage[];
}

/** Reads everything back. */
export async function readOutcome(
  client: KafkaClient,
  results: ResultStore,
  deployment: Deployment,
): Promise<Outcome> {
  const sent: SentMessage[] = [];
  for (const topic of ['results', 'alerts', 'dead_letters'] as const) {
    for await (const message of messagesOf(client, topic)) sent.push(message);
  }
  return { sent, ending: await readEnding(results, sent, deployment) };
}

async function* messagesOf(client: KafkaClient, topic: OutboundTopic): AsyncGenerator<SentMessage> {
  for await (const { messages } of readTopic(client, topics[topic])) {
    for (const { key, value, headers, timestamp } of messages) {
      const id = String(headers?.[idHeader]);
      yield { topic, id, key: String(key), value: String(value), at: Number(timestamp) };
    }
  }
}

interface Rollback {
  readonly from: number;
  readonly to: number;
}

/** Everything that differs from the undisturbed run, and everything that a reader of the topics must never see. */
export function wrongs(
  expected: Ending,
  { ending, sent }: Outcome,
  predictions: number,
  rollbacks: readonly Rollback[],
): string[] {
  // A store that was rolled back does not know which alerts it had sent, so that it cannot retract them.
  const alertsExact = rollbacks.length === 0;
  const rewritten = rewrittenRevisions(sent).filter(({ explained }) => !explained(rollbacks));
  return [
    ...differences(expected, ending, alertsExact),
    ...rewritten.map(({ id }) => `result ${id} was published twice with different content`),
    ...unaccounted(ending, sent, predictions),
  ];
}

interface Rewritten {
  readonly id: string;
  /** Whether Redis went back between the two publications, which makes it count revisions anew. */
  readonly explained: (rollbacks: readonly Rollback[]) => boolean;
}

/** Results that were published under one model, size, start and revision with different content. */
export function rewrittenRevisions(sent: readonly SentMessage[]): readonly Rewritten[] {
  const latest = new Map<string, SentMessage>();
  const found: Rewritten[] = [];
  for (const message of sent.filter(({ topic }) => topic === 'results')) {
    const before = latest.get(message.id);
    latest.set(message.id, message);
    if (before === undefined || before.value === message.value) continue;
    found.push({
      id: message.id,
      explained: (rollbacks) => rollbacks.some(({ from, to }) => before.at <= to && message.at >= from),
    });
  }
  return found;
}

/** Every prediction that lies in the topic is a row of a window or a dead letter, counted without the pipeline's help. */
function unaccounted(ending: Ending, sent: readonly SentMessage[], predictions: number): string[] {
  const refused = new Set(
    sent
      .filter(({ topic, id }) => topic === 'dead_letters' && id.startsWith(`${topics.predictions}/`))
      .map(({ id }) => id),
  );
  const counted = ending.rows + refused.size;
  if (counted === predictions) return [];
  return [`${predictions} predictions were sent, ${ending.rows} counted and ${refused.size} refused`];
}
