// What is kept of one reference column while its kind, bins and categories are still to be decided.
import { nameLengthMax } from '../sketch/category-summary.ts';
import { type CategoryValue, categoryText } from '../sketch/dictionary.ts';
import type { ColumnKind } from './column.ts';

/** Values kept of a numeric column: with a million, the mass of a bin that holds 1/256 is known to ±0.02 %. */
export const sampledNumbersMax = 1_000_000;

/** Category names counted per column; the names that come after these are not told apart. */
export const countedNamesMax = 100_000;

const firstCapacity = 1024;

export interface ColumnSample {
  /** A uniform sample of the finite numbers, in no order; the first `sampled` are in use. */
  numbers: Float64Array;
  sampled: number;
  /** Finite numbers in the data. */
  numeric: number;
  /** Text and booleans in the data. */
  textual: number;
  /** How often each category was seen. */
  readonly names: Map<string, number>;
  /** Whether numbers are counted as categories too. */
  readonly namesNumbers: boolean;
  /** State of the generator that chooses what stays in the sample. */
  random: number;
}

/** A sample that has seen nothing. `namesNumbers` is for columns whose numbers are, or may be, categories. */
export function emptyColumnSample(namesNumbers: boolean): ColumnSample {
  return {
    numbers: new Float64Array(firstCapacity),
    sampled: 0,
    numeric: 0,
    textual: 0,
    names: new Map(),
    namesNumbers,
    // Any odd constant will do; being constant, the same data give the same sample.
    random: 0x9e3779b9,
  };
}

/** Takes one value of the column; null, objects and non-finite numbers say nothing about its kind. */
export function sampleValue(sample: ColumnSample, value: unknown): void {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return;
    sampleNumber(sample, value);
    if (sample.namesNumbers) countName(sample.names, value);
  } else if (typeof value === 'string') {
    countName(sample.names, value);
    // The spellings of numbers that JSON cannot write.
    if (value !== 'NaN' && value !== 'Infinity' && value !== '-Infinity') sample.textual += 1;
  } else if (typeof value === 'boolean') {
    countName(sample.names, value);
    sample.textual += 1;
  }
}

/** Reservoir sampling: J. S. Vitter, "Random Sampling with a Reservoir", ACM TOMS 11 (1985), algorithm R. */
function sampleNumber(sample: ColumnSample, value: number): void {
  sample.numeric += 1;
  if (sample.sampled < sampledNumbersMax) {
    if (sample.sampled === sample.numbers.length) {
      const larger = new Float64Array(Math.min(sample.numbers.length * 2, sampledNumbersMax));
      larger.set(sample.numbers);
      sample.numbers = larger;
    }
    sample.numbers[sample.sampled] = value;
    sample.sampled += 1;
    return;
  }
  const place = Math.floor(nextRandom(sample) * sample.numeric);
  if (place < sampledNumbersMax) sample.numbers[place] = value;
}

/** A number in [0, 1): mulberry32 (T. Ettinger, 2017). */
function nextRandom(sample: ColumnSample): number {
  sample.random = (sample.random + 0x6d2b79f5) | 0;
  let mixed = Math.imul(sample.random ^ (sample.random >>> 15), sample.random | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}

function countName(names: Map<string, number>, value: CategoryValue): void {
  const name = categoryText(value);
  // Nobody keeps names of any length: a longer one is unseen.
  if (name.length > nameLengthMax) return;
  const count = names.get(name);
  if (count !== undefined) names.set(name, count + 1);
  else if (names.size < countedNamesMax) names.set(name, 1);
}

/** The kind that most of the column's values have; a column without values is categorical. */
export function inferredKind(sample: ColumnSample): ColumnKind {
  return sample.numeric > 0 && sample.numeric >= sample.textual ? 'numeric' : 'categorical';
}

/** The sampled numbers in ascending order. */
export function sortedNumbers(sample: ColumnSample): Float64Array {
  return sample.numbers.slice(0, sample.sampled).sort();
}

/** How often each category was seen, numbers by their text. */
export function namedCounts(sample: ColumnSample): ReadonlyMap<string, number> {
  const names = new Map(sample.names);
  if (!sample.namesNumbers) {
    for (let i = 0; i < sample.sampled; i++) countName(names, sample.numbers[i]!);
  }
  return names;
}

/** The column's category names, most frequent first, equal ones by name; `most` at most. Numbers are among them by their text. */
export function rankedNames(sample: ColumnSample, most: number): string[] {
  return [...namedCounts(sample)]
    .sort(([name, count], [otherName, otherCount]) => otherCount - count || (name < otherName ? -1 : 1))
    .slice(0, most)
    .map(([name]) => name);
}
