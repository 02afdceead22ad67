// The line that a pass over a t-digest takes: centroids and values by mean, blended centroids before equal pure ones, and equal
// values as one item. All digests share its memory, since lining up and passing over is one synchronous step.
import { Fault } from '../fault.ts';

export interface Centroids {
  /** Ascending; strictly, but for a blended centroid just before a pure one that its mean happens to hit. */
  readonly means: Float64Array;
  readonly weights: Float64Array;
  /** 1 where all values of the centroid are equal. */
  readonly pure: Uint8Array;
}

/** The greatest number of items. A pass leaves a few hundred centroids of any line. */
export const lineMax = 16_384;

// Of constant place and size, so that the compiler can address them directly.
export const itemMeans = new Float64Array(lineMax);
export const itemWeights = new Float64Array(lineMax);
export const itemPure = new Uint8Array(lineMax);
/** Which items are several equal values, and how much weight stands before each of them. */
export const tieItems = new Uint16Array(lineMax);
export const tieStarts = new Float64Array(lineMax);

/** How many items and how many of those ties there are. */
export interface Line {
  readonly items: number;
  readonly ties: number;
}

/** Lines up centroids and the first `length` values, which ascend. */
export function lineUpValues(centroids: Centroids, sorted: Float64Array, length: number): Line {
  const { means, weights, pure } = centroids;
  expectRoom(means.length + length);
  let items = 0;
  let ties = 0;
  let below = 0;
  let i = 0;
  for (let next = 0; next <= means.length; next++) {
    const mean = next < means.length ? means[next]! : Infinity;
    while (i < length) {
      const value = sorted[i]!;
      if (value >= mean) break;
      const first = i;
      i += 1;
      while (i < length && sorted[i] === value) i += 1;
      if (i - first > 1) {
        tieItems[ties] = items;
        tieStarts[ties] = below + first;
        ties += 1;
      }
      itemMeans[items] = value;
      itemWeights[items] = i - first;
      itemPure[items] = 1;
      items += 1;
    }
    if (next === means.length) break;
    const before = below + i;
    const isPure = pure[next]!;
    let weight = weights[next]!;
    below += weight;
    for (; isPure === 1 && i < length && sorted[i] === mean; i++) weight += 1;
    if (isPure === 1 && weight > 1) {
      tieItems[ties] = items;
      tieStarts[ties] = before;
      ties += 1;
    }
    itemMeans[items] = mean;
    itemWeights[items] = weight;
    itemPure[items] = isPure;
    items += 1;
  }
  return { items, ties };
}

/** Lines up the centroids of two digests. */
export function lineUpBoth(a: Centroids, b: Centroids): Line {
  expectRoom(a.means.length + b.means.length);
  let items = 0;
  let ties = 0;
  let before = 0;
  let i = 0;
  let j = 0;
  while (i < a.means.length || j < b.means.length) {
    const order = compared(a, i, b, j);
    const weight = (order <= 0 ? a.weights[i]! : 0) + (order >= 0 ? b.weights[j]! : 0);
    const isPure = order <= 0 ? a.pure[i]! : b.pure[j]!;
    itemMeans[items] = order <= 0 ? a.means[i]! : b.means[j]!;
    itemWeights[items] = weight;
    itemPure[items] = isPure;
    if (isPure === 1 && weight > 1) {
      tieItems[ties] = items;
      tieStarts[ties] = before;
      ties += 1;
    }
    before += weight;
    items += 1;
    if (order <= 0) i += 1;
    if (order >= 0) j += 1;
  }
  return { items, ties };
}

/** Negative where centroid i of a comes first, 0 where both are one item. */
function compared(a: Centroids, i: number, b: Centroids, j: number): number {
  if (i === a.means.length) return 1;
  if (j === b.means.length) return -1;
  return a.means[i]! - b.means[j]! || a.pure[i]! - b.pure[j]!;
}

function expectRoom(items: number): void {
  if (items > lineMax) throw new Fault('BUG', `${items} centroids and values are more than a pass takes`);
}
