// Seeded samples of the distributions that features have, and of those that break sketches.

export interface Sample {
  readonly name: string;
  readonly values: Float64Array;
}

/** Uniform numbers in [0, 1) from a seed: mulberry32 (T. Ettinger, 2017). */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

type Generator = (random: () => number, i: number, n: number) => number;

/** One value after the other; `i` of `n`, for distributions that change with time. */
const generators = {
  normal: (random) => normal(random),
  'normal at a million': (random) => 1e6 + normal(random),
  lognormal: (random) => Math.exp(normal(random)),
  'Pareto of shape 1.1': (random) => (1 - random()) ** (-1 / 1.1),
  'zeros and ones': (random) => (random() < 0.3 ? 1 : 0),
  'zeros, ones and twos': (random) => Math.floor(random() * 3),
  '70 % zeros, lognormal otherwise': (random) => (random() < 0.7 ? 0 : Math.exp(normal(random))),
  integers: (random) => Math.round(40 + 15 * normal(random)),
  'prices of two decimals': (random) => Math.round(100 * Math.exp(3 + normal(random))) / 100,
  trending: (random, i, n) => (3 * i) / n + normal(random),
  constant: () => 17.3,
  'zeros of both signs and denormals': (random) =>
    [0, -0, Number.MIN_VALUE, -Number.MIN_VALUE, 1e-310, -1e-310][Math.floor(random() * 6)]!,
} as const satisfies Record<string, Generator>;

/** Values so far apart that no digest which blends neighbours can hold them; counts and bins can. */
const adversarial = {
  'up to ±1e300': (random) => (random() < 0.5 ? -1 : 1) * 10 ** (600 * random() - 300),
} as const satisfies Record<string, Generator>;

export type SampleName = keyof typeof generators | 'sorted normal' | keyof typeof adversarial;

export const benignNames = [...Object.keys(generators), 'sorted normal'] as SampleName[];
export const sampleNames = [...benignNames, ...Object.keys(adversarial)] as SampleName[];
export const sampleSizes = [1, 2, 999, 1000, 1001, 10_000, 100_000] as const;

/** The same values for the same name, size and seed. */
export function sampleOf(name: SampleName, size: number, seed = 1): Float64Array {
  const random = seededRandom(seed);
  if (name === 'sorted normal') return sampleOf('normal', size, seed).sort();
  const generate: Generator = { ...generators, ...adversarial }[name];
  return Float64Array.from({ length: size }, (_, i) => generate(random, i, size));
}

/** Consecutive parts, each longer than the one before; of few values the first are empty. */
export function partsOf<Values extends Float64Array | readonly unknown[]>(
  values: Values,
  count: number,
): Values[] {
  const cuts = Array.from({ length: count + 1 }, (_, i) => Math.floor(values.length * (i / count) ** 2));
  return cuts.slice(1).map((to, i) => values.slice(cuts[i]!, to) as Values);
}
