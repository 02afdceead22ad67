// What happens in a simulation by chance, and how often it has.

export interface Chance {
  /** Uniform on [0, 1). */
  readonly random: () => number;
  /** Whether something happens now; counted under its name. */
  happens(name: string, probability: number): boolean;
  /** One of the choices, undefined where there is none. */
  oneOf<T>(choices: readonly T[]): T | undefined;
  /** A whole number from 0 to less than `bound`. */
  below(bound: number): number;
  /** How often what has happened did. */
  readonly counts: Record<string, number>;
}

/** Chance that has not had anything happen yet. */
export function createChance(random: () => number): Chance {
  const counts: Record<string, number> = {};
  const below = (bound: number): number => Math.floor(random() * bound);
  return {
    random,
    counts,
    below,
    oneOf: (choices) => choices[below(choices.length)],
    happens(name, probability) {
      if (random() >= probability) return false;
      counts[name] = (counts[name] ?? 0) + 1;
      return true;
    },
  };
}
