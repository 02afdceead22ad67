import { expect, test } from 'vitest';
import { type Hash64, hashBytes, hashNumber, hashText } from '../../src/sketch/murmur-hash.ts';
import { seededRandom } from '../laws/summary-samples.ts';

/** The algorithm as A. Appleby published it, on integers of any size. */
function reference(bytes: Uint8Array): bigint {
  const multiplied = (x: bigint) => (x * 0xc6a4a7935bd1e995n) & 0xffffffffffffffffn;
  let hash = 0xadc83b19n ^ multiplied(BigInt(bytes.length));
  const whole = bytes.length & ~7;
  for (let i = 0; i < whole; i += 8) {
    const block = multiplied(Buffer.from(bytes).readBigUInt64LE(i));
    hash = multiplied(hash ^ multiplied(block ^ (block >> 47n)));
  }
  if (whole < bytes.length) {
    for (let i = whole; i < bytes.length; i++) hash ^= BigInt(bytes[i]!) << BigInt(8 * (i - whole));
    hash = multiplied(hash);
  }
  hash = multiplied(hash ^ (hash >> 47n));
  return hash ^ (hash >> 47n);
}

function hashed(hash: (into: Hash64) => void): bigint {
  const into = { low: 0, high: 0 };
  hash(into);
  return (BigInt(into.high) << 32n) | BigInt(into.low);
}

test('bytes of every length have the hash of the published algorithm', () => {
  const random = seededRandom(1);
  for (let length = 0; length < 40; length++) {
    for (let trial = 0; trial < 50; trial++) {
      // Bytes of many ones find carries that are lost.
      const bytes = Uint8Array.from({ length }, () => (trial % 2 === 0 ? 255 : Math.floor(random() * 256)));
      if (length > 0) bytes[Math.floor(random() * length)] = Math.floor(random() * 256);
      expect(hashed((into) => hashBytes(bytes, length, into))).toBe(reference(bytes));
    }
  }
});

test('text has the hash of its UTF-8, whatever its length', () => {
  const texts = [
    '',
    'a',
    'customer-00000000042',
    'é',
    '日本語😀',
    'x'.repeat(33),
    '日'.repeat(2000),
    'y'.repeat(5000),
  ];
  for (const text of [...texts, ...texts.toReversed()]) {
    expect(hashed((into) => hashText(text, into))).toBe(reference(new TextEncoder().encode(text)));
  }
});

test('a number has the hash of its eight bytes, and -0 is 0', () => {
  const bytesOf = (x: number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(x);
    return bytes;
  };
  for (const x of [0, 1, -1, 0.1, 1e300, 5e-324, Number.MAX_VALUE]) {
    expect(hashed((into) => hashNumber(x, into))).toBe(reference(bytesOf(x)));
  }
  expect(hashed((into) => hashNumber(-0, into))).toBe(reference(bytesOf(0)));
});
