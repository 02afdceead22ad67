// Files of one JSON event per line, plain or compressed, as batches of raw lines.
import { createReadStream } from 'node:fs';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { Fault } from '../../fault.ts';
import type { EventFile } from './event-file.ts';

export type Compression = 'none' | 'gzip' | 'zstd';

const chunkBytes = 1 << 20;
const newline = 10;
const carriageReturn = 13;
const noBytes = Buffer.alloc(0);

/**
 * A file of lines, of which `sizeBytes` is the size on disk. A line longer than `lineBytesMax` is cut one byte behind
 * that bound, so that a decoder with the same bound refuses it as too large and memory stays bounded.
 */
export function openLines(
  path: string,
  sizeBytes: number,
  compression: Compression,
  lineBytesMax: number,
): EventFile {
  let bytesRead = () => 0;
  async function* batches(): AsyncGenerator<readonly Buffer[]> {
    const file = createReadStream(path, { highWaterMark: chunkBytes });
    bytesRead = () => file.bytesRead;
    const chunks = decompressed(file, compression);
    try {
      yield* splitLines(chunks, lineBytesMax);
    } catch (error) {
      throw unreadable(path, error);
    } finally {
      chunks.destroy();
      file.destroy();
    }
  }
  return {
    format: 'ndjson',
    skipped: [],
    hasTime: true,
    batches,
    progress: () => (sizeBytes === 0 ? 1 : Math.min(1, bytesRead() / sizeBytes)),
    close: () => {},
  };
}

function decompressed(file: Readable, compression: Compression): Readable {
  if (compression === 'none') return file;
  const decoder =
    compression === 'gzip'
      ? createGunzip({ chunkSize: chunkBytes })
      : createZstdDecompress({ chunkSize: chunkBytes });
  // An error of either stream reaches the reader of the last one.
  pipeline(file, decoder, () => {});
  return decoder;
}

function unreadable(path: string, error: unknown): Fault {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (code.startsWith('Z_') || code.startsWith('ZSTD_') || code.startsWith('ERR_')) {
    return new Fault(
      'INPUT_UNSUPPORTED',
      `${path} is damaged or not compressed as its name says: ${message}`,
      {
        cause: error,
      },
    );
  }
  return new Fault('INPUT_MISSING', `${path} cannot be read: ${message}`, { cause: error });
}

/** The lines of a stream of bytes without their ends; empty lines are left out, the last one needs no newline. */
export async function* splitLines(
  chunks: AsyncIterable<Buffer>,
  lineBytesMax: number,
): AsyncGenerator<readonly Buffer[]> {
  let begun: Buffer = noBytes;
  // Inside a line whose first bytes have been given out already.
  let skipping = false;
  let atStart = true;
  for await (const chunk of chunks) {
    const lines: Buffer[] = [];
    let start = atStart ? byteOrderMark(chunk) : 0;
    atStart = false;
    for (let end = chunk.indexOf(newline, start); end >= 0; end = chunk.indexOf(newline, start)) {
      if (!skipping) addLine(lines, joined(begun, chunk.subarray(start, end)), lineBytesMax);
      begun = noBytes;
      skipping = false;
      start = end + 1;
    }
    if (!skipping) begun = joined(begun, chunk.subarray(start));
    // One byte more than the bound may be a carriage return.
    if (begun.length > lineBytesMax + 1) {
      addLine(lines, begun, lineBytesMax);
      begun = noBytes;
      skipping = true;
    }
    if (lines.length > 0) yield lines;
  }
  const lines: Buffer[] = [];
  addLine(lines, begun, lineBytesMax);
  if (lines.length > 0) yield lines;
}

function joined(begun: Buffer, rest: Buffer): Buffer {
  return begun.length === 0 ? rest : Buffer.concat([begun, rest]);
}

function addLine(lines: Buffer[], line: Buffer, lineBytesMax: number): void {
  const length = line[line.length - 1] === carriageReturn ? line.length - 1 : line.length;
  if (length > 0) lines.push(line.subarray(0, Math.min(length, lineBytesMax + 1)));
}

/** Where the text begins: behind the mark that some editors put at the start of UTF-8. */
function byteOrderMark(chunk: Buffer): number {
  return chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf ? 3 : 0;
}
