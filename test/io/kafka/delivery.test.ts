import { beforeEach, describe, expect, test } from 'vitest';
import type { Cursor } from '../../../src/io/kafka/assignment.ts';
import { type Fetched, nextBatch } from '../../../src/io/kafka/delivery.ts';
import type { LogBounds } from '../../../src/io/kafka/offsets.ts';

let cursor: Cursor;
let rewinds: number[];
let asked: number;

beforeEach(() => {
  cursor = { stream: 'predictions', shard: 3, next: 100, doubted: undefined };
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
    first: 100,
    last: 109,
    highWatermark: 200,
    records: [],
    ...part,
  };
}

describe('a stretch that was asked for at the cursor', () => {
  test('covers from the cursor to behind its last record, hidden ones included, without a question', async () => {
    const batch = await nextBatch(fetched({ first: 104 }), cursor, reader({ low: 0, high: 200 }));
    expect(batch).toMatchObject({
      stream: 'predictions',
      shard: 3,
      firstOffset: 100,
      nextOffset: 110,
      endOffset: 200,
    });
    expect(asked).toBe(0);
  });

  test('never ends behind the end of the log', async () => {
    const batch = await nextBatch(fetched({ highWatermark: 105 }), cursor, reader({ low: 0, high: 105 }));
    expect(batch).toMatchObject({ nextOffset: 110, endOffset: 110 });
  });
});

describe('a stretch from elsewhere', () => {
  test.each([90, 150])(
    'at %i is dropped and read again when the log still holds the cursor',
    async (elsewhere) => {
      const stray = fetched({ asked: elsewhere, first: elsewhere, last: elsewhere + 9 });
      expect(await nextBatch(stray, cursor, reader({ low: 0, high: 200 }))).toBeUndefined();
      expect(rewinds).toEqual([100]);
    },
  );

  test('is delivered with a gap when retention has overtaken the cursor', async () => {
    const rest = fetched({ asked: 150, first: 150, last: 159 });
    const batch = await nextBatch(rest, cursor, reader({ low: 150, high: 200 }));
    expect(batch).toMatchObject({ firstOffset: 150, nextOffset: 160 });
    expect(rewinds).toEqual([]);
  });

  test('is a fault when the log ends before the cursor', async () => {
    const reborn = fetched({ asked: 0, first: 0, last: 9 });
    await expect(nextBatch(reborn, cursor, reader({ low: 0, high: 10 }))).rejects.toMatchObject({
      code: 'LOG_TRUNCATED',
    });
  });
});

describe('an unseen stretch', () => {
  const unseen = { asked: undefined };

  test('moves the cursor on where it begins at or before it', async () => {
    const batch = await nextBatch(fetched({ ...unseen, first: 95 }), cursor, reader({ low: 0, high: 200 }));
    expect(batch).toMatchObject({ firstOffset: 100, nextOffset: 110, records: [] });
    expect(asked).toBe(0);
  });

  test('is dropped where it ends before the cursor', async () => {
    const old = fetched({ ...unseen, first: 80, last: 99 });
    expect(await nextBatch(old, cursor, reader({ low: 0, high: 200 }))).toBeUndefined();
    expect(rewinds).toEqual([]);
  });

  test('behind a gap is believed only when it comes again: then the gap was compacted', async () => {
    const behind = fetched({ ...unseen, first: 105 });
    expect(await nextBatch(behind, cursor, reader({ low: 0, high: 200 }))).toBeUndefined();
    expect(rewinds).toEqual([100]);
    const again = await nextBatch(behind, cursor, reader({ low: 0, high: 200 }));
    expect(again).toMatchObject({ firstOffset: 100, nextOffset: 110 });
  });

  test('behind what retention has removed is delivered with the gap', async () => {
    const rest = fetched({ ...unseen, first: 105 });
    expect(await nextBatch(rest, cursor, reader({ low: 105, high: 200 }))).toMatchObject({
      firstOffset: 105,
    });
  });
});
