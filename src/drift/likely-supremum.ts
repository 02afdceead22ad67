// How great the difference of two distribution functions is likely to become between the points where it is known.

/** The difference between two points: at both ends, and the variance of a Brownian motion that takes as long. */
export interface Bridge {
  readonly from: number;
  readonly to: number;
  readonly variance: number;
}

/** A bridge that exceeds `lower` with less than e^(−2 · reach) is left out. */
const reach = 10;

/** Halvings of the range, of a width of some standard deviations of a bin: far below what one row moves. */
const halvings = 20;

/**
 * The median of the supremum of bridges that all lie below `lower` at their ends: a bridge from a to b exceeds x with
 * the probability exp(−2(x − a)(x − b)/variance) (Doob 1949, Annals of Mathematical Statistics 20), each independently of the
 * others. `lower` itself where no bridge comes near it. All variances count `scale` times, from 0 to 1.
 */
export function likelySupremum(bridges: readonly Bridge[], lower: number, scale: number): number {
  let widest = 0;
  for (const { variance } of bridges) widest = Math.max(widest, variance * scale);
  if (widest === 0) return lower;
  let low = lower;
  // Up there each exceeds with at most 1 / 4k: together with less than a half.
  let high = lower + Math.sqrt((widest * Math.log(4 * bridges.length)) / 2);
  for (let step = 0; step < halvings && high > low; step++) {
    const middle = (low + high) / 2;
    if (chanceBelow(bridges, middle, scale) > 0.5) high = middle;
    else low = middle;
  }
  return high;
}

/** Whether a bridge with these ends is worth considering beside `lower`; told before one is made, for most are not. */
export function comesNear(from: number, to: number, variance: number, lower: number): boolean {
  return (lower - from) * (lower - to) < reach * variance;
}

function chanceBelow(bridges: readonly Bridge[], x: number, scale: number): number {
  let chance = 1;
  for (const { from, to, variance } of bridges)
    chance *= 1 - Math.exp((-2 * (x - from) * (x - to)) / (variance * scale));
  return chance;
}
