// A growing writer and a bounds-checked reader of little-endian bytes.
import { crc32 } from 'node:zlib';
import { Fault } from '../fault.ts';

export interface ByteWriter {
  bytes: Uint8Array;
  view: DataView;
  length: number;
}

/** A writer with room for `capacity` bytes; it grows by doubling. */
export function openWriter(capacity = 1024): ByteWriter {
  const bytes = new Uint8Array(capacity);
  return { bytes, view: new DataView(bytes.buffer), length: 0 };
}

/** The bytes written so far, as an array of their own. */
export function written(writer: ByteWriter): Uint8Array {
  return writer.bytes.slice(0, writer.length);
}

/** Makes room for `more` bytes and returns where they go. Growing replaces `bytes` and `view`: look them up afterwards. */
function advance(writer: ByteWriter, more: number): number {
  const at = writer.length;
  writer.length += more;
  if (writer.length > writer.bytes.length) {
    const grown = new Uint8Array(Math.max(writer.length, writer.bytes.length * 2));
    grown.set(writer.bytes.subarray(0, at));
    writer.bytes = grown;
    writer.view = new DataView(grown.buffer);
  }
  return at;
}

/** Appends one byte. */
export function writeByte(writer: ByteWriter, value: number): void {
  const at = advance(writer, 1);
  writer.bytes[at] = value;
}

/** Appends an unsigned 16-bit integer. */
export function writeUint16(writer: ByteWriter, value: number): void {
  const at = advance(writer, 2);
  writer.view.setUint16(at, value, true);
}

/** Appends an unsigned 32-bit integer. */
export function writeUint32(writer: ByteWriter, value: number): void {
  const at = advance(writer, 4);
  writer.view.setUint32(at, value, true);
}

/** Appends a non-negative integer below 2^53 as 64 bits. */
export function writeUint64(writer: ByteWriter, value: number): void {
  const at = advance(writer, 8);
  writer.view.setUint32(at, value >>> 0, true);
  writer.view.setUint32(at + 4, Math.floor(value / 2 ** 32), true);
}

/** Appends a double, bit by bit; but NaN in one form only, since arithmetic makes several. */
export function writeDouble(writer: ByteWriter, value: number): void {
  const at = advance(writer, 8);
  writer.view.setFloat64(at, Number.isNaN(value) ? Number.NaN : value, true);
}

const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Appends finite doubles: at once where the machine orders bytes as they are written. */
export function writeDoubles(writer: ByteWriter, values: Float64Array): void {
  if (isLittleEndian) {
    writeBytes(writer, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  } else for (const value of values) writeDouble(writer, value);
}

/** Appends a non-negative integer below 2^53 in groups of seven bits, the lowest first. */
export function writeVarint(writer: ByteWriter, value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    writeByte(writer, (rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  writeByte(writer, rest);
}

/** Appends bytes as they are. */
export function writeBytes(writer: ByteWriter, value: Uint8Array): void {
  const at = advance(writer, value.length);
  writer.bytes.set(value, at);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Appends twice the length in bytes, then the text as UTF-8. JSON can hold lone surrogates, which UTF-8 cannot: such text
 * follows as UTF-16, with one added to its length.
 */
export function writeText(writer: ByteWriter, value: string): void {
  if (!value.isWellFormed()) {
    writeVarint(writer, value.length * 4 + 1);
    for (let i = 0; i < value.length; i++) writeUint16(writer, value.charCodeAt(i));
    return;
  }
  const bytes = encoder.encode(value);
  writeVarint(writer, bytes.length * 2);
  writeBytes(writer, bytes);
}

export interface ByteReader {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  position: number;
}

/** A reader at the beginning of the bytes. All reads throw PROFILE_INVALID beyond their end. */
export function openReader(bytes: Uint8Array): ByteReader {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), position: 0 };
}

/** How many bytes are left. */
export function remaining(reader: ByteReader): number {
  return reader.bytes.length - reader.position;
}

function take(reader: ByteReader, count: number): number {
  const at = reader.position;
  if (at + count > reader.bytes.length)
    throw new Fault('PROFILE_INVALID', `bytes end at ${reader.bytes.length}, within a value`);
  reader.position = at + count;
  return at;
}

/** Reads one byte. */
export function readByte(reader: ByteReader): number {
  return reader.view.getUint8(take(reader, 1));
}

/** Reads an unsigned 16-bit integer. */
export function readUint16(reader: ByteReader): number {
  return reader.view.getUint16(take(reader, 2), true);
}

/** Reads an unsigned 32-bit integer. */
export function readUint32(reader: ByteReader): number {
  return reader.view.getUint32(take(reader, 4), true);
}

/** Reads a 64-bit integer, which must lie below 2^53. */
export function readUint64(reader: ByteReader): number {
  const at = take(reader, 8);
  const value = reader.view.getUint32(at, true) + reader.view.getUint32(at + 4, true) * 2 ** 32;
  if (!Number.isSafeInteger(value)) throw new Fault('PROFILE_INVALID', 'an integer is too large');
  return value;
}

/** Reads a double, bit by bit. */
export function readDouble(reader: ByteReader): number {
  return reader.view.getFloat64(take(reader, 8), true);
}

/** Reads doubles; throws PROFILE_INVALID unless all are finite. */
export function readDoubles(reader: ByteReader, count: number): Float64Array {
  const values = new Float64Array(count);
  const bytes = readBytes(reader, count * 8);
  if (isLittleEndian) new Uint8Array(values.buffer).set(bytes);
  else {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let i = 0; i < count; i++) values[i] = view.getFloat64(i * 8, true);
  }
  if (!values.every(Number.isFinite)) throw new Fault('PROFILE_INVALID', 'a value is not finite');
  return values;
}

/** Reads an integer written by `writeVarint`. */
export function readVarint(reader: ByteReader): number {
  let value = 0;
  let scale = 1;
  for (let i = 0; i < 8; i++) {
    const byte = readByte(reader);
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) {
      if (!Number.isSafeInteger(value)) break;
      return value;
    }
    scale *= 0x80;
  }
  throw new Fault('PROFILE_INVALID', 'an integer is too large');
}

/** A varint that counts things of at least `bytesEach` bytes: more than can follow are damage, found before memory is taken for them. */
export function readCount(reader: ByteReader, bytesEach: number): number {
  const count = readVarint(reader);
  if (count * bytesEach > remaining(reader))
    throw new Fault('PROFILE_INVALID', `${count} values cannot follow`);
  return count;
}

/** Reads bytes; the result shares memory with the reader. */
export function readBytes(reader: ByteReader, count: number): Uint8Array {
  const at = take(reader, count);
  return reader.bytes.subarray(at, at + count);
}

/** Reads text written by `writeText`. */
export function readText(reader: ByteReader): string {
  const header = readVarint(reader);
  const bytes = readBytes(reader, Math.floor(header / 2));
  if (header % 2 === 0) return decodedText(bytes);
  const units = openReader(bytes);
  let text = '';
  while (remaining(units) > 0) text += String.fromCharCode(readUint16(units));
  return text;
}

function decodedText(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new Fault('PROFILE_INVALID', 'text is not UTF-8', { cause });
  }
}

/** CRC-32 as in zlib (ISO 3309, reflected polynomial 0xedb88320): finds every damage of up to 32 neighbouring bits. */
export function checksum(bytes: Uint8Array): number {
  return crc32(bytes);
}
