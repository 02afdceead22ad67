import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { decodePrediction } from '../../../src/codec/event.ts';
import { Fault } from '../../../src/fault.ts';
import type { EventFile, EventPayload } from '../../../src/io/files/event-file.ts';
import { type EventFileOptions, openEvents } from '../../../src/io/files/formats.ts';
import { splitLines } from '../../../src/io/files/lines.ts';

const folder = mkdtempSync(join(tmpdir(), 'driftline-files-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const limits = { eventBytes: 1 << 20, featuresPerEvent: 1000, nameLength: 256 };

function written(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function payloadsOf(file: EventFile): Promise<EventPayload[]> {
  const payloads: EventPayload[] = [];
  for await (const batch of file.batches()) payloads.push(...batch);
  return payloads;
}

async function read(path: string, options?: EventFileOptions): Promise<EventPayload[]> {
  const file = await openEvents(path, options);
  try {
    return await payloadsOf(file);
  } finally {
    file.close();
  }
}

async function faultOf(work: Promise<unknown>): Promise<Fault> {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(outcome instanceof Fault)) throw new Error(`no Fault but ${outcome}`);
  return outcome;
}

const text = (payload: EventPayload | undefined) => Buffer.from(payload as Uint8Array).toString();

describe('lines', () => {
  const lines = Array.from({ length: 1000 }, (_, i) =>
    JSON.stringify({ prediction_id: `p${i}`, model: 'm', timestamp: i }),
  );

  test.each([
    ['plain.ndjson', (content: string) => Buffer.from(content)],
    ['plain.jsonl', (content: string) => Buffer.from(content)],
    ['packed.ndjson.gz', (content: string) => gzipSync(content)],
    ['packed.jsonl.gz', (content: string) => gzipSync(content)],
    ['packed.gz', (content: string) => gzipSync(content)],
    ['packed.ndjson.zst', (content: string) => zstdCompressSync(content)],
    [
      'two-members.ndjson.gz',
      (content: string) => Buffer.concat([gzipSync(content), gzipSync('{"last":1}')]),
    ],
  ])('of %s are given out as the bytes that they are', async (name, pack) => {
    const expected = name.startsWith('two') ? [...lines, '{"last":1}'] : lines;
    expect((await read(written(name, pack(`${lines.join('\n')}\n`)))).map(text)).toEqual(expected);
  });

  test('are the same lines however the bytes are cut into chunks', async () => {
    const piece = fc.constantFrom('\n', '\r\n', '{}', '{"a":"é"}', ' ', '\r', 'xyz');
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 40 }),
        fc.array(fc.nat(), { maxLength: 10 }),
        async (pieces, cuts) => {
          const bytes = Buffer.from(pieces.join(''));
          const expected = bytes
            .toString()
            .split('\n')
            .map((line) => line.replace(/\r$/, ''))
            .filter((line) => line !== '');
          const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
          const chunks = [0, ...places].map((from, i) => bytes.subarray(from, places[i] ?? bytes.length));
          const found: string[] = [];
          for await (const batch of splitLines(arrayOf(chunks), 1000)) found.push(...batch.map(text));
          expect(found).toEqual(expected);
        },
      ),
    );
  });

  test('that are too long are cut, so that the decoder refuses them and the next line is whole', async () => {
    const decoderLimits = { ...limits, eventBytes: 100 };
    const path = written(
      'long.ndjson',
      `${lines[0]}\n{"a":"${'x'.repeat(5 << 20)}"}\n${lines[1]}\n{"b":"${'y'.repeat(101)}"}`,
    );
    const payloads = await read(path, { lineBytesMax: 100 });
    expect(payloads.map((payload) => (payload as Uint8Array).length)).toEqual([
      lines[0]!.length,
      101,
      lines[1]!.length,
      101,
    ]);
    expect(payloads.map((payload) => decodePrediction(payload, decoderLimits).kind)).toEqual([
      'prediction',
      'reject',
      'prediction',
      'reject',
    ]);
    expect(decodePrediction(payloads[1]!, decoderLimits)).toMatchObject({ reason: 'too_large' });
  });

  test('of exactly the longest length are whole, with either line end', async () => {
    const line = 'x'.repeat(100);
    const path = written('exact.ndjson', `${line}\n${line}\r\n${line}`);
    expect((await read(path, { lineBytesMax: 100 })).map(text)).toEqual([line, line, line]);
  });

  test('begin behind a byte order mark', async () => {
    expect((await read(written('marked.ndjson', '\uFEFF{}\n'))).map(text)).toEqual(['{}']);
  });

  test('of an empty file are none', async () => {
    const file = await openEvents(written('empty.ndjson', ''));
    expect(await payloadsOf(file)).toEqual([]);
    expect(file.progress()).toBe(1);
  });

  test('can be read again and again, and progress ends at one', async () => {
    const file = await openEvents(written('again.ndjson', lines.join('\n')));
    expect(file.progress()).toBe(0);
    const first = await payloadsOf(file);
    expect(file.progress()).toBe(1);
    expect(await payloadsOf(file)).toEqual(first);
  });

  test('may be left before their end', async () => {
    const file = await openEvents(written('left.ndjson.gz', gzipSync(lines.join('\n').repeat(1000))));
    for await (const batch of file.batches()) {
      expect(batch.length).toBeGreaterThan(0);
      break;
    }
    expect((await payloadsOf(file)).length).toBeGreaterThan(1000);
  });

  test('of a damaged archive end with a Fault that names it', async () => {
    const packed = gzipSync(lines.join('\n').repeat(100));
    const cut = await faultOf(read(written('cut.ndjson.gz', packed.subarray(0, packed.length / 2))));
    expect([cut.code, cut.message]).toEqual(['INPUT_UNSUPPORTED', expect.stringContaining('cut.ndjson.gz')]);
    const plain = await faultOf(read(written('plain.ndjson.gz', lines.join('\n'))));
    expect(plain.code).toBe('INPUT_UNSUPPORTED');
    const zstd = await faultOf(read(written('plain.ndjson.zst', lines.join('\n'))));
    expect(zstd.code).toBe('INPUT_UNSUPPORTED');
  });
});

async function* arrayOf(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks;
}

describe('a file that cannot be used', () => {
  test('is INPUT_MISSING with its path when it is not there or no file', async () => {
    const missing = await faultOf(openEvents(join(folder, 'nowhere.ndjson')));
    expect([missing.code, missing.message]).toEqual([
      'INPUT_MISSING',
      expect.stringContaining('nowhere.ndjson'),
    ]);
    expect((await faultOf(openEvents(folder))).code).toBe('INPUT_MISSING');
  });

  test('is INPUT_UNSUPPORTED when its name tells no format, or it is not what its name says', async () => {
    expect((await faultOf(openEvents(written('events.xlsx', 'x')))).code).toBe('INPUT_UNSUPPORTED');
    expect((await faultOf(openEvents(written('text.parquet', 'no parquet')))).code).toBe('INPUT_UNSUPPORTED');
  });

  test('is INPUT_UNSUPPORTED when columns are named for lines', async () => {
    const path = written('mapped.ndjson', '{}');
    expect((await faultOf(openEvents(path, { columns: { fields: { timestamp: 'ts' } } }))).code).toBe(
      'INPUT_UNSUPPORTED',
    );
  });
});
