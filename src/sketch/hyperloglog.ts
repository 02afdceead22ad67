// How many distinct values there are among any number, from 16,384 registers: HyperLogLog with the hash, the registers and the
// estimator of Redis, so that its commands read what is counted here and the other way round.
//
// Flajolet, Fusy, Gandouet, Meunier, "HyperLogLog: the analysis of a near-optimal cardinality estimation algorithm" (2007).
// The estimator is O. Ertl's, "New cardinality estimation algorithms for HyperLogLog sketches" (2017, arXiv:1702.01284,
// algorithm 6): standard error 0.81 %, for small numbers too.
import type { Hash64 } from './murmur-hash.ts';

/** Register by register the greatest rank of any hash that fell there; 0 for none. */
export type HyperLogLog = Uint8Array;

const indexBits = 14;
export const registerCount = 1 << indexBits;
/** Bits of a hash beyond the register's index. */
const rankBits = 64 - indexBits;
/** The rank of a hash whose bits are all zero. */
export const rankMax = rankBits + 1;

/** Registers that have seen nothing. */
export function emptyHyperLogLog(): HyperLogLog {
  return new Uint8Array(registerCount);
}

/** Counts a hash: its lowest 14 bits choose the register, the zeros that follow them make the rank. */
export function observeHash(registers: HyperLogLog, { low, high }: Hash64): void {
  const register = low & (registerCount - 1);
  const rank = 1 + trailingZeros(low >>> indexBits, high);
  if (rank > registers[register]!) registers[register] = rank;
}

/** Of the 18 upper bits of the lower half, then of the upper half; as many as there are bits when all are zero. */
function trailingZeros(lower: number, upper: number): number {
  if (lower !== 0) return 31 - Math.clz32(lower & -lower);
  if (upper !== 0) return 32 - indexBits + 31 - Math.clz32(upper & -upper);
  return rankBits;
}

/** Adds `from` to `into`, exactly: the registers of all values together. `from` stays as it is. */
export function mergeHyperLogLogs(into: HyperLogLog, from: HyperLogLog): void {
  for (let i = 0; i < registerCount; i++) if (from[i]! > into[i]!) into[i] = from[i]!;
}

/** The estimated number of distinct values, not rounded. */
export function estimatedCount(registers: HyperLogLog): number {
  const counts = new Float64Array(rankMax + 1);
  for (const rank of registers) counts[rank]! += 1;
  let z = registerCount * tau((registerCount - counts[rankMax]!) / registerCount);
  for (let rank = rankBits; rank > 0; rank--) z = (z + counts[rank]!) / 2;
  z += registerCount * sigma(counts[0]! / registerCount);
  return registerCount ** 2 / (2 * Math.LN2 * z);
}

/** What empty registers contribute; Infinity when all are empty, which makes the estimate 0. */
function sigma(share: number): number {
  if (share === 1) return Infinity;
  let power = share;
  let scale = 1;
  let sum = share;
  for (let before = -1; sum !== before; ) {
    before = sum;
    power *= power;
    sum += power * scale;
    scale += scale;
  }
  return sum;
}

/** What full registers contribute. */
function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let root = share;
  let scale = 1;
  let sum = 1 - share;
  for (let before = -1; sum !== before; ) {
    before = sum;
    root = Math.sqrt(root);
    scale *= 0.5;
    sum -= (1 - root) ** 2 * scale;
  }
  return sum / 3;
}
