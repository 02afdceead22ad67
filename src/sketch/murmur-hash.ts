// MurmurHash64A (A. Appleby, 2008) with the seed that Redis hashes the elements of a HyperLogLog with, as two halves of 32
// bits: JavaScript has no fast integers of 64.

export interface Hash64 {
  /** Bits 0 to 31. */
  low: number;
  /** Bits 32 to 63. */
  high: number;
}

const seed = 0xadc83b19;
/** The multiplier 0xc6a4a7935bd1e995. */
const factorHigh = 0xc6a4a793 | 0;
const factorLow = 0x5bd1e995;
const factorLow16 = factorLow & 0xffff;
const factorHigh16 = factorLow >>> 16;

/** The state of the hash being computed; one at a time, so that no object is made for every value. */
let low = 0;
let high = 0;

/** Bits 32 to 63 of the product of `x` and the lower half of the factor, both without sign. */
function carried(x: number): number {
  const x0 = x & 0xffff;
  const x1 = x >>> 16;
  const middle = x1 * factorLow16 + ((x0 * factorLow16) >>> 16);
  return x1 * factorHigh16 + (middle >>> 16) + (((middle & 0xffff) + x0 * factorHigh16) >>> 16);
}

/** One block of eight bytes: k *= m, k ^= k >> 47, k *= m, h ^= k, h *= m. */
function mixBlock(blockLow: number, blockHigh: number): void {
  let kHigh = (carried(blockLow) + Math.imul(blockHigh, factorLow) + Math.imul(blockLow, factorHigh)) | 0;
  let kLow = Math.imul(blockLow, factorLow);
  kLow ^= kHigh >>> 15;
  kHigh = (carried(kLow) + Math.imul(kHigh, factorLow) + Math.imul(kLow, factorHigh)) | 0;
  kLow = Math.imul(kLow, factorLow);
  low ^= kLow;
  high ^= kHigh;
  multiply();
}

function multiply(): void {
  high = (carried(low) + Math.imul(high, factorLow) + Math.imul(low, factorHigh)) | 0;
  low = Math.imul(low, factorLow);
}

/** The seed, xored with the length times the factor. */
function begin(length: number): void {
  low = Math.imul(length, factorLow) ^ seed;
  high = (carried(length) + Math.imul(length, factorHigh)) | 0;
}

function finish(into: Hash64): void {
  low ^= high >>> 15;
  multiply();
  low ^= high >>> 15;
  into.low = low >>> 0;
  into.high = high >>> 0;
}

/** Hashes the first `length` bytes. */
export function hashBytes(bytes: Uint8Array, length: number, into: Hash64): void {
  begin(length);
  const end = length & ~7;
  for (let i = 0; i < end; i += 8) mixBlock(word(bytes, i), word(bytes, i + 4));
  if (end < length) {
    for (let i = end; i < length; i++) {
      const bits = bytes[i]! << ((i & 3) * 8);
      if (i - end < 4) low ^= bits;
      else high ^= bits;
    }
    multiply();
  }
  finish(into);
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

const encoder = new TextEncoder();
const shortLength = 32;
let buffer = new Uint8Array(1024);

/**
 * Hashes text as UTF-8, so that it is the hash of what a client sends. A lone surrogate is hashed as U+FFFD, as it would be
 * sent.
 */
export function hashText(text: string, into: Hash64): void {
  const length = encodedLength(text);
  hashBytes(buffer, length, into);
}

/** Puts the text into the buffer; a call of the encoder costs more than a short loop. */
function encodedLength(text: string): number {
  const { length } = text;
  if (length <= shortLength) {
    let i = 0;
    for (; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 0x7f) break;
      buffer[i] = unit;
    }
    if (i === length) return length;
  }
  // A unit of UTF-16 becomes three bytes at most.
  if (length * 3 > buffer.length) buffer = new Uint8Array(length * 3);
  return encoder.encodeInto(text, buffer).written;
}

const double = new Float64Array(1);
const halves = new Uint32Array(double.buffer);
/** 0 where the machine orders bytes from the lowest. */
const lowHalf = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 0 : 1;

/** Hashes the eight bytes of a double, lowest first; -0 is 0. */
export function hashNumber(x: number, into: Hash64): void {
  double[0] = x + 0;
  begin(8);
  mixBlock(halves[lowHalf]!, halves[1 - lowHalf]!);
  finish(into);
}
