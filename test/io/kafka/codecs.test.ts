import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import kafkajs, { type CompressionTypes } from 'kafkajs';
import { compressSync } from 'snappy';
import { describe, expect, test } from 'vitest';
import { type CompressionName, compressionTypes, registerCodecs } from '../../../src/io/kafka/codecs.ts';

interface Codec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
  decompress(bytes: Buffer): Promise<Buffer>;
}

registerCodecs();

function codecOf(name: CompressionName): Codec {
  const { CompressionCodecs } = kafkajs;
  return CompressionCodecs[compressionTypes[name] as CompressionTypes.GZIP]() as Codec;
}

const names = ['gzip', 'snappy', 'lz4', 'zstd'] as const;
const text = Buffer.from('driftline'.repeat(8000));

/**
 * `text` as Kafka's Java client 4.1.1 writes it (org.apache.kafka.common.compress.Compression, default levels): three
 * snappy blocks, two lz4 blocks. The snappy bytes are gzipped once more here, to be short.
 */
const written: Readonly<Record<(typeof names)[number], Buffer>> = {
  gzip: Buffer.from(
    'H4sIAAAAAAAA/+3GsQkAMAgAsGetIJQO4v849YtkSnTl3HonRERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERORnAUBnjvNAGQEA',
    'base64',
  ),
  snappy: gunzipSync(
    Buffer.from(
      'H4sIAAAAAAACA2sK9nMMCIhkAAJGCGbjbWhgUkgpykwrycnMS/3HyTCKRtEoGkWjaKShW5wMsAohFVYjjIbKKBpFo2gUjdQKgdH6gJFCHqxCGA0UkoIPACCk1ktxDQAA',
      'base64',
    ),
  ),
  lz4: Buffer.from(
    'BCJNGGBAghMBAACfZHJpZnRsaW5lCQD/////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////31BpZnRsaSwAAACfbmVkcmlmdGxpCQD/////////////////////////////////OFB0bGluZQAAAAA=',
    'base64',
  ),
  zstd: Buffer.from('KLUv/QBYjAAASGRyaWZ0bGluZQEANBnMyxEBAAA=', 'base64'),
};

describe.each(names)('%s', (name) => {
  test('gives back what it packed, for any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 100_000, size: 'max' }), async (bytes) => {
        const packed = await codecOf(name).compress({ buffer: Buffer.from(bytes) });
        expect((await codecOf(name).decompress(packed)).equals(bytes)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  test('unpacks what the Java client wrote', async () => {
    expect((await codecOf(name).decompress(written[name])).equals(text)).toBe(true);
  });

  test('rejects damaged bytes instead of giving others', async () => {
    const cut = written[name].subarray(0, written[name].length - 9);
    await expect(codecOf(name).decompress(cut)).rejects.toThrow();
  });
});

test('snappy without frames, as librdkafka writes it, is unpacked too', async () => {
  expect((await codecOf('snappy').decompress(compressSync(text))).equals(text)).toBe(true);
});
