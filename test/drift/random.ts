// Seeded random numbers for simulations: the same stream on every machine.

/** Uniform on [0, 1), mulberry32. */
export function uniform(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Standard normal by Box and Muller. */
export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** The standard normal values that these uniform numbers make. */
export function normals(random: () => number): () => number {
  return () => normal(random);
}

/** Counts of n independent rows over bins with these weights. */
export function multinomial(weights: readonly number[], n: number, random: () => number): Float64Array {
  const counts = new Float64Array(weights.length);
  const bounds: number[] = [];
  let sum = 0;
  for (const weight of weights) {
    sum += weight;
    bounds.push(sum);
  }
  for (let row = 0; row < n; row++) {
    const u = random() * sum;
    let low = 0;
    let high = bounds.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (bounds[middle]! <= u) low = middle + 1;
      else high = middle;
    }
    counts[low]! += 1;
  }
  return counts;
}
