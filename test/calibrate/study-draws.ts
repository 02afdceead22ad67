// The random samples of the study: every column of every table draws from its own seed, so that one can be repeated alone.
import { normalQuantile } from '../../src/stats/normal.ts';
import { normal, uniform } from '../drift/random.ts';

/** Changing it changes every table. */
export const seed = 20260;

/** Uniform numbers on [0, 1) for a part of the study by its name (FNV-1a of the name, from the seed). */
export function randomFor(name: string): () => number {
  let hash = 0x811c9dc5 ^ seed;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return uniform(hash);
}

/** Independent normal values around `mean` with standard deviation 1. */
export function normals(count: number, random: () => number, mean = 0): Float64Array {
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = normal(random) + mean;
  return values;
}

/** The (i + ½)/count quantiles of the standard normal distribution: a sample without chance. Ascending. */
export function normalScores(count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => normalQuantile(1 - (i + 0.5) / count));
}

/** The same values in random order (Fisher and Yates). */
export function shuffled(values: Float64Array, random: () => number): Float64Array {
  const result = values.slice();
  for (let i = result.length - 1; i > 0; i--) {
    const k = Math.floor(random() * (i + 1));
    [result[i], result[k]] = [result[k]!, result[i]!];
  }
  return result;
}

/** Counts of rows that fall into equally likely categories. */
export function uniformCounts(categories: number, rows: number, random: () => number): Float64Array {
  const counts = new Float64Array(categories);
  for (let row = 0; row < rows; row++) counts[Math.floor(random() * categories)]! += 1;
  return counts;
}
