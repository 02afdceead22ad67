// Sends the events of a run at a steady rate, through everything that happens to the broker.
import { setTimeout as sleep } from 'node:timers/promises';
import { createKafkaProducer, type KafkaProducer } from '../../src/io/kafka/producer.ts';
import { newClient } from '../integration/kafka-rig.ts';
import { topics } from './deployment.ts';
import type { ChaosEvent, EventSource } from './events.ts';

const tickMs = 50;

/** Where the faults take longer than they should, because the machine is slow, it need not do as much work besides. */
const overtimeShare = 0.25;

/**
 * Sends events until the signal aborts, at the rate for as long as the run should last. A request whose answer is lost is sent again, so that the topics may hold events
 * twice: what lies in them is what happened. After a time without a broker it catches up at twice the rate.
 */
export async function produce(
  address: string,
  source: EventSource,
  rate: number,
  spanMs: number,
  until: AbortSignal,
): Promise<void> {
  const sender = createSender(address);
  const startedAt = performance.now();
  const atOnceMax = Math.ceil((2 * rate * tickMs) / 1000);
  try {
    while (!until.aborted) {
      const elapsedMs = performance.now() - startedAt;
      const workMs = Math.min(elapsedMs, spanMs) + overtimeShare * Math.max(0, elapsedMs - spanMs);
      const due = Math.floor((workMs / 1000) * rate) - source.made();
      if (due > 0) await sender.send(source.next(Math.min(due, atOnceMax)), until);
      await sleep(tickMs);
    }
  } finally {
    await sender.close();
  }
}

interface Sender {
  send(events: readonly ChaosEvent[], until: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

function createSender(address: string): Sender {
  let producer: KafkaProducer | undefined;
  const close = async (): Promise<void> => {
    const closing = producer;
    producer = undefined;
    await closing?.close();
  };
  return {
    close,
    async send(events, until) {
      const records = events.map(({ stream, key, value }) => ({ topic: topics[stream], key, value }));
      while (!until.aborted) {
        try {
          producer ??= await createKafkaProducer(newClient([address]), 'none');
          return await producer.send(records);
        } catch {
          // No broker now. A new producer does not wait for connections that were lost.
          await close();
          await sleep(500);
        }
      }
    },
  };
}
