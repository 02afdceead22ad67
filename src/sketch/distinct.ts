// How many distinct values there are: exactly while there are few, then by HyperLogLog.
//
// What is kept of a value is its hash of 64 bits: names stay out of it, memory does not depend on their length, and registers
// follow from hashes alone. Two of 1,000 values share a hash with a probability of 3e-14. The state is a function of the set
// of values: neither order nor repetition nor how it was merged shows.
import {
  emptyHyperLogLog,
  estimatedCount,
  type HyperLogLog,
  mergeHyperLogLogs,
  observeHash,
} from './hyperloglog.ts';
import { type Hash64, hashNumber, hashText } from './murmur-hash.ts';

export interface Distinct {
  /** The upper and lower halves of the hashes, ascending; only the first `size` count, none once there are registers. */
  high: Uint32Array;
  low: Uint32Array;
  size: number;
  /** Undefined while the hashes are all there. */
  registers: HyperLogLog | undefined;
}

/** With this many distinct values the exact phase ends. */
export const exactDistinctMax = 1000;

const hashesMin = 16;
const noHashes = new Uint32Array(0);

/** No values. */
export function emptyDistinct(): Distinct {
  return { high: noHashes, low: noHashes, size: 0, registers: undefined };
}

const hash: Hash64 = { low: 0, high: 0 };

/** Counts text, hashed as UTF-8. */
export function observeDistinctText(distinct: Distinct, text: string): void {
  hashText(text, hash);
  observeDistinctHash(distinct, hash);
}

/** Counts a number, hashed by the eight bytes of its double; -0 is 0. */
export function observeDistinctNumber(distinct: Distinct, x: number): void {
  hashNumber(x, hash);
  observeDistinctHash(distinct, hash);
}

/** Counts what has this hash. */
export function observeDistinctHash(distinct: Distinct, value: Hash64): void {
  if (distinct.registers !== undefined) observeHash(distinct.registers, value);
  else if (insert(distinct, value) && distinct.size >= exactDistinctMax) giveUpHashes(distinct);
}

/** Whether the hash is new. */
function insert(distinct: Distinct, value: Hash64): boolean {
  const place = placeOf(distinct, value);
  if (isAt(distinct, place, value)) return false;
  if (distinct.size === distinct.high.length) grow(distinct);
  const { high, low, size } = distinct;
  high.copyWithin(place + 1, place, size);
  low.copyWithin(place + 1, place, size);
  high[place] = value.high;
  low[place] = value.low;
  distinct.size += 1;
  return true;
}

/** How many hashes lie below. */
function placeOf({ high, low, size }: Distinct, value: Hash64): number {
  let from = 0;
  let to = size;
  while (from < to) {
    const middle = (from + to) >>> 1;
    const isBelow = high[middle]! < value.high || (high[middle] === value.high && low[middle]! < value.low);
    if (isBelow) from = middle + 1;
    else to = middle;
  }
  return from;
}

function isAt({ high, low, size }: Distinct, place: number, value: Hash64): boolean {
  return place < size && high[place] === value.high && low[place] === value.low;
}

function grow(distinct: Distinct): void {
  const capacity = Math.max(hashesMin, distinct.high.length * 2);
  for (const half of ['high', 'low'] as const) {
    const grown = new Uint32Array(capacity);
    grown.set(distinct[half]);
    distinct[half] = grown;
  }
}

function giveUpHashes(distinct: Distinct): void {
  const registers = emptyHyperLogLog();
  for (const value of hashes(distinct)) observeHash(registers, value);
  Object.assign(distinct, { ...emptyDistinct(), registers });
}

/** The hashes in ascending order; none beyond the exact phase. */
export function* hashes({ high, low, size }: Distinct): Generator<Hash64> {
  for (let i = 0; i < size; i++) yield { high: high[i]!, low: low[i]! };
}

/** Adds `from` to `into`, exactly: as if all values had been counted in one. `from` stays as it is. */
export function mergeDistincts(into: Distinct, from: Distinct): void {
  if (from.registers !== undefined) {
    if (into.registers === undefined) giveUpHashes(into);
    mergeHyperLogLogs(into.registers!, from.registers);
  } else for (const value of hashes(from)) observeDistinctHash(into, value);
}

/** A summary of its own with the same content. */
export function copyDistinct({ high, low, size, registers }: Distinct): Distinct {
  return { high: high.slice(), low: low.slice(), size, registers: registers?.slice() };
}

/** How many there are: exact below `exactDistinctMax`, else within 3 %, the standard error being 0.81 %. */
export function distinctCount({ size, registers }: Distinct): number {
  return registers === undefined ? size : Math.round(estimatedCount(registers));
}

/**
 * How many distinct values there are together with these texts, which are distinct themselves: exact while the set is, however
 * many texts there are.
 */
export function distinctCountWith(distinct: Distinct, texts: readonly string[]): number {
  if (distinct.registers !== undefined) {
    const whole = copyDistinct(distinct);
    for (const text of texts) observeDistinctText(whole, text);
    return distinctCount(whole);
  }
  if (distinct.size === 0) return texts.length;
  return distinct.size + texts.filter((text) => !holdsText(distinct, text)).length;
}

function holdsText(distinct: Distinct, text: string): boolean {
  hashText(text, hash);
  return isAt(distinct, placeOf(distinct, hash), hash);
}
