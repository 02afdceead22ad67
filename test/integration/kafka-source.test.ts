import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { TopicNames } from '../../src/io/kafka/offsets.ts';
import type { Offsets } from '../../src/ports.ts';
import {
  deleteUpTo,
  expectNoGaps,
  newPair,
  numbered,
  startReader,
  type TestReader,
  unique,
  until,
  withProducer,
} from './kafka-rig.ts';

const start: Offsets = { predictions: 0, labels: 0 };
const readers: TestReader[] = [];

afterEach(async () => {
  await Promise.all(readers.splice(0).map(({ source }) => source.stop()));
});

function reader(...options: Parameters<typeof startReader>): TestReader {
  const started = startReader(...options);
  readers.push(started);
  return started;
}

async function pairWith(partitions: number, predictions: number, labels: number): Promise<TopicNames> {
  const topics = await newPair(partitions);
  await withProducer(async (producer) => {
    await producer.sendRecords(topics.predictions, numbered(predictions));
    await producer.sendRecords(topics.labels, numbered(labels));
  });
  return topics;
}

describe('a shard', () => {
  test('delivers nothing before it is resumed, and then begins at the given offsets', async () => {
    const topics = await pairWith(1, 10, 10);
    const { source, batches, latest, values } = reader(topics, 1);
    await until(() => expect(latest()).toEqual([0]));
    await sleep(800);
    expect(batches).toEqual([]);
    source.resume(0, { predictions: 4, labels: 7 });
    await until(() => expect(values('predictions').length + values('labels').length).toBe(9));
    expect(values('predictions')).toEqual(['v4', 'v5', 'v6', 'v7', 'v8', 'v9']);
    expect(values('labels')).toEqual(['v7', 'v8', 'v9']);
    expect(batches[0]).toMatchObject({ shard: 0, endOffset: 10, nextOffset: 10 });
  });

  test('that is resumed while everything is paused is read soon, not after five seconds', async () => {
    const topics = await pairWith(1, 10, 0);
    const { source, latest, values } = reader(topics, 1);
    await until(() => expect(latest()).toEqual([0]));
    // kafkajs sleeps by now, and does not hear of a resume.
    await sleep(500);
    const resumedAt = performance.now();
    source.resume(0, start);
    await until(() => expect(values('predictions')).toHaveLength(10));
    expect(performance.now() - resumedAt).toBeLessThan(3_000);
  });

  test('begins at the given offsets although the group has committed others', async () => {
    const topics = await pairWith(1, 10, 10);
    const groupId = unique('group');
    const first = reader(topics, 1, { groupId, resumeAt: () => start });
    await until(() => expect(first.values('labels')).toHaveLength(10));
    await first.source.commit(new Map([[0, { predictions: 8, labels: 9 }]]));
    const known = { beginning: start, committed: { predictions: 8, labels: 9 } };
    expect(await first.source.positions(0)).toEqual(known);
    await first.source.stop();
    const second = reader(topics, 1, { groupId, resumeAt: () => ({ predictions: 3, labels: 10 }) });
    await until(() => expect(second.values('predictions')).toHaveLength(7));
    expect(second.batches[0]).toMatchObject({ stream: 'predictions', firstOffset: 3 });
    expect(second.values('labels')).toEqual([]);
  });

  test('is read again from elsewhere when it is resumed in the middle, and what was fetched before is dropped', async () => {
    const topics = await pairWith(1, 30, 0);
    let rolledBack = false;
    const { source, values } = reader(topics, 1, {
      resumeAt: () => start,
      onBatch: async () => {
        if (rolledBack) return;
        rolledBack = true;
        source.resume(0, { predictions: 25, labels: 0 });
      },
    });
    await until(() => expect(values('predictions').length).toBeGreaterThanOrEqual(35));
    expect(values('predictions').slice(-5)).toEqual(['v25', 'v26', 'v27', 'v28', 'v29']);
    expect(values('predictions')).toHaveLength(35);
  });

  test('is handed on batch by batch, and nothing more is fetched while one is in hand', async () => {
    const topics = await newPair(1);
    const large = Array.from({ length: 3_000 }, (_, i) => ({ key: String(i), value: 'x'.repeat(1_500) }));
    await withProducer((producer) => producer.sendRecords(topics.predictions, large));
    const released = Promise.withResolvers<void>();
    let fetches = 0;
    const { batches, values } = reader(topics, 1, {
      resumeAt: () => start,
      onBatch: () => released.promise,
      onEvent: ({ kind }) => {
        if (kind === 'fetched') fetches += 1;
      },
    });
    await until(() => expect(batches).toHaveLength(1));
    const before = fetches;
    // A client that fetched ahead would have all the rest by then: a fetch waits for 200 ms at most.
    await sleep(1_200);
    expect(batches).toHaveLength(1);
    expect(fetches - before).toBeLessThanOrEqual(1);
    expect(batches[0]!.records.length).toBeLessThan(1_000);
    released.resolve();
    await until(() => expect(values('predictions')).toHaveLength(large.length));
  });

  test('that is not assigned is not resumed', async () => {
    const topics = await pairWith(1, 3, 0);
    const { source, latest, values } = reader(topics, 1);
    await until(() => expect(latest()).toEqual([0]));
    source.resume(5, start);
    source.resume(0, start);
    await until(() => expect(values('predictions')).toHaveLength(3));
  });
});

describe('positions and ends', () => {
  test('tell the bounds of every log, and no commit for a new group', async () => {
    const topics = await pairWith(3, 60, 30);
    const { source } = reader(topics, 3);
    const ends = await source.ends([0, 1, 2]);
    expect([...ends.values()].reduce((sum, end) => sum + end.predictions, 0)).toBe(60);
    expect([...ends.values()].reduce((sum, end) => sum + end.labels, 0)).toBe(30);
    expect(await source.positions(1)).toEqual({ beginning: start, committed: undefined });
  });

  test('tell what retention has removed', async () => {
    const topics = await pairWith(1, 20, 0);
    await deleteUpTo(topics.predictions, 12);
    const { source } = reader(topics, 1);
    expect((await source.positions(0)).beginning).toEqual({ predictions: 12, labels: 0 });
  });
});

describe('two members', () => {
  test('share the shards, predictions with their labels, and lose and repeat nothing', async () => {
    const topics = await pairWith(4, 200, 200);
    const groupId = unique('group');
    const next = new Map<number, Offsets>();
    const options = {
      groupId,
      resumeAt: (shard: number) => next.get(shard) ?? start,
      onBatch: async ({
        stream,
        shard,
        nextOffset,
      }: {
        stream: string;
        shard: number;
        nextOffset: number;
      }) => {
        next.set(shard, { ...(next.get(shard) ?? start), [stream]: nextOffset });
      },
    };
    const one = reader(topics, 4, options);
    await until(() => expect(one.values('predictions')).toHaveLength(200));
    expect(one.generations).toEqual([[0, 1, 2, 3]]);
    const other = reader(topics, 4, options);
    await until(() => {
      expect(one.latest()).toHaveLength(2);
      expect(other.latest()).toHaveLength(2);
    });
    expect([...one.latest()!, ...other.latest()!].sort()).toEqual([0, 1, 2, 3]);
    await withProducer(async (producer) => {
      await producer.sendRecords(topics.predictions, numbered(200, 200));
      await producer.sendRecords(topics.labels, numbered(200, 200));
    });
    const all = () => [...one.batches, ...other.batches];
    await until(() => expect(all().reduce((sum, { records }) => sum + records.length, 0)).toBe(800));
    expectNoGaps(all());
    for (const { shard } of other.batches) expect(other.latest()).toContain(shard);
    const values = [...one.values('labels'), ...other.values('labels')];
    expect(new Set(values).size).toBe(400);
  });

  test('when a second joins, the shards of the first stay paused until they are resumed again', async () => {
    const topics = await pairWith(2, 20, 0);
    const groupId = unique('group');
    let resumed = 0;
    const one = reader(topics, 2, {
      groupId,
      resumeAt: () => (resumed++ < 2 ? start : undefined),
    });
    await until(() => expect(one.values('predictions')).toHaveLength(20));
    reader(topics, 2, { groupId });
    await until(() => expect(one.latest()).toHaveLength(1));
    await withProducer((producer) => producer.sendRecords(topics.predictions, numbered(20, 20)));
    await sleep(800);
    expect(one.values('predictions')).toHaveLength(20);
    const shard = one.latest()![0]!;
    const end = (await one.source.ends([shard])).get(shard)!.predictions;
    one.source.resume(shard, start);
    await until(() => expect(one.batches.at(-1)?.nextOffset).toBe(end));
    // Everything of the shard again, from the beginning: 20 records of both shards before, its own part after.
    expect(one.values('predictions')).toHaveLength(20 + end);
  });
});

describe('retention and truncation', () => {
  test('records that were removed before they were read show as a gap', async () => {
    const topics = await pairWith(1, 20, 0);
    await deleteUpTo(topics.predictions, 12);
    const { batches } = reader(topics, 1, { resumeAt: () => ({ predictions: 5, labels: 0 }) });
    await until(() => expect(batches).toHaveLength(1));
    expect(batches[0]).toMatchObject({ firstOffset: 12, nextOffset: 20 });
  });

  test('a log that ends before the given offset is a fault', async () => {
    const topics = await pairWith(1, 20, 0);
    const { done, batches } = reader(topics, 1, { resumeAt: () => ({ predictions: 1000, labels: 0 }) });
    expect(await done).toMatchObject({ code: 'LOG_TRUNCATED' });
    expect(batches).toEqual([]);
  });
});
