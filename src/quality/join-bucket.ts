// Where in the store an id is remembered: buckets of a period of time, cut small by the hash of the id.
//
// A bucket of up to 128 small entries is what Redis keeps as one packed list, at about 9 bytes an entry beyond its content; a
// key of its own costs 150. Buckets expire as a whole: nothing is deleted one by one.
import type { Hash64 } from '../sketch/murmur-hash.ts';

/** A period is this part of the horizon, so that a label is looked for in ten periods at the most. */
const periodsPerHorizon = 8;

/** Entries that a bucket should hold on average: of 90 by chance, one bucket in ten thousand has more than 128. */
const entriesPerBucket = 90;

/** Length of a period, milliseconds. */
export function periodLength(horizonMs: number): number {
  return Math.max(1, Math.ceil(horizonMs / periodsPerHorizon));
}

/** The beginning of the period that holds a time, epoch milliseconds. */
export function periodStart(timestamp: number, horizonMs: number): number {
  const length = periodLength(horizonMs);
  return Math.floor(timestamp / length) * length;
}

/**
 * The periods in which the prediction of a label can be, newest first: its label came at most a horizon after it, and at
 * most `skewMs` before.
 */
export function periodsOfLabel(timestamp: number, horizonMs: number, skewMs: number): number[] {
  const length = periodLength(horizonMs);
  const periods: number[] = [];
  const oldest = periodStart(timestamp - horizonMs, horizonMs);
  for (let start = periodStart(timestamp + skewMs, horizonMs); start >= oldest; start -= length)
    periods.push(start);
  return periods;
}

/** Whether a period is over for good: no label can come for its predictions that would still count. */
export function isExpired(start: number, horizonMs: number, watermark: number): boolean {
  return start + periodLength(horizonMs) + horizonMs <= watermark;
}

/** How many buckets a period should have for so many entries. */
export function bucketCount(entries: number): number {
  return Math.max(1, Math.ceil(entries / entriesPerBucket));
}

/** The bucket of an id among `count`, by the lower half of its hash; whether it is sampled is decided by the upper one. */
export function bucketOfId({ low }: Hash64, count: number): number {
  return Math.floor((low / 2 ** 32) * count);
}

/**
 * What an entry is called in its bucket: the upper half of the hash and the last two bytes of the lower one. The bucket says
 * some of the other bits, so that of 100 million entries in a period two are taken for one with a probability of 2e-5.
 */
export function entryName({ low, high }: Hash64): Uint8Array {
  return Uint8Array.of(high >>> 24, high >>> 16, high >>> 8, high, low >>> 8, low);
}
