// Many inputs into one target: each ends in bounded time, as accepted or refused, and changes nothing but what it is told to.
import fc from 'fast-check';
import { keptBytes } from './kept-memory.ts';
import type { Target } from './target.ts';

export interface Attack {
  readonly target: string;
  readonly inputs: number;
  /** How many inputs ended how. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Processor time of the input that took longest. */
  readonly slowestMs: number;
  readonly failures: readonly Failure[];
}

export interface Failure {
  readonly target: string;
  /** With this seed, and no more inputs than these, the same input comes again. */
  readonly seed: number;
  readonly inputs: number;
  readonly error: string;
  /** The smallest input that was found to fail so, in base64. */
  readonly input: string;
}

/** Inputs that are made from one seed; the next part has the next seed. */
export const inputsPerSeed = 500;

/** Processor time that no input may need: the largest are some hundred kilobytes. */
const inputMsMax = 500;

/** What may be kept of half a thousand inputs after they are gone: caches and compiled code, but nothing of the inputs. */
const keptBytesMax = 24 << 20;

const failuresMax = 5;

/** Puts `inputs` inputs into the target; `started` is told before every one. */
export async function attack(
  target: Target,
  inputs: number,
  seed: number,
  started: (seed: number) => void = () => undefined,
): Promise<Attack> {
  const outcomes: Record<string, number> = {};
  const failures: Failure[] = [];
  let slowestMs = 0;
  let done = 0;
  await warmUp(target, seed);
  const keptBefore = keptBytes();
  for (let part = seed; done < inputs && failures.length < failuresMax; part++) {
    const count = Math.min(inputsPerSeed, inputs - done);
    for (const input of fc.sample(target.inputs, { seed: part, numRuns: count })) {
      started(part);
      try {
        const { outcome, ms } = await timed(target, input);
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
        slowestMs = Math.max(slowestMs, ms);
      } catch (error) {
        failures.push(await smallest(target, input, error, part, count));
        break;
      }
    }
    done += count;
  }
  await target.close?.();
  const kept = keptBytes() - keptBefore;
  if (kept > keptBytesMax)
    failures.push(failure(target, seed, done, `${kept} bytes are kept`, new Uint8Array()));
  return { target: target.name, inputs: done, outcomes, slowestMs, failures };
}

/** Compiles what will be used, so that it does not count as kept. */
async function warmUp(target: Target, seed: number): Promise<void> {
  for (const input of fc.sample(target.inputs, { seed: seed - 1, numRuns: 50 })) {
    try {
      await target.take(input);
    } catch {
      // What fails here is not of the seeds that were asked for; those are next.
    }
  }
}

async function timed(target: Target, input: Uint8Array): Promise<{ outcome: string; ms: number }> {
  let ms = Infinity;
  let outcome = '';
  // Again, because garbage of others may be collected in the meantime.
  for (let attempt = 0; attempt < 3 && ms > inputMsMax; attempt++) {
    const before = process.threadCpuUsage();
    outcome = await target.take(input);
    const { user, system } = process.threadCpuUsage(before);
    ms = (user + system) / 1000;
  }
  if (ms > inputMsMax) throw new Error(`the input takes ${ms} ms of processor time`);
  for (const name in {}) throw new Error(`every object has got a property ${name}`);
  if (Object.keys(Array.prototype).length > 0) throw new Error('every array has got a property');
  return { outcome, ms };
}

async function smallest(
  target: Target,
  input: Uint8Array,
  error: unknown,
  seed: number,
  inputs: number,
): Promise<Failure> {
  const found = await fc.check(
    fc.asyncProperty(target.inputs, async (candidate) => {
      await timed(target, candidate);
    }),
    { seed, numRuns: inputs, interruptAfterTimeLimit: 60_000 },
  );
  const [least = input] = found.counterexample ?? [];
  return failure(target, seed, inputs, errorText(found.errorInstance ?? error), least);
}

function failure(target: Target, seed: number, inputs: number, error: string, input: Uint8Array): Failure {
  return { target: target.name, seed, inputs, error, input: Buffer.from(input).toString('base64') };
}

function errorText(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message).slice(0, 2000) : String(error);
}
