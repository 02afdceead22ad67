import fc from 'fast-check';
import type { RecordBatchEntry } from 'kafkajs';
import { describe, expect, test } from 'vitest';
import { decodePrediction } from '../../../src/codec/event.ts';
import { unpackedBytesMax } from '../../../src/io/kafka/codecs.ts';
import { type AbortedTransaction, readRecordBatches } from '../../../src/io/kafka/record-batch.ts';
import { batchBytes, readByKafkajs, type SampleBatch, type SampleRecord } from './batch-bytes.ts';

/** Records with one letter each, one at every offset from `from` on. */
function letters(from: number, text: string): SampleRecord[] {
  return [...text].map((letter, i) => ({ offset: from + i, value: Buffer.from(letter) }));
}

function batch(from: number, text: string, more: Partial<SampleBatch> = {}): SampleBatch {
  return { from, to: from + text.length - 1, records: letters(from, text), ...more };
}

function ended(offset: number, producerId: number, marker: 'abort' | 'commit'): SampleBatch {
  return { from: offset, to: offset, records: [], producerId, marker };
}

function aborted(
  ...transactions: readonly (readonly [producer: number, from: number])[]
): AbortedTransaction[] {
  return transactions.map(([producerId, firstOffset]) => ({ producerId: BigInt(producerId), firstOffset }));
}

async function read(batches: readonly SampleBatch[], transactions: readonly AbortedTransaction[] = []) {
  const bytes = Buffer.concat(await Promise.all(batches.map(batchBytes)));
  const { records, lastOffset } = await readRecordBatches(bytes, transactions);
  return { text: records.map(({ value }) => value?.toString()).join(''), lastOffset };
}

function plain({ offset, key, value, timestamp, headers }: RecordBatchEntry) {
  return { offset, key, value, timestamp, headers };
}

describe('a record', () => {
  const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
  const record = fc.record({
    ...{ key: fc.option(bytes), value: fc.option(bytes) },
    gap: fc.nat({ max: 1000 }),
    later: fc.oneof(fc.nat({ max: 10_000 }), fc.integer({ min: -(2 ** 40), max: 2 ** 40 })),
    headers: fc.dictionary(
      fc.string({ maxLength: 5 }).filter((name) => name !== '__proto__'),
      fc.oneof(bytes, fc.array(bytes, { minLength: 2, maxLength: 3 })),
      { maxKeys: 3, noNullPrototype: true },
    ),
  });
  const codec = fc.constantFrom('none', 'gzip', 'snappy', 'lz4', 'zstd');

  test('is what kafkajs reads of the same bytes: key, value, time, headers and offset', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { minLength: 1, maxLength: 20 }),
        fc.nat(2 ** 40),
        codec,
        async (drawn, from, name) => {
          let offset = from - 1;
          const records = drawn.map(({ gap, ...rest }) => {
            offset += 1 + gap;
            return { ...rest, offset };
          });
          const written = await batchBytes({ from, to: offset, records, codec: name as 'gzip' });
          const own = await readRecordBatches(written, []);
          const theirs = (await readByKafkajs(written)) as RecordBatchEntry[];
          expect(own.records.map(plain)).toEqual(theirs.map(plain));
          expect(own.lastOffset).toBe(offset);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('may be one of 150,000 in a batch, where kafkajs ends with a RangeError', async () => {
    const written = await batchBytes({
      ...{ from: 7, to: 150_006, codec: 'gzip' },
      records: Array.from({ length: 150_000 }, (_, i) => ({ offset: 7 + i, value: Buffer.from('v') })),
    });
    const { records, lastOffset } = await readRecordBatches(written, []);
    expect(records).toHaveLength(150_000);
    expect(records.at(-1)?.offset).toBe('150006');
    expect(lastOffset).toBe(150_006);
  });
});

describe('what is covered', () => {
  test('reaches to the end of the last batch, although compaction has taken its last records', async () => {
    const thinned = { from: 4, to: 90, records: letters(4, 'x') };
    expect(await read([batch(0, 'abcd'), thinned])).toEqual({ text: 'abcdx', lastOffset: 90 });
  });

  test('includes a batch of which no record is left', async () => {
    expect(await read([{ from: 10, to: 29, records: [] }])).toEqual({ text: '', lastOffset: 29 });
  });

  test('includes control records, which are never given', async () => {
    const committed = [batch(0, 'ab', { producerId: 1 }), ended(2, 1, 'commit')];
    expect(await read(committed)).toEqual({ text: 'ab', lastOffset: 2 });
  });

  test('ends before a batch that is cut off, wherever the cut is', async () => {
    const [whole, cut] = [await batchBytes(batch(0, 'abc')), await batchBytes(batch(3, 'def'))];
    for (let length = 0; length < cut.length; length++) {
      const { records, lastOffset } = await readRecordBatches(
        Buffer.concat([whole, cut.subarray(0, length)]),
        [],
      );
      expect(records).toHaveLength(3);
      expect(lastOffset).toBe(2);
    }
  });

  test('is nothing where there is no batch', async () => {
    expect(await readRecordBatches(Buffer.alloc(0), [])).toEqual({ records: [], lastOffset: undefined });
  });
});

describe('transactions', () => {
  test('that overlap are skipped each from its first offset to its marker, in whatever order the broker lists them', async () => {
    const log = [
      batch(0, 'aa', { producerId: 1 }),
      batch(2, 'bb', { producerId: 2 }),
      batch(4, 'c'),
      ended(5, 2, 'abort'),
      batch(6, 'a', { producerId: 1 }),
      batch(7, 'B', { producerId: 2 }),
      ended(8, 1, 'abort'),
      ended(9, 2, 'commit'),
      batch(10, 'A', { producerId: 1 }),
      ended(11, 1, 'commit'),
    ];
    // The second ended first, so a broker lists it first.
    expect(await read(log, aborted([2, 2], [1, 0]))).toEqual({ text: 'cBA', lastOffset: 11 });
  });

  test('that began before the stretch are all skipped from its first record on', async () => {
    const log = [batch(20, 'b', { producerId: 2 }), batch(21, 'a', { producerId: 1 })];
    expect(await read(log, aborted([1, 3], [2, 8]))).toEqual({ text: '', lastOffset: 21 });
  });

  test('that were rolled back one after the other by one producer let through what it committed in between', async () => {
    const log = [
      ...[batch(0, 'x', { producerId: 1 }), ended(1, 1, 'abort')],
      ...[batch(2, 'y', { producerId: 1 }), ended(3, 1, 'commit')],
      ...[batch(4, 'z', { producerId: 1 }), ended(5, 1, 'abort')],
    ];
    expect((await read(log, aborted([1, 0], [1, 4]))).text).toBe('y');
  });

  test('do not end with a record whose key looks like a marker', async () => {
    const records = [0, 1].map((offset) => ({ offset, key: Buffer.alloc(4), value: Buffer.from('x') }));
    expect((await read([{ from: 0, to: 1, producerId: 1, records }], aborted([1, 0]))).text).toBe('');
  });
});

describe('damaged bytes', () => {
  test('are an error or other records, and never a hang', async () => {
    const written = await batchBytes(batch(0, 'abcdefgh'));
    await fc.assert(
      fc.asyncProperty(fc.nat(written.length - 1), fc.nat(255), async (at, byte) => {
        const changed = Buffer.from(written);
        changed[at] = byte;
        const result = await readRecordBatches(changed, []).catch((error: unknown) => error);
        if (result instanceof Error) expect(result.message).not.toBe('');
        else expect((result as { records: unknown[] }).records.length).toBeLessThanOrEqual(8);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['a record that is longer than its batch', 61, 0x7e, 'cut off'],
    ['a format of before Kafka 0.11', 16, 1, 'format 1'],
    ['an unknown codec', 22, 7, 'unknown codec: 7'],
  ])('%s is an error that says so', async (_, at, byte, message) => {
    const written = await batchBytes(batch(0, 'abc'));
    written[at] = byte;
    await expect(readRecordBatches(written, [])).rejects.toThrow(message);
  });
});

describe('a batch that unpacks to more than memory should hold', () => {
  const zeros = Buffer.alloc(unpackedBytesMax / 2);
  const bombOf = (from: number, codec: SampleBatch['codec'], values = 2): SampleBatch => ({
    ...{ from, to: from + values - 1, codec: codec! },
    records: Array.from({ length: values }, (_, i) => ({ offset: from + i, value: zeros })),
  });

  test.each(['gzip', 'zstd', 'lz4'] as const)(
    'by %s stands as one record, packed, and reading goes on behind it',
    async (codec) => {
      const bytes = Buffer.concat([await batchBytes(bombOf(5, codec)), await batchBytes(batch(7, 'ok'))]);
      const { records, lastOffset } = await readRecordBatches(bytes, []);
      expect(lastOffset).toBe(8);
      expect(records.map(({ offset }) => offset)).toEqual(['6', '7', '8']);
      expect(records[0]).toMatchObject({ packedRecords: 2 });
      expect(records[0]!.value!.length).toBeLessThan(bytes.length);
      expect(
        decodePrediction(records[0]!.value, { eventBytes: 1e6, featuresPerEvent: 10, nameLength: 10 }),
      ).toEqual({
        kind: 'reject',
        reason: 'undecodable',
      });
    },
  );

  test('by a snappy block that says so is not believed before anything is read', async () => {
    const bomb = Buffer.from(await batchBytes(batch(5, 'ab', { codec: 'snappy' })));
    const lie = Buffer.concat([bomb.subarray(0, 61), Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0x00])]);
    lie.writeInt32BE(lie.length - 12, 8);
    expect((await readRecordBatches(lie, [])).records).toMatchObject([{ offset: '6', packedRecords: 2 }]);
  });

  test('by having more records than can be told apart stands as one too', async () => {
    const bomb = Buffer.from(await batchBytes(batch(5, 'ab')));
    bomb.writeInt32BE(5_000_000, 57);
    expect((await readRecordBatches(bomb, [])).records).toMatchObject([{ packedRecords: 5_000_000 }]);
  });

  test('together with the others of its response is read with the next response', async () => {
    const batches = await Promise.all(
      [bombOf(0, 'zstd', 1), bombOf(1, 'zstd', 1), bombOf(2, 'zstd', 1)].map(batchBytes),
    );
    const first = await readRecordBatches(Buffer.concat(batches), []);
    expect(first).toMatchObject({ lastOffset: 0, records: [{ offset: '0' }] });
    const second = await readRecordBatches(Buffer.concat(batches.slice(1)), []);
    expect(second).toMatchObject({ lastOffset: 1, records: [{ offset: '1' }] });
  });
});
