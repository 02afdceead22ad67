// Counts of numbers in buckets that grow with their size: quantiles to 1 % of the value, in whole numbers, so that counts
// merge in any order and what was counted can be taken away again.
//
// C. Masson, J. E. Rim, H. K. Lee, "DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees"
// (VLDB 2019), with buckets for both signs in one order.

export interface LogBuckets {
  n: number;
  /** Numbers per bucket; bucket 0 holds those around 0, bucket -k the mirror image of k. */
  readonly counts: Map<number, number>;
}

/** The value given for a bucket is within this share of every number in it. */
export const bucketError = 0.01;

/** Smaller numbers count as 0, larger ones as this one: 26,000 buckets at the most. */
export const bucketSmallest = 1e-12;
export const bucketLargest = 1e100;

const growth = Math.log((1 + bucketError) / (1 - bucketError));
/** The bucket of `bucketSmallest` is number 1. */
const shift = 1 - Math.ceil(Math.log(bucketSmallest) / growth);
export const bucketMax = Math.ceil(Math.log(bucketLargest) / growth) + shift;

/** Buckets that hold nothing. */
export function emptyBuckets(): LogBuckets {
  return { n: 0, counts: new Map() };
}

/** The bucket of a number that is not NaN. */
export function bucketOf(x: number): number {
  const size = Math.abs(x);
  if (size < bucketSmallest) return 0;
  const bucket = Math.min(bucketMax, Math.max(1, Math.ceil(Math.log(size) / growth) + shift));
  return x < 0 ? -bucket : bucket;
}

/** The number that stands for those in a bucket. */
export function bucketValue(bucket: number): number {
  if (bucket === 0) return 0;
  const upper = Math.exp((Math.abs(bucket) - shift) * growth);
  return Math.sign(bucket) * upper * (1 - bucketError);
}

/** Counts a number, or takes it away where `times` is -1. */
export function countBucketed(buckets: LogBuckets, x: number, times: 1 | -1 = 1): void {
  addToBucket(buckets, bucketOf(x), times);
}

/** Adds to the count of one bucket; a bucket that is empty then is gone. */
export function addToBucket(buckets: LogBuckets, bucket: number, count: number): void {
  const sum = (buckets.counts.get(bucket) ?? 0) + count;
  if (sum === 0) buckets.counts.delete(bucket);
  else buckets.counts.set(bucket, sum);
  buckets.n += count;
}

/** Adds `from` to `into`; `from` stays as it is. */
export function mergeBuckets(into: LogBuckets, from: LogBuckets): void {
  for (const [bucket, count] of from.counts) addToBucket(into, bucket, count);
}

/** Buckets of their own with the same content. */
export function copyBuckets(buckets: LogBuckets): LogBuckets {
  return { n: buckets.n, counts: new Map(buckets.counts) };
}

/** The buckets and their counts in ascending order. */
export function ascendingBuckets({ counts }: LogBuckets): [bucket: number, count: number][] {
  return [...counts].sort(([a], [b]) => a - b);
}

/** The smallest value with F(x) ≥ q, within `bucketError` of it; NaN while empty. */
export function bucketQuantile(buckets: LogBuckets, q: number): number {
  let below = 0;
  let value = Number.NaN;
  for (const [bucket, count] of ascendingBuckets(buckets)) {
    below += count;
    value = bucketValue(bucket);
    // A sum of counts against a product that was rounded.
    if (below >= q * buckets.n * (1 - 1e-12)) break;
  }
  return value;
}

/** How many numbers lie in buckets from that of `low` to that of `high`, both included. */
export function countBetween({ counts }: LogBuckets, low: number, high: number): number {
  const [first, last] = [bucketOf(low), bucketOf(high)];
  let inside = 0;
  for (const [bucket, count] of counts) if (bucket >= first && bucket <= last) inside += count;
  return inside;
}
