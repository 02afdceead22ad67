import { createRequire } from 'node:module';
import type { Batch } from 'kafkajs';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Cursor } from '../../../src/io/kafka/assignment.ts';
import { unpackedBytesMax } from '../../../src/io/kafka/codecs.ts';
import { type Fetched, fetchedOf, nextBatch } from '../../../src/io/kafka/delivery.ts';
import { decodeFetchResponse } from '../../../src/io/kafka/fetch-response.ts';
import type { LogBounds } from '../../../src/io/kafka/offsets.ts';
import { batchBytes, fetchResponseBytes, type SampleBatch } from './batch-bytes.ts';

const KafkajsBatch = createRequire(import.meta.url)('kafkajs/src/consumer/batch.js');

let cursor: Cursor;
let rewinds: number[];
let asked: number;

beforeEach(() => {
  cursor = { stream: 'predictions', shard: 3, next: 100 };
  rewinds = [];
  asked = 0;
});

/** Everything that `nextBatch` needs of the source, over a log with these bounds. */
function reader(bounds: LogBounds): Parameters<typeof nextBatch>[2] {
  const quiet = (): void => undefined;
  return {
    topics: { predictions: 'p', labels: 'l' },
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    assignment: {
      rewind: ({ next }: Cursor) => void rewinds.push(next),
    } as Parameters<typeof nextBatch>[2]['assignment'],
    offsets: {
      bounds: async () => {
        asked += 1;
        return bounds;
      },
    } as unknown as Parameters<typeof nextBatch>[2]['offsets'],
  };
}

function fetched(part: Partial<Fetched>): Fetched {
  return {
    topic: 'p',
    partition: 3,
    asked: 100,
    last: 109,
    highWatermark: 200,
    records: [],
    packed: 0,
    ...part,
  };
}

describe('a stretch that was asked for at the cursor', () => {
  test('covers from the cursor to behind its last record, hidden ones included, without a question', async () => {
    const records = [{ offset: 104, payload: null }];
    const batch = await nextBatch(fetched({ records }), cursor, reader({ low: 0, high: 200 }));
    expect(batch).toEqual({
      ...{ stream: 'predictions', shard: 3, firstOffset: 100, nextOffset: 110, endOffset: 200 },
      records,
    });
    expect(asked).toBe(0);
  });

  test('never ends behind the end of the log', async () => {
    const batch = await nextBatch(fetched({ highWatermark: 105 }), cursor, reader({ low: 0, high: 105 }));
    expect(batch).toMatchObject({ nextOffset: 110, endOffset: 110 });
  });
});

describe('a stretch from elsewhere', () => {
  const elsewhere = (from: number) => fetched({ asked: from, last: from + 9 });

  test.each([90, 150])(
    'at %i is dropped and read again when the log still holds the cursor',
    async (from) => {
      expect(await nextBatch(elsewhere(from), cursor, reader({ low: 0, high: 200 }))).toBeUndefined();
      expect(rewinds).toEqual([100]);
    },
  );

  test('is delivered with a gap when retention has overtaken the cursor', async () => {
    const batch = await nextBatch(elsewhere(150), cursor, reader({ low: 150, high: 200 }));
    expect(batch).toMatchObject({ firstOffset: 150, nextOffset: 160 });
    expect(rewinds).toEqual([]);
  });

  test('is delivered with its own gap when retention has gone on meanwhile', async () => {
    const batch = await nextBatch(elsewhere(150), cursor, reader({ low: 155, high: 200 }));
    expect(batch).toMatchObject({ firstOffset: 150, nextOffset: 160 });
  });

  test('behind the beginning of the log is dropped, because records before it are left', async () => {
    expect(await nextBatch(elsewhere(150), cursor, reader({ low: 140, high: 200 }))).toBeUndefined();
    expect(rewinds).toEqual([100]);
  });

  test('is a fault when the log ends before the cursor', async () => {
    await expect(nextBatch(elsewhere(0), cursor, reader({ low: 0, high: 10 }))).rejects.toMatchObject({
      code: 'LOG_TRUNCATED',
    });
  });
});

describe('the stretch of a fetched batch', () => {
  /** A batch as kafkajs makes it of what was read. */
  async function batchOf(batch: SampleBatch, fetchedOffset: string): Promise<Batch> {
    const bytes = await batchBytes(batch);
    const { responses } = await decodeFetchResponse(fetchResponseBytes(bytes, { highWatermark: 40 }));
    return new KafkajsBatch('p', fetchedOffset, responses[0]!.partitions[0]) as Batch;
  }

  test('reaches to the offset that its bytes cover, and holds the records only', async () => {
    const records = [20, 22].map((offset) => ({ offset, value: Buffer.from(`v${offset}`) }));
    expect(fetchedOf(await batchOf({ from: 20, to: 31, records }, '21'))).toEqual({
      ...{ topic: 'p', partition: 0, asked: 21, last: 31, highWatermark: 40, packed: 0 },
      records: [{ offset: 22, payload: Buffer.from('v22') }],
    });
  });

  test('with a batch that stays packed tells how many records nobody will read', async () => {
    const records = [20, 21].map((offset) => ({ offset, value: Buffer.alloc(unpackedBytesMax / 2) }));
    const stretch = fetchedOf(await batchOf({ from: 20, to: 21, records, codec: 'gzip' }, '20'));
    expect(stretch).toMatchObject({ last: 21, packed: 2, records: [{ offset: 21 }] });
    const said: unknown[] = [];
    const { log, ...rest } = reader({ low: 0, high: 40 });
    const told = { ...log, error: (fields: object) => void said.push(fields) };
    await nextBatch(stretch, { ...cursor, next: 20 }, { ...rest, log: told });
    expect(said).toEqual([{ topic: 'p', partition: 3, from: 20, to: 21, records: 2 }]);
  });

  test('reaches the handler also where it holds no record', async () => {
    const batch = await batchOf({ from: 20, to: 31, records: [] }, '20');
    expect(batch.isEmpty()).toBe(false);
    expect(fetchedOf(batch)).toMatchObject({ asked: 20, last: 31, records: [] });
  });
});
