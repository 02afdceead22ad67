import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decodeDigest, encodeDigest } from '../../src/codec/digest.ts';
import { digestRank, mergedDigest, withSorted } from '../../src/sketch/digest.ts';

/**
 * A t-digest in the bytes of one side, and what the C++ library says of it. Ranks are shares of n, half of the values at x
 * counted as below: of our digests as the library reads them, of its own as the raw values have them.
 */
interface SeenByCpp {
  readonly name: string;
  readonly bytes: string;
  readonly n: number;
  readonly min?: number;
  readonly max?: number;
  readonly ranks: readonly (readonly [x: number, rank: number])[];
}

/** Written by test/golden/datasketches_tdigest.py. */
const golden: { readByCpp: SeenByCpp[]; writtenByCpp: SeenByCpp[] } = JSON.parse(
  readFileSync(new URL('../golden/datasketches-tdigest.json', import.meta.url), 'utf8'),
);

/** What we read in the bytes, with the values that wait folded in. */
function decoded({ bytes }: SeenByCpp) {
  const { digest, buffered } = decodeDigest(Buffer.from(bytes, 'base64'));
  return withSorted(digest, buffered.slice().sort(), buffered.length);
}

/** Theirs counts half of the values at x as below; ours says how many are below and how many are at it. */
function midRank(seen: SeenByCpp, x: number): number {
  const { below, atOrBelow } = digestRank(decoded(seen), x);
  return (below + atOrBelow) / 2 / seen.n;
}

describe('t-digests that we wrote', () => {
  test.each(golden.readByCpp)('$name: have the same size, extremes and ranks for the C++ library', (seen) => {
    const { digest, buffered } = decodeDigest(Buffer.from(seen.bytes, 'base64'));
    expect(digest.total + buffered.length).toBe(seen.n);
    if (seen.n === 0) return;
    const whole = decoded(seen);
    expect([whole.min, whole.max]).toEqual([seen.min, seen.max]);
    // Half a value at the extremes; where values wait, theirs folds them in first, with another scale function.
    const tolerance = buffered.length > 2 ? 0.002 : 0.51 / seen.n;
    for (const [x, rank] of seen.ranks) {
      expect(Math.abs(midRank(seen, x) - rank), `rank of ${x}`).toBeLessThanOrEqual(tolerance);
    }
  });

  test.each(golden.readByCpp)('$name: are written today as they were then', ({ bytes }) => {
    const { digest, buffered } = decodeDigest(Buffer.from(bytes, 'base64'));
    expect(Buffer.from(encodeDigest(digest, buffered)).toString('base64')).toBe(bytes);
  });
});

describe('t-digests that the C++ library wrote', () => {
  test.each(golden.writtenByCpp)('$n values, $name: have the same size, extremes and ranks here', (seen) => {
    if (seen.n === 0) return expect(decoded(seen).total).toBe(0);
    const whole = decoded(seen);
    expect(whole).toMatchObject({ total: seen.n, min: seen.min, max: seen.max });
    // Theirs blends heavy values with others, and then no reader can tell them apart again.
    const tolerance = seen.name === 'normal' ? 0.004 : 0.015;
    for (const [x, rank] of seen.ranks) {
      expect(Math.abs(midRank(seen, x) - rank), `rank of ${x}`).toBeLessThanOrEqual(tolerance);
    }
  });

  test.each(golden.writtenByCpp)('$n values, $name: merge with ours', (seen) => {
    const other = decoded(golden.readByCpp.find(({ name }) => name === 'normal')!);
    const merged = mergedDigest(decoded(seen), other);
    expect(merged.total).toBe(seen.n + other.total);
    expect(merged.weights.reduce((sum, weight) => sum + weight, 0)).toBe(merged.total);
  });
});
