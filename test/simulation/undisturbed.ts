// The run that nothing disturbs: a replay of the same events on the same settings.
import { createMemoryStores } from '../../src/io/memory.ts';
import { replay } from '../../src/pipeline/replay.ts';
import type { RunSettings } from '../../src/pipeline/run.ts';
import type { OutboundMessage } from '../../src/ports.ts';
import { createHandClock } from '../pipeline/hand-clock.ts';
import { silentLog, silentMeter } from '../pipeline/sample-models.ts';
import { type Ending, readEnding } from './ending.ts';
import { type SimulatedEvent, spanMs, startTime } from './events.ts';
import { models, shardCount, sizes } from './setting.ts';

/** Replays the events and says how that ends. */
export async function undisturbed(events: readonly SimulatedEvent[], settings: RunSettings): Promise<Ending> {
  const clock = createHandClock(startTime + spanMs);
  const stores = createMemoryStores(clock);
  const sent: OutboundMessage[] = [];
  let tokens = 0;
  await replay(chunks(events), models, settings, {
    ...{ ...stores, clock, log: silentLog, meter: silentMeter, shardCount },
    outbound: { send: async (messages) => void sent.push(...messages) },
    token: () => String(tokens++),
  });
  return readEnding(stores.results, sent, { models, sizes });
}

async function* chunks(events: readonly SimulatedEvent[]) {
  for (const stream of ['predictions', 'labels'] as const) {
    const payloads = events.filter((event) => event.stream === stream).map(({ payload }) => payload);
    yield { stream, payloads };
  }
}
