// The live story: read, save on every tick, evaluate what is due, until the signal says stop.
import type { StallReason } from '../codec/monitor-event.ts';
import type { Clock } from '../ports.ts';
import { newEvaluator } from './due.ts';
import { evaluateDue } from './evaluate.ts';
import type { Models } from './model.ts';
import type { EvaluatePorts } from './round.ts';
import type { EvaluationSettings, IngestSettings } from './settings.ts';
import { createStallWatch, type Outstanding } from './stall.ts';
import { createWorker, type WorkerPorts } from './worker.ts';

export interface RunPorts extends WorkerPorts, EvaluatePorts {
  /** Since when the store takes no commands and is waited for, epoch milliseconds; undefined while it does. */
  readonly storeWaits?: () => number | undefined;
  /** Told after every look of why nothing moves, where something does not. */
  readonly stalled?: (reasons: ReadonlySet<StallReason>) => void;
}

export interface RunSettings {
  readonly ingest: IngestSettings;
  readonly evaluation: EvaluationSettings;
  /** What makes no progress for so long is announced, monotonic milliseconds. */
  readonly stalledAfterMs: number;
}

/** Looks for what stands still in the time after which that is announced. */
const looksPerStall = 8;

/**
 * Runs one worker until `signal` aborts: then what is in memory is saved, the group is left, and the promise resolves.
 * Rejects with the first fault of the source, a claim, a checkpoint or an evaluation.
 */
export async function run(
  models: Models,
  settings: RunSettings,
  ports: RunPorts,
  signal: AbortSignal,
): Promise<void> {
  const { clock } = ports;
  const ending = new AbortController();
  const evaluationAlarm = createAlarm(clock, ending.signal);
  const worker = createWorker(models, settings.ingest, ports, evaluationAlarm.ring);
  const evaluator = newEvaluator();
  const reading = ports.source.run(worker.handlers).finally(() => ending.abort());
  // The source is stopped whether or not the last save succeeds: it would go on reading for nobody.
  const stopping = aborted(AbortSignal.any([signal, ending.signal])).then(() => {
    ending.abort();
    return worker.finish().finally(() => ports.source.stop());
  });
  const saving = repeat(settings.ingest.checkpoint.intervalMs, createAlarm(clock, ending.signal), () =>
    worker.tick(),
  );
  const evaluating = repeat(settings.evaluation.intervalMs, evaluationAlarm, () =>
    evaluateDue(evaluator, models, settings.evaluation, ports, {
      whenIdle: clock.now() - settings.evaluation.windows.idleAfterMs,
      final: false,
      owned: worker.owned(),
      until: ending.signal,
    }),
  );
  const stallWatch = createStallWatch(settings.stalledAfterMs, settings.evaluation.source, ports);
  const watching = repeat(
    settings.stalledAfterMs / looksPerStall,
    createAlarm(clock, ending.signal),
    async () => {
      const outstanding = [...worker.outstanding(), ...evaluator.outstanding, ...waitingStore(ports)];
      ports.stalled?.(await stallWatch.look(outstanding));
    },
  );
  const parts = [reading, stopping, saving, evaluating, watching];
  try {
    await Promise.race([Promise.all(parts), worker.failed]);
  } finally {
    ending.abort();
    await Promise.allSettled(parts);
  }
}

function waitingStore({ storeWaits }: RunPorts): readonly Outstanding[] {
  const since = storeWaits?.();
  return since === undefined ? [] : [{ reason: 'store', subject: 'redis', mark: String(since) }];
}

/** Wakes a loop before its time. */
interface Alarm {
  /** Ends the sleep, or makes the next one end at once. */
  ring(): void;
  /** False when it is time to end. */
  sleep(ms: number): Promise<boolean>;
}

function createAlarm(clock: Clock, until: AbortSignal): Alarm {
  let rung = new AbortController();
  // A reason of its own: the usual one takes a picture of the stack every time.
  const ring = (): void => rung.abort('rung');
  until.addEventListener('abort', ring, { once: true });
  return {
    ring,
    async sleep(ms) {
      if (until.aborted) return false;
      await clock.sleep(ms, rung.signal);
      rung = new AbortController();
      return !until.aborted;
    },
  };
}

async function repeat(everyMs: number, alarm: Alarm, step: () => Promise<unknown>): Promise<void> {
  while (await alarm.sleep(everyMs)) await step();
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
