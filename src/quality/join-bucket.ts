// Where in the store an id is remembered: buckets of a period of time, cut small by the hash of the id.
//
// A bucket of up to 128 small entries is what Redis keeps as one packed list, at 6 bytes an entry beyond its content; a key
// of its own costs 150. Buckets expire as a whole: nothing is deleted one by one.

/** A period is this part of the horizon, so that a label is looked for in ten periods at the most. */
const periodsPerHorizon = 8;

/** Entries that a bucket should hold on average: of 80 by chance, one bucket in a million has more than 128. */
const entriesPerBucket = 80;

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

/** How many buckets a period should have for so many entries: a power of two, so that half of a hash's bits choose. */
export function bucketCount(entries: number): number {
  let count = 1;
  while (count * entriesPerBucket < entries) count *= 2;
  return count;
}

/** The bucket of an id among `count`, a power of two; `low` are bits 0 to 31 of its hash. Sampling looks at the other bits. */
export function bucketOfId(low: number, count: number): number {
  return (low & (count - 1)) >>> 0;
}
