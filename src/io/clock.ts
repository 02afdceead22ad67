// The only file that reads time.
import type { Clock } from '../ports.ts';

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  sleep,
};

/** The longest that a timer can wait; a longer one would fire at once. */
const timerMsMax = 2 ** 31 - 1;

/** Leaves neither a timer nor a listener behind, whichever of the two ends it: a loop sleeps on one signal for weeks. */
function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(wake, Math.min(ms, timerMsMax));
    signal?.addEventListener('abort', wake, { once: true });
    function wake(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', wake);
      resolve();
    }
  });
}
