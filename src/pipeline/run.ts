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
  const worker = createWorker(models, settings.ingest, ports);
  const evaluator = newEvaluator();
  const ending = new AbortController();
  const reading = ports.source.run(worker.handlers).finally(() => ending.abort());
  // The source is stopped whether or not the last save succeeds: it would go on reading for nobody.
  const stopping = aborted(AbortSignal.any([signal, ending.signal])).then(() =>
    worker.tick().finally(() => ports.source.stop()),
  );
  const saving = repeat(settings.ingest.checkpoint.intervalMs, ports.clock, ending.signal, () =>
    worker.tick(),
  );
  const evaluating = repeat(settings.evaluation.intervalMs, ports.clock, ending.signal, () =>
    evaluateDue(evaluator, models, settings.evaluation, ports, {
      whenIdle: ports.clock.now() - settings.evaluation.windows.idleAfterMs,
      final: false,
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

async function repeat(
  everyMs: number,
  clock: Clock,
  until: AbortSignal,
  step: () => Promise<unknown>,
): Promise<void> {
  while (!until.aborted) {
    await clock.sleep(everyMs, until);
    if (!until.aborted) await step();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
