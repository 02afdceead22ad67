// A merging t-digest that keeps heavy values pure. Dunning, Ertl, "Computing extremely accurate quantiles using t-digests"
// (2019), scale function k1, delta = 200: about 120 centroids for smooth data, a rank error of 4e-4 at a million values.
//
// The addition is the atom: a value that alone outweighs half of what a centroid may hold at its place is never blended
// with others and may grow without limit. Ranks at an atom are exact, which blended centroids get wrong by up to half the
// weight of the value: zero-inflated, integer and boolean columns. No worst-case guarantee comes with a t-digest.

export interface Digest {
  /** Ascending; strictly, but for a blended centroid just before an atom that its mean happens to hit. */
  readonly means: Float64Array;
  readonly weights: Float64Array;
  /** 1 where all values of the centroid are equal. */
  readonly pure: Uint8Array;
  readonly total: number;
  /** Infinity and -Infinity while empty. */
  readonly min: number;
  readonly max: number;
}

/** Weight of the values below x, and of those at or below it. */
export interface Rank {
  readonly below: number;
  readonly atOrBelow: number;
}

const delta = 200;

/** A digest that holds nothing. */
export const emptyDigest: Digest = {
  means: new Float64Array(0),
  weights: new Float64Array(0),
  pure: new Uint8Array(0),
  total: 0,
  min: Infinity,
  max: -Infinity,
};

// The sequence to be compressed and its result; shared by all digests, since compressing is one synchronous step.
let itemMeans = new Float64Array(4096);
let itemWeights = new Float64Array(4096);
let itemPure = new Uint8Array(4096);
let items = 0;

/** The digest with the first `length` values added, which are finite and ascending. */
export function withSorted(digest: Digest, sorted: Float64Array, length: number): Digest {
  if (length === 0) return digest;
  begin(digest.means.length + length);
  let next = 0;
  for (let i = 0; i < length; ) {
    const value = sorted[i]!;
    let end = i + 1;
    while (end < length && sorted[end] === value) end += 1;
    while (next < digest.means.length && digest.means[next]! <= value) next = pushCentroid(digest, next);
    push(value, end - i, 1);
    i = end;
  }
  while (next < digest.means.length) next = pushCentroid(digest, next);
  return compressed(
    digest.total + length,
    Math.min(digest.min, sorted[0]!),
    Math.max(digest.max, sorted[length - 1]!),
  );
}

/** The digest of both. Commutative bit by bit; associative in what it says of ranks, within its error. */
export function mergedDigest(a: Digest, b: Digest): Digest {
  if (a.total === 0) return b;
  if (b.total === 0) return a;
  begin(a.means.length + b.means.length);
  let i = 0;
  let j = 0;
  while (i < a.means.length || j < b.means.length) {
    if (j === b.means.length || (i < a.means.length && isBefore(a, i, b, j))) i = pushCentroid(a, i);
    else j = pushCentroid(b, j);
  }
  return compressed(a.total + b.total, Math.min(a.min, b.min), Math.max(a.max, b.max));
}

/** By mean, blended centroids before atoms. */
function isBefore(a: Digest, i: number, b: Digest, j: number): boolean {
  return a.means[i]! < b.means[j]! || (a.means[i] === b.means[j] && a.pure[i]! <= b.pure[j]!);
}

function begin(capacity: number): void {
  items = 0;
  if (capacity <= itemMeans.length) return;
  const grown = 2 ** Math.ceil(Math.log2(capacity));
  itemMeans = new Float64Array(grown);
  itemWeights = new Float64Array(grown);
  itemPure = new Uint8Array(grown);
}

function pushCentroid(digest: Digest, index: number): number {
  push(digest.means[index]!, digest.weights[index]!, digest.pure[index]!);
  return index + 1;
}

/** Appends to the sequence. Equal values become one item, but never with a blended centroid whose mean they hit: it is not pure. */
function push(mean: number, weight: number, pure: number): void {
  if (items > 0 && itemMeans[items - 1] === mean && itemPure[items - 1] === pure) {
    itemWeights[items - 1]! += weight;
    return;
  }
  itemMeans[items] = mean;
  itemWeights[items] = weight;
  itemPure[items] = pure;
  items += 1;
}

/** One pass from left to right: neighbours are blended while the scale function allows it; atoms stay alone. */
function compressed(total: number, min: number, max: number): Digest {
  let last = -1;
  let done = 0;
  let limit = 0;
  let sealed = true;
  for (let i = 0; i < items; i++) {
    const mean = itemMeans[i]!;
    const weight = itemWeights[i]!;
    const pure = itemPure[i]!;
    const isAtom = pure === 1 && weight > 1 && 2 * weight > sizeLimit(done, total);
    if (sealed || isAtom || done + weight > limit) {
      last += 1;
      itemMeans[last] = mean;
      itemWeights[last] = weight;
      itemPure[last] = pure;
      limit = isAtom ? 0 : done + sizeLimit(done, total);
      sealed = isAtom;
    } else {
      const blended = itemWeights[last]! + weight;
      // A weighted mean lies between its parts; rounding must not carry it beyond.
      itemMeans[last] = Math.min(mean, itemMeans[last]! + ((mean - itemMeans[last]!) * weight) / blended);
      itemWeights[last] = blended;
      itemPure[last] = 0;
    }
    done += weight;
  }
  const count = last + 1;
  return {
    means: itemMeans.slice(0, count),
    weights: itemWeights.slice(0, count),
    pure: itemPure.slice(0, count),
    total,
    min,
    max,
  };
}

/** How much weight a centroid that begins after `done` may hold: one step of k1(q) = delta / 2π · asin(2q − 1). */
function sizeLimit(done: number, total: number): number {
  const angle = Math.asin((2 * done) / total - 1) + (2 * Math.PI) / delta;
  const end = angle >= Math.PI / 2 ? 1 : (Math.sin(angle) + 1) / 2;
  return end * total - done;
}

/**
 * The weight below and up to `x`: exact at and between atoms, linear between the means of blended centroids, half of whose
 * weight lies on either side.
 */
export function digestRank(digest: Digest, x: number): Rank {
  const { means, weights, pure, total, min, max } = digest;
  if (total === 0 || x < min) return { below: 0, atOrBelow: 0 };
  if (x > max) return { below: total, atOrBelow: total };
  let done = 0;
  let leftMean = min;
  let leftRank = 0;
  for (let i = 0; i < means.length; i++) {
    const mean = means[i]!;
    const weight = weights[i]!;
    const inner = pure[i] === 1 ? 0 : weight / 2;
    if (x < mean) return between(leftMean, leftRank, mean, done + inner, x);
    if (x === mean && pure[i] === 1) return { below: done, atOrBelow: done + weight };
    leftMean = mean;
    leftRank = done + weight - inner;
    done += weight;
  }
  return between(leftMean, leftRank, max, total, x);
}

function between(leftMean: number, leftRank: number, rightMean: number, rightRank: number, x: number): Rank {
  const width = rightMean - leftMean;
  const share = width > 0 && Number.isFinite(width) ? (x - leftMean) / width : 0.5;
  const rank = leftRank + share * (rightRank - leftRank);
  return { below: rank, atOrBelow: rank };
}

/** The value at rank q · total, 0 ≤ q ≤ 1: the inverse of `digestRank`. NaN while empty. */
export function digestQuantile(digest: Digest, q: number): number {
  const { means, weights, pure, total, min, max } = digest;
  if (total === 0) return Number.NaN;
  const target = q * total;
  let done = 0;
  let leftMean = min;
  let leftRank = 0;
  for (let i = 0; i < means.length; i++) {
    const mean = means[i]!;
    const weight = weights[i]!;
    const inner = pure[i] === 1 ? 0 : weight / 2;
    if (target <= done + inner) return within(leftMean, leftRank, mean, done + inner, target);
    if (pure[i] === 1 && target <= done + weight) return mean;
    leftMean = mean;
    leftRank = done + weight - inner;
    done += weight;
  }
  return within(leftMean, leftRank, max, total, target);
}

function within(
  leftMean: number,
  leftRank: number,
  rightMean: number,
  rightRank: number,
  target: number,
): number {
  const share = rightRank > leftRank ? (target - leftRank) / (rightRank - leftRank) : 1;
  // Written so that means at the two ends of the range of doubles do not overflow.
  return leftMean * (1 - share) + rightMean * share;
}
