// The events of one simulation: two models, out of order, late, much too late, from the future and unreadable.
import { eventKey } from '../../src/codec/event-key.ts';
import { partitionOf } from '../../src/codec/partitioner.ts';
import type { Stream } from '../../src/ports.ts';
import { normal } from '../drift/random.ts';

export interface SimulatedEvent {
  readonly stream: Stream;
  readonly payload: Uint8Array;
}

/** Event time of the first event; the clock of a simulation starts when the last one has been made. */
export const startTime = Date.UTC(2026, 2, 2, 12);
export const spanMs = 6 * 60_000;

export const modelNames = ['fraud', 'churn'] as const;

/** So many events in the order in which they are sent. */
export function simulatedEvents(count: number, random: () => number): SimulatedEvent[] {
  // Shares near to what just counts as drift: a window of which a part is missing may be judged otherwise than the whole.
  const driftedShares = Array.from({ length: spanMs / 60_000 }, () => 0.6 * random());
  // Every prediction has a model before it is made: labels are sent for some that are still to come.
  const models = Array.from({ length: count }, () => oneOfModels(random));
  return Array.from({ length: count }, (_, i): SimulatedEvent => {
    const time = startTime + Math.floor((i * spanMs) / count);
    const kind = random();
    if (kind < 0.02) return { stream: 'predictions', payload: Buffer.from('not json') };
    const stream = kind < 0.3 ? 'labels' : 'predictions';
    const labelled = labelledIndex(i, count, random);
    const model = models[stream === 'labels' ? labelled : i]!;
    const timestamp = displaced(time, i, random);
    const id = `p${i}`;
    const isDrifted = random() < driftedShares[Math.floor((time - startTime) / 60_000)]!;
    const row =
      stream === 'labels'
        ? { prediction_id: `p${labelled}`, model, label: random() < 0.5 ? 1 : 0, timestamp }
        : {
            ...predictionRow(id, isDrifted, random),
            model,
            timestamp,
          };
    return { stream, payload: Buffer.from(JSON.stringify(row)) };
  });
}

function oneOfModels(random: () => number): string {
  return random() < 0.02 ? 'unknown' : modelNames[Math.floor(random() * modelNames.length)]!;
}

/** Most labels are for one of the last predictions, so that some are labelled twice; a few come before theirs. */
function labelledIndex(index: number, count: number, random: () => number): number {
  const back = random() < 0.15 ? -random() * 30 : random() * 40;
  return Math.min(count - 1, Math.max(0, Math.floor(index - back)));
}

/** Most events come nearly in order, some late. The first ones do, so that lateness means something to every shard. */
function displaced(time: number, index: number, random: () => number): number {
  const kind = random();
  if (kind < 0.75 || index < 30) return time - Math.floor(random() * 4_000);
  if (kind < 0.96) return time - Math.floor(random() * 4 * 60_000);
  return kind < 0.98 ? time - 6 * 3_600_000 : time + 6 * 3_600_000;
}

/** A prediction like those of the baseline, or one that has drifted. */
export function predictionRow(id: string, isDrifted: boolean, random: () => number): object {
  // Few distinct values make small profiles, and a simulation that is quick.
  const amount = (isDrifted ? 900.5 : 100.5) + 10 * Math.round(2 * normal(random));
  return {
    prediction_id: id,
    model_version: String(Math.floor(random() * 4)),
    features: {
      amount: random() < 0.05 ? null : amount,
      country: random() < 0.7 ? 'de' : random() < 0.5 ? 'fr' : `c${Math.floor(random() * 5)}`,
    },
    prediction: random() < 0.3 ? 1 : 0,
  };
}

/** The shard of an event, as `replay` finds it. */
export function shardOf({ payload }: SimulatedEvent, shards: number): number {
  const key = eventKey(payload);
  return key === undefined ? 0 : partitionOf(key, shards);
}
