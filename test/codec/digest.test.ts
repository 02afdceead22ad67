import { describe, expect, test } from 'vitest';
import { decodeDigest, encodeDigest } from '../../src/codec/digest.ts';
import { type Digest, digestQuantile, digestRank, emptyDigest, withSorted } from '../../src/sketch/digest.ts';
import { benignNames, sampleOf } from '../laws/summary-samples.ts';

const none = new Float64Array(0);

function digestOf(values: Float64Array): Digest {
  let digest = emptyDigest;
  for (let from = 0; from < values.length; from += 1000) {
    // -0 + 0 is 0: summaries keep no negative zero.
    const part = values.slice(from, from + 1000).map((x) => x + 0);
    digest = withSorted(digest, part.sort(), part.length);
  }
  return digest;
}

/** Written by the Python package `datasketches` 5.2 (the C++ library): tdigest_double(200) of i²/4 for i < n. */
const writtenByCpp = {
  0: '010114c800010000',
  1: '010114c8000600000000000000000000',
  2: '020114c80004000002000000000000000000000000000000000000000000d03f00000000000000000100000000000000000000000000d03f0100000000000000',
  12: '020114c8000400000c0000000000000000000000000000000000000000403e4000000000000000000100000000000000000000000000d03f0100000000000000000000000000f03f010000000000000000000000000002400100000000000000000000000000104001000000000000000000000000001940010000000000000000000000000022400100000000000000000000000080284001000000000000000000000000003040010000000000000000000000004034400100000000000000000000000000394001000000000000000000000000403e400100000000000000',
} as const;

describe('the bytes of a t-digest', () => {
  test.each(benignNames)('%s: bring back every centroid, every atom and the values that wait', (name) => {
    for (const size of [2, 1000, 30_000]) {
      const digest = digestOf(sampleOf(name, size));
      expect(decodeDigest(encodeDigest(digest, none))).toEqual({ digest, buffered: none });
      const buffered = sampleOf(name, 700, 2);
      const extremes = { min: digest.min, max: digest.max };
      expect(decodeDigest(encodeDigest(digest, buffered), extremes)).toEqual({ digest, buffered });
    }
  });

  test('of nothing take 8 bytes, of a single value 16', () => {
    expect(Buffer.from(encodeDigest(emptyDigest, none)).toString('hex')).toBe(writtenByCpp[0]);
    const single = encodeDigest(emptyDigest, Float64Array.of(7));
    expect(single.length).toBe(16);
    expect(decodeDigest(single)).toEqual({ digest: emptyDigest, buffered: Float64Array.of(7) });
  });

  test.each([0, 1, 2, 12] as const)('those that DataSketches wrote of %i values are read', (n) => {
    const { digest, buffered } = decodeDigest(Buffer.from(writtenByCpp[n], 'hex'));
    const values = [...digest.means, ...buffered];
    expect(values).toEqual(Array.from({ length: n }, (_, i) => (i * i) / 4));
    expect(digest.total + buffered.length).toBe(n);
  });

  test('are those that DataSketches writes, but for its flag of the direction of the next merge', () => {
    const { digest } = decodeDigest(Buffer.from(writtenByCpp[12], 'hex'));
    const ours = encodeDigest(digest, none);
    expect(Buffer.from(ours).toString('hex')).toBe(writtenByCpp[12].replace('c80004', 'c80000'));
  });

  test('show an atom to foreign readers as (x, 1) (x, w − 2) (x, 1)', () => {
    const digest = digestOf(new Float64Array(500).fill(3));
    const view = new DataView(encodeDigest(digest, none).buffer);
    const centroids = Array.from({ length: view.getUint32(8, true) }, (_, i) => [
      view.getFloat64(32 + 16 * i, true),
      Number(view.getBigUint64(40 + 16 * i, true)),
    ]);
    expect(centroids).toEqual([
      [3, 1],
      [3, 498],
      [3, 1],
    ]);
  });

  test('name a k with room for all centroids', () => {
    // Heavy atoms with a few values between each two of them: as many centroids as there can be.
    const values = Float64Array.from({ length: 60_000 }, (_, i) =>
      i % 600 < 590 ? i % 59 : (i % 59) + (i % 600) / 1e3,
    );
    const bytes = encodeDigest(digestOf(values), none);
    const view = new DataView(bytes.buffer);
    expect(2 * view.getUint16(3, true) + 10).toBeGreaterThanOrEqual(view.getUint32(8, true));
    const many: Digest = {
      means: Float64Array.from({ length: 300 }, (_, i) => i),
      weights: new Float64Array(300).fill(10),
      pure: new Uint8Array(300).fill(1),
      ...{ total: 3000, min: 0, max: 299 },
    };
    const wide = new DataView(encodeDigest(many, none).buffer);
    expect(wide.getUint32(8, true)).toBe(900);
    expect(2 * wide.getUint16(3, true) + 10).toBeGreaterThanOrEqual(900);
    expect(decodeDigest(encodeDigest(many, none)).digest).toEqual(many);
  });

  test('read back say the same of ranks and quantiles', () => {
    const digest = digestOf(sampleOf('70 % zeros, lognormal otherwise', 20_000));
    const { digest: read } = decodeDigest(encodeDigest(digest, none));
    expect(digestRank(read, 0)).toEqual(digestRank(digest, 0));
    expect(digestQuantile(read, 0.9)).toBe(digestQuantile(digest, 0.9));
  });
});

describe('damaged bytes of a t-digest', () => {
  const sound = encodeDigest(digestOf(sampleOf('integers', 5000)), Float64Array.of(1, 2, 3));
  const changed = (change: (view: DataView) => void): Uint8Array => {
    const bytes = sound.slice();
    change(new DataView(bytes.buffer));
    return bytes;
  };

  test.each<[string, Uint8Array]>([
    ['of another family', changed((view) => view.setUint8(2, 15))],
    ['of another version', changed((view) => view.setUint8(1, 2))],
    ['with more centroids than follow', changed((view) => view.setUint32(8, 0xffffffff, true))],
    ['with more values than follow', changed((view) => view.setUint32(12, 0xffffffff, true))],
    ['with a mean that is no number', changed((view) => view.setFloat64(32, Number.NaN, true))],
    ['with a weight of zero', changed((view) => view.setBigUint64(40, 0n, true))],
    ['with a weight above 2^53', changed((view) => view.setBigUint64(40, 1n << 60n, true))],
    ['with means out of order', changed((view) => view.setFloat64(32 + 16 * 5, -1e9, true))],
    ['with a minimum above its means', changed((view) => view.setFloat64(16, 1e9, true))],
    ['with an infinite maximum', changed((view) => view.setFloat64(24, Infinity, true))],
    ['empty, but longer', Uint8Array.of(1, 1, 20, 200, 0, 1, 0, 0, 9)],
  ])('are found: %s', (_, bytes) => {
    expect(() => decodeDigest(bytes)).toThrow(expect.objectContaining({ code: 'PROFILE_INVALID' }));
  });

  test('are found when cut off anywhere', () => {
    for (let length = 0; length < sound.length; length++) {
      expect(() => decodeDigest(sound.subarray(0, length))).toThrow(
        expect.objectContaining({ code: 'PROFILE_INVALID' }),
      );
    }
  });
});
