// The live story: read, save on every tick, evaluate what is due, until the signal says stop.
import type { Clock } from '../ports.ts';
import { newEvaluator } from './due.ts';
import { evaluateDue } from './evaluate.ts';
import type { Models } from './model.ts';
import type { EvaluatePorts } from './round.ts';
import type { EvaluationSettings, IngestSettings } from './settings.ts';
import { createWorker, type WorkerPorts } from './worker.ts';

export type RunPorts = WorkerPorts & EvaluatePorts;

export interface RunSettings {
  readonly ingest: IngestSettings;
  readonly evaluation: EvaluationSettings;
}

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
  const parts = [reading, stopping, saving, evaluating];
  try {
    await Promise.race([Promise.all(parts), worker.failed]);
  } finally {
    ending.abort();
    await Promise.allSettled(parts);
  }
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
