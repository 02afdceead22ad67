// Which partition Kafka puts a key in: murmur2, as Kafka's Java client and all that copy it.

const encoder = new TextEncoder();

const seed = 0x9747b28c;
const multiplier = 0x5bd1e995;

/**
 * The 32-bit murmur2 hash of the bytes, signed as Java's `int` is (org.apache.kafka.common.utils.Utils.murmur2).
 */
export function murmur2(bytes: Uint8Array): number {
  const length = bytes.length;
  const tail = length & ~3;
  let hash = seed ^ length;
  for (let i = 0; i < tail; i += 4) {
    let word = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    word = Math.imul(word, multiplier);
    word ^= word >>> 24;
    hash = Math.imul(hash, multiplier) ^ Math.imul(word, multiplier);
  }
  const rest = length - tail;
  if (rest > 0) {
    if (rest === 3) hash ^= bytes[tail + 2]! << 16;
    if (rest >= 2) hash ^= bytes[tail + 1]! << 8;
    hash = Math.imul(hash ^ bytes[tail]!, multiplier);
  }
  hash ^= hash >>> 13;
  hash = Math.imul(hash, multiplier);
  return hash ^ (hash >>> 15);
}

/**
 * The partition (0 … partitions-1) of a key, a string taken as UTF-8: the sign bit is cleared as Kafka's
 * `toPositive` does, which is not the absolute value.
 */
export function partitionOf(key: Uint8Array | string, partitions: number): number {
  const bytes = typeof key === 'string' ? encoder.encode(key) : key;
  return (murmur2(bytes) & 0x7fffffff) % partitions;
}
