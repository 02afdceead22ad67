// A replay: event files through the pipeline into stores in memory.

import { systemClock } from '../io/clock.ts';
import type { EventFile } from '../io/files/event-file.ts';
import { createMemoryStores, type MemoryStores } from '../io/memory.ts';
import type { Models } from '../pipeline/model.ts';
import { type EventChunk, type ReplaySummary, replay } from '../pipeline/replay.ts';
import type { RunSettings } from '../pipeline/run.ts';
import type { Log, Meter, Outbound } from '../ports.ts';

export interface ReplayOptions {
  readonly predictions: readonly EventFile[];
  readonly labels: readonly EventFile[];
  readonly models: Models;
  readonly settings: RunSettings;
  readonly shards: number;
  readonly outbound: Outbound;
  readonly meter: Meter;
  readonly log: Log;
  /** Ends the replay early; what was read until then is published. */
  readonly signal: AbortSignal;
  /** Told after every chunk: the part of the input that is done, 0 to 1, and how many events it was. */
  readonly progressed: (part: number, events: number) => void;
}

/** Replays the files as one log that ends, and returns the stores with everything that was found. */
export async function replayFiles(
  options: ReplayOptions,
): Promise<ReplaySummary & { readonly stores: MemoryStores }> {
  const stores = createMemoryStores(systemClock);
  let tokens = 0;
  const summary = await replay(readTogether(options), options.models, options.settings, {
    ...stores,
    outbound: options.outbound,
    clock: systemClock,
    meter: options.meter,
    log: options.log,
    // One process, so a count tells its owners apart, and the replay is the same every time.
    token: () => String(tokens++),
    shardCount: options.shards,
  });
  return { ...summary, stores };
}

/** Chunks of both streams, each in the order of its files: of the one that is less far, so that little waits for the other. */
async function* readTogether({
  predictions,
  labels,
  signal,
  progressed,
}: ReplayOptions): AsyncGenerator<EventChunk> {
  const streams = [
    { files: predictions, chunks: inSequence(predictions, 'predictions') },
    { files: labels, chunks: inSequence(labels, 'labels') },
  ];
  const files = [...predictions, ...labels];
  let events = 0;
  while (streams.length > 0 && !signal.aborted) {
    const stream = streams.reduce((least, other) =>
      progressOf(other.files) < progressOf(least.files) ? other : least,
    );
    const next = await stream.chunks.next();
    if (next.done) {
      streams.splice(streams.indexOf(stream), 1);
      continue;
    }
    yield next.value;
    events += next.value.payloads.length;
    progressed(progressOf(files), events);
  }
}

function progressOf(files: readonly EventFile[]): number {
  return files.reduce((sum, file) => sum + file.progress(), 0) / files.length;
}

async function* inSequence(
  files: readonly EventFile[],
  stream: EventChunk['stream'],
): AsyncGenerator<EventChunk> {
  for (const file of files) {
    for await (const payloads of file.batches()) yield { stream, payloads };
  }
}
