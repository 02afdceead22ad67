// Values drawn from a distribution that is written as a few words, the same for the same seed.
import { normal, uniform } from '../drift/random.ts';

/** The next value of a column. */
export type Draw = () => unknown;

/**
 * `normal <mean> <standard deviation>`, `uniform <from> <to>`, or categories with their weights: `de 0.7 fr 0.2 null 0.1`.
 */
export function drawing(distribution: string, random: () => number): Draw {
  const [name, ...parameters] = distribution.split(' ');
  const [first, second] = parameters.map(Number);
  if (name === 'normal') return () => first! + second! * normal(random);
  if (name === 'uniform') return () => first! + (second! - first!) * random();
  return drawingCategories(distribution.split(' '), random);
}

function drawingCategories(words: readonly string[], random: () => number): Draw {
  const categories = words.filter((_, i) => i % 2 === 0);
  const weights = words.filter((_, i) => i % 2 === 1).map(Number);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (categories.length !== weights.length || !(total > 0)) {
    throw new Error(`not a distribution: ${words.join(' ')}`);
  }
  return () => {
    let left = random() * total;
    const found = categories.find((_, i) => {
      left -= weights[i]!;
      return left < 0;
    });
    const category = found ?? categories.at(-1)!;
    return category === 'null' ? null : category;
  };
}

/** So many rows of these columns. `prediction` and `score` are columns like any other here. */
export function drawnRows(
  distributions: Readonly<Record<string, string>>,
  count: number,
  seed: number,
): Record<string, unknown>[] {
  const random = uniform(seed);
  const draws = Object.entries(distributions).map(([name, text]) => [name, drawing(text, random)] as const);
  return Array.from({ length: count }, () => Object.fromEntries(draws.map(([name, draw]) => [name, draw()])));
}
