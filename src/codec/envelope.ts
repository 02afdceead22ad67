// What stored profiles come in: magic and version before the content, its checksum behind it.
import {
  type ByteReader,
  type ByteWriter,
  checksum,
  openReader,
  readByte,
  readBytes,
  readUint32,
  remaining,
  writeByte,
  writeUint32,
  written,
} from './bytes.ts';

export interface Envelope {
  readonly magic: readonly number[];
  /** The oldest version that can still be read, and the one that is written. */
  readonly versions: { readonly oldest: number; readonly newest: number };
}

const checksumBytes = 4;

/** Begins an envelope in an empty writer. */
export function beginEnvelope(writer: ByteWriter, { magic, versions }: Envelope): void {
  for (const byte of [...magic, versions.newest]) writeByte(writer, byte);
}

/** The bytes of an envelope that has been begun and filled. */
export function sealed(writer: ByteWriter): Uint8Array {
  writeUint32(writer, checksum(writer.bytes.subarray(0, writer.length)));
  return written(writer);
}

/** A reader of the content, once the checksum has been compared, and the version found. `damaged` throws for bytes that are no such envelope. */
export function openEnvelope(
  bytes: Uint8Array,
  { magic, versions }: Envelope,
  damaged: (what: string) => never,
): { readonly reader: ByteReader; readonly found: number } {
  const header = openReader(bytes);
  for (const byte of magic) if (readByte(header) !== byte) damaged('the bytes are no profile');
  const found = readByte(header);
  if (found < versions.oldest || found > versions.newest) damaged(`version ${found} is not known`);
  const body = readBytes(header, Math.max(0, remaining(header) - checksumBytes));
  const content = bytes.subarray(0, bytes.length - checksumBytes);
  if (readUint32(header) !== checksum(content)) damaged('the bytes do not match their checksum');
  return { reader: openReader(body), found };
}
