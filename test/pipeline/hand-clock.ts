// A clock that a test moves by hand: time stands still in between.
import type { Clock } from '../../src/ports.ts';

export interface HandClock extends Clock {
  /** Lets time go by; sleepers whose time has come wake. */
  advance(ms: number): void;
}

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** A clock that shows `start`, epoch milliseconds; its monotonic time begins at 0. */
export function createHandClock(start: number): HandClock {
  let elapsed = 0;
  let sleepers: Sleeper[] = [];
  return {
    now: () => start + elapsed,
    elapsed: () => elapsed,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted || ms <= 0) resolve();
        else {
          sleepers.push({ until: elapsed + ms, wake: resolve });
          signal?.addEventListener('abort', () => resolve(), { once: true });
        }
      }),
    advance: (ms) => {
      elapsed += ms;
      const due = sleepers.filter(({ until }) => until <= elapsed);
      sleepers = sleepers.filter(({ until }) => until > elapsed);
      for (const { wake } of due) wake();
    },
  };
}
