// HyperLogLog registers in the dense layout of Redis: SET these bytes, and PFCOUNT, PFMERGE and PFADD take them.
//
//   "HYLL"   u8 encoding 0 (dense)   3 bytes 0   u64 cached count, its highest bit set: not valid
//   16,384 registers of 6 bits, the first in the lowest bits of the first byte
import { Fault } from '../fault.ts';
import { emptyHyperLogLog, type HyperLogLog, rankMax, registerCount } from '../sketch/hyperloglog.ts';

const magic = [0x48, 0x59, 0x4c, 0x4c] as const;
const headerBytes = 16;
const cacheInvalid = 0x80;

/** The length of the layout, 12,304 bytes. */
export const hyperLogLogBytes = headerBytes + (registerCount / 4) * 3;

/** The registers as Redis stores them. Redis computes the count itself when it is asked for. */
export function encodeHyperLogLog(registers: HyperLogLog): Uint8Array {
  const bytes = new Uint8Array(hyperLogLogBytes);
  bytes.set(magic);
  bytes[headerBytes - 1] = cacheInvalid;
  for (let i = 0, at = headerBytes; i < registerCount; i += 4, at += 3) {
    const four =
      registers[i]! | (registers[i + 1]! << 6) | (registers[i + 2]! << 12) | (registers[i + 3]! << 18);
    bytes[at] = four;
    bytes[at + 1] = four >>> 8;
    bytes[at + 2] = four >>> 16;
  }
  return bytes;
}

/** Reads the registers; the cached count does not matter. Throws PROFILE_INVALID for anything but the dense layout. */
export function decodeHyperLogLog(bytes: Uint8Array): HyperLogLog {
  if (bytes.length !== hyperLogLogBytes || magic.some((byte, i) => bytes[i] !== byte) || bytes[4] !== 0) {
    throw new Fault('PROFILE_INVALID', 'the bytes are no dense HyperLogLog');
  }
  const registers = emptyHyperLogLog();
  for (let i = 0, at = headerBytes; i < registerCount; i += 4, at += 3) {
    const four = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
    registers[i] = four & 63;
    registers[i + 1] = (four >>> 6) & 63;
    registers[i + 2] = (four >>> 12) & 63;
    registers[i + 3] = four >>> 18;
  }
  if (registers.some((rank) => rank > rankMax)) {
    throw new Fault('PROFILE_INVALID', 'a HyperLogLog register is greater than any rank');
  }
  return registers;
}
