// Compression of record batches: gzip and zstd by Node, snappy in xerial frames, lz4 frames.
import { promisify } from 'node:util';
import { constants, gunzip, gzip, zstdCompress, zstdDecompress } from 'node:zlib';
import kafkajs, { CompressionTypes } from 'kafkajs';
import { compressFrame, decompressFrame } from 'lz4-napi';
import { compress as compressSnappy, uncompress as uncompressSnappy } from 'snappy';

export type CompressionName = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

/** What kafkajs wants of a codec; `buffer` holds the records of one batch. */
interface Codec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
  decompress(bytes: Buffer): Promise<Buffer>;
}

/**
 * A batch that unpacks to more than this is hostile: brokers bound what is packed, to a megabyte unless told, and JSON is packed
 * to a twentieth at best. They look through what a batch unpacks to, however much that is, and let it pass. It has room for the
 * largest event that can be configured.
 */
export const unpackedBytesMax = 80 * 1024 * 1024;
const limits = { maxOutputLength: unpackedBytesMax };

/** As Node says it. */
const tooLargeCode = 'ERR_BUFFER_TOO_LARGE';

/** Whether bytes could not be unpacked because they would become more than `unpackedBytesMax`. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === tooLargeCode;
}

function tooLarge(bytes: number): Error {
  return Object.assign(new Error(`a record batch unpacks to ${bytes} bytes or more`), { code: tooLargeCode });
}

const gzipCodec: Codec = {
  compress: ({ buffer }) => promisify(gzip)(buffer),
  decompress: (bytes) => promisify(gunzip)(bytes, limits),
};

const zstdCodec: Codec = {
  compress: ({ buffer }) =>
    promisify(zstdCompress)(buffer, { params: { [constants.ZSTD_c_compressionLevel]: 3 } }),
  decompress: (bytes) => promisify(zstdDecompress)(bytes, limits),
};

const lz4Codec: Codec = {
  compress: ({ buffer }) => compressFrame(buffer),
  // No more than 255 times what was packed, so that it may be looked at afterwards.
  async decompress(bytes) {
    const unpacked = await decompressFrame(bytes);
    if (unpacked.length > unpackedBytesMax) throw tooLarge(unpacked.length);
    return unpacked;
  },
};

/**
 * The frames of snappy-java, which Kafka's Java client writes: a header of 16 bytes (magic, version, compatible
 * version), then blocks of at most 32 KiB of input, each preceded by its compressed length as a big-endian int32.
 * librdkafka writes one raw block instead: both are read.
 */
const snappyCodec: Codec = {
  async compress({ buffer }) {
    const parts: Buffer[] = [xerialHeader];
    for (let start = 0; start < buffer.length; start += xerialBlockBytes) {
      const block = await compressSnappy(buffer.subarray(start, start + xerialBlockBytes));
      const length = Buffer.alloc(4);
      length.writeInt32BE(block.length);
      parts.push(length, block);
    }
    return Buffer.concat(parts);
  },
  async decompress(bytes) {
    if (!bytes.subarray(0, xerialMagic.length).equals(xerialMagic)) return unpackSnappy(bytes);
    const parts: Buffer[] = [];
    let position = xerialHeader.length;
    let unpackedBytes = 0;
    while (position < bytes.length) {
      const length = bytes.readInt32BE(position);
      position += 4;
      if (length < 0 || position + length > bytes.length) throw new Error('a snappy block is cut off');
      const part = await unpackSnappy(bytes.subarray(position, position + length));
      unpackedBytes += part.length;
      if (unpackedBytes > unpackedBytesMax) throw tooLarge(unpackedBytes);
      parts.push(part);
      position += length;
    }
    return Buffer.concat(parts);
  },
};

const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const xerialHeader = Buffer.concat([xerialMagic, Buffer.from([0, 0, 0, 1, 0, 0, 0, 1])]);
const xerialBlockBytes = 32 * 1024;

async function unpackSnappy(bytes: Buffer): Promise<Buffer> {
  const declared = declaredLength(bytes);
  if (declared > unpackedBytesMax) throw tooLarge(declared);
  return Buffer.from(await uncompressSnappy(bytes, { asBuffer: true }));
}

/** Snappy says first how much it unpacks to, in groups of seven bits, and memory for that is taken before anything is read. */
function declaredLength(bytes: Buffer): number {
  let length = 0;
  for (let i = 0; i < 5; i++) {
    const byte = bytes[i] ?? 0;
    length += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) break;
  }
  return length;
}

const codecs: Readonly<Record<Exclude<CompressionName, 'none'>, Codec>> = {
  gzip: gzipCodec,
  snappy: snappyCodec,
  lz4: lz4Codec,
  zstd: zstdCodec,
};

/** The records of a batch whose attributes name this codec (the lowest three bits; not 0). Throws for one that Kafka does not have. */
export async function unpack(codec: number, bytes: Buffer): Promise<Buffer> {
  const [name] = Object.entries(compressionTypes).find(([, type]) => type === codec) ?? ['none'];
  if (name === 'none') throw new Error(`a record batch is compressed by an unknown codec: ${codec}`);
  return codecs[name as keyof typeof codecs].decompress(bytes);
}

/** Makes kafkajs know the four codecs; they are global to it, so repeating changes nothing. */
export function registerCodecs(): void {
  // Not among the named exports that Node finds in this CommonJS package.
  const { CompressionCodecs } = kafkajs;
  CompressionCodecs[CompressionTypes.GZIP] = () => codecs.gzip;
  CompressionCodecs[CompressionTypes.Snappy] = () => codecs.snappy;
  CompressionCodecs[CompressionTypes.LZ4] = () => codecs.lz4;
  CompressionCodecs[CompressionTypes.ZSTD] = () => codecs.zstd;
}

export const compressionTypes: Readonly<Record<CompressionName, CompressionTypes>> = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
};
