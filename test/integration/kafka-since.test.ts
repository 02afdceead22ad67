// Offsets by the time at which records were stored, and since when a log is whole, asked of a real broker.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GroupOffsets, openGroupOffsets, type TopicNames } from '../../src/io/kafka/offsets.ts';
import { newClient, newPair, unique } from './kafka-rig.ts';

const noon = Date.UTC(2026, 2, 2, 12);
const minuteMs = 60_000;

/** Ten records of partition 1, a minute apart, the fifth of them stored late. */
const storedAt = Array.from({ length: 10 }, (_, i) => noon + (i === 5 ? 2 : i) * minuteMs);

let topics: TopicNames;
let offsets: GroupOffsets;

beforeAll(async () => {
  topics = await newPair(2);
  const producer = newClient().kafka.producer();
  await producer.connect();
  const messages = storedAt.map((time) => ({ value: 'x', partition: 1, timestamp: String(time) }));
  await producer.send({ topic: topics.predictions, messages });
  await producer.send({ topic: topics.labels, messages: messages.slice(0, 5) });
  await producer.disconnect();
  offsets = openGroupOffsets(newClient(), unique('group'), topics);
});

afterAll(() => offsets.close());

describe('a log that is whole', () => {
  test.each([
    ['the beginning', -Infinity, 0, 0],
    ['a time before all', noon - 1, 0, 0],
    ['the time of a record', noon + 3 * minuteMs, 3, 3],
    ['a time between two', noon + 4 * minuteMs + 1, 6, 5],
    ['a time after all', noon + 60 * minuteMs, 10, 5],
  ])(
    'begins for %s at the first record since, and at the end where there is none',
    async (_, time, predictions, labels) => {
      expect(await offsets.since(1, time)).toEqual({
        offsets: { predictions, labels },
        wholeFrom: -Infinity,
      });
    },
  );

  test('is whole also where it is empty', async () => {
    const nothing = { offsets: { predictions: 0, labels: 0 }, wholeFrom: -Infinity };
    expect(await offsets.since(0, noon)).toEqual(nothing);
    expect(await offsets.since(0, -Infinity)).toEqual(nothing);
  });
});

describe('a log whose first records have been deleted', () => {
  beforeAll(async () => {
    const admin = newClient().kafka.admin();
    await admin.connect();
    // kafkajs finds the leader only of topics that it has met.
    await admin.fetchTopicOffsets(topics.predictions);
    await admin.deleteTopicRecords({
      topic: topics.predictions,
      partitions: [{ partition: 1, offset: '4' }],
    });
    await admin.disconnect();
  });

  test.each([
    ['the beginning', -Infinity],
    ['a time that it no longer holds', noon + minuteMs],
  ])('is whole, for %s, since its first record was stored', async (_, time) => {
    const { offsets: found, wholeFrom } = await offsets.since(1, time);
    expect(found.predictions).toBe(4);
    expect(wholeFrom).toBeGreaterThanOrEqual(storedAt[4]!);
    expect(wholeFrom).toBeLessThanOrEqual(storedAt[4]! + 1_000);
  });

  test('is whole for a time that it still holds', async () => {
    expect(await offsets.since(1, noon + 8 * minuteMs)).toMatchObject({
      ...{ offsets: { predictions: 8 }, wholeFrom: -Infinity },
    });
  });
});
