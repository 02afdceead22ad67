// A seeded scheduler: every call to a port is a request and an answer that happen when it says, to whom it says.
import { uniform } from '../drift/random.ts';

/** A process as the scheduler knows it. A dead one gets no answer any more; a stalled one gets it when it goes on. */
export interface Life {
  alive: boolean;
  stalled: boolean;
}

export interface Scheduler {
  /** Uniform on [0, 1): the only source of chance in a simulation. */
  readonly random: () => number;
  /** Milliseconds since the start. */
  elapsed(): number;
  /** A call over the network: its effect happens at some later moment, its answer comes at another, or never. */
  call<T>(life: Life, effect: () => Promise<T>): Promise<T>;
  /** What dead processes have sent and has not arrived yet never does. */
  forgetDead(): void;
  /** Wakes when time has come so far, or when the signal aborts. */
  sleep(life: Life, ms: number, signal?: AbortSignal): Promise<void>;
  /** Lets one thing happen: a request, an answer, or the next sleeper's time. False when there is nothing to wait for. */
  step(): Promise<boolean>;
}

interface Task {
  readonly life: Life;
  readonly kind: 'request' | 'answer';
  readonly run: () => void | Promise<void>;
}

interface Sleeper {
  readonly life: Life;
  readonly until: number;
  readonly wake: () => void;
}

/** How often time goes on although calls are under way: what makes leases expire under their holders. */
const impatience = 0.03;

/** And by how much at most, milliseconds: a lease runs out, but nobody who sleeps for long is all that happens for as long. */
const impatienceMs = 2_000;

/** How often a request that a dying process had sent arrives all the same. */
const arrivesAfterDeath = 0.5;

/** A scheduler at time 0 that has nothing to do. */
export function createScheduler(seed: number): Scheduler {
  const random = uniform(seed);
  let elapsed = 0;
  let tasks: Task[] = [];
  let sleepers: Sleeper[] = [];

  function runnable({ life, kind }: Task): boolean {
    return kind === 'request' || !life.stalled;
  }

  async function happen(): Promise<boolean> {
    tasks = tasks.filter(
      ({ life, kind }) => life.alive || (kind === 'request' && random() < arrivesAfterDeath),
    );
    const ready = tasks.filter(runnable);
    if (ready.length === 0) return false;
    const task = ready[Math.floor(random() * ready.length)]!;
    tasks.splice(tasks.indexOf(task), 1);
    await task.run();
    return true;
  }

  function passTime(atMostMs = Infinity): boolean {
    sleepers = sleepers.filter(({ life }) => life.alive);
    const waking = sleepers.filter(({ life }) => !life.stalled);
    if (waking.length === 0) return false;
    const next = waking.reduce((first, sleeper) => (sleeper.until < first.until ? sleeper : first));
    if (next.until - elapsed > atMostMs) {
      elapsed += atMostMs;
      return true;
    }
    elapsed = Math.max(elapsed, next.until);
    sleepers.splice(sleepers.indexOf(next), 1);
    next.wake();
    return true;
  }

  return {
    random,
    elapsed: () => elapsed,
    call: (life, effect) =>
      new Promise((resolve, reject) => {
        const request = async (): Promise<void> => {
          const settle = await effect().then(
            (value) => () => resolve(value),
            (error: unknown) => () => reject(error),
          );
          tasks.push({ life, kind: 'answer', run: settle });
        };
        tasks.push({ life, kind: 'request', run: request });
      }),
    forgetDead() {
      tasks = tasks.filter(({ life }) => life.alive);
    },
    sleep: (life, ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const sleeper = { life, until: elapsed + ms, wake: resolve };
        sleepers.push(sleeper);
        signal?.addEventListener(
          'abort',
          () => {
            sleepers = sleepers.filter((other) => other !== sleeper);
            resolve();
          },
          { once: true },
        );
      }),
    async step() {
      const moved =
        random() < impatience ? passTime(impatienceMs) || (await happen()) : (await happen()) || passTime();
      // What follows from it inside the processes goes on until each of them waits for a port again.
      await new Promise((resolve) => setImmediate(resolve));
      return moved;
    },
  };
}
