// The thread in which targets are attacked: a hang is seen from outside, and a heap that grows ends it.
import { parentPort, workerData } from 'node:worker_threads';
import { attack } from './attack.ts';
import { targets } from './targets.ts';

/** What the thread is started with. */
export interface Assignment {
  readonly seed: number;
  readonly shares: readonly { readonly target: string; readonly inputs: number }[];
  /** The number of inputs so far, and the seed of the newest one. */
  readonly progress: SharedArrayBuffer;
}

const { seed, shares, progress } = workerData as Assignment;
const position = new Int32Array(progress);

for (const { target: name, inputs } of shares) {
  const target = targets.find((other) => other.name === name);
  if (target === undefined) throw new Error(`there is no target ${name}`);
  parentPort!.postMessage({ begun: name });
  const report = await attack(target, inputs, seed, (part) => {
    Atomics.store(position, 1, part);
    Atomics.add(position, 0, 1);
  });
  parentPort!.postMessage({ report });
}
