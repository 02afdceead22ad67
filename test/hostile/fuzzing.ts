// An attack on all targets, in a thread of its own that is watched.
import { Worker } from 'node:worker_threads';
import type { Attack } from './attack.ts';
import type { Assignment } from './fuzz-worker.ts';
import { targets } from './targets.ts';

export interface FuzzOptions {
  /** In all, shared out by the weights of the targets. */
  readonly inputs: number;
  readonly seed: number;
  /** All targets unless one is named. */
  readonly target?: string;
  readonly finished?: (report: Attack) => void;
}

export interface FuzzReport {
  readonly seed: number;
  readonly inputs: number;
  readonly reports: readonly Attack[];
}

/** No input takes so long, even where others have the processor; whoever waits for this thread would wait for ever. */
const hangMs = 120_000;

const heapMegabytesMax = 512;

/** Attacks the targets. Rejects when the thread hangs or runs out of memory, and says with which target and seed. */
export async function fuzz({ inputs, seed, target, finished }: FuzzOptions): Promise<FuzzReport> {
  const wanted = targets.filter(({ name }) => target === undefined || name === target);
  const weights = wanted.reduce((sum, { weight }) => sum + weight, 0);
  const progress = new SharedArrayBuffer(8);
  const assignment: Assignment = {
    ...{ seed, progress },
    shares: wanted.map(({ name, weight }) => ({
      target: name,
      inputs: Math.ceil((inputs * weight) / weights),
    })),
  };
  const reports: Attack[] = [];
  const end = Promise.withResolvers<void>();
  const worker = new Worker(new URL('./fuzz-worker.ts', import.meta.url), {
    workerData: assignment,
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytesMax },
  });
  const position = new Int32Array(progress);
  let begun = '';
  const place = () => `target "${begun}", --seed ${position[1]}`;
  worker.on('message', (message: { readonly begun?: string; readonly report?: Attack }) => {
    begun = message.begun ?? begun;
    if (message.report === undefined) return;
    reports.push(message.report);
    finished?.(message.report);
  });
  worker.on('error', (error) => end.reject(new Error(`${place()}: ${error.message}`, { cause: error })));
  worker.on('exit', () => end.resolve());
  let seen = 0;
  const watch = setInterval(() => {
    if (position[0] === seen) end.reject(new Error(`${place()}: no input has ended for ${hangMs / 1000} s`));
    seen = position[0]!;
  }, hangMs);
  try {
    await end.promise;
  } finally {
    clearInterval(watch);
    await worker.terminate();
  }
  return { seed, inputs: reports.reduce((sum, report) => sum + report.inputs, 0), reports };
}
