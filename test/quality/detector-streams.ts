// The streams that every implementation of a detector can make for itself: a linear congruential generator, no library.

function generator(seed: number): () => number {
  let x = seed;
  return () => {
    x = (Math.imul(1_664_525, x) + 1_013_904_223) >>> 0;
    return x / 2 ** 32;
  };
}

/** 1,000 zeros and ones, then 1,000 whole numbers from 4 to 7. */
export function stepStream(): number[] {
  const random = generator(42);
  return Array.from({ length: 2000 }, (_, i) => {
    const u = random();
    return i < 1000 ? (u < 0.5 ? 0 : 1) : 4 + Math.floor(4 * u);
  });
}

/** 1,000 ones with probability 0.2, then 1,000 with 0.5. */
export function errorStream(): number[] {
  const random = generator(7);
  return Array.from({ length: 2000 }, (_, i) => (random() < (i < 1000 ? 0.2 : 0.5) ? 1 : 0));
}

/** 6,000 standard normal numbers, 1 higher from number 3,000 on. */
export function normalStream(): number[] {
  const random = generator(2024);
  return Array.from({ length: 6000 }, (_, i) => {
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    return radius * Math.cos(2 * Math.PI * random()) + (i >= 3000 ? 1 : 0);
  });
}

/** The places at which a detector says that the stream has changed. */
export function detections<State>(
  stream: readonly number[],
  start: State,
  advance: (state: State, value: number) => readonly [State, unknown],
): number[] {
  const found: number[] = [];
  let state = start;
  stream.forEach((value, i) => {
    const [next, isDetected] = advance(state, value);
    state = next;
    if (isDetected) found.push(i);
  });
  return found;
}
