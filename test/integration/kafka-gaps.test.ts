// Offsets that hold nothing to be seen: transactions that were rolled back, their markers, and what compaction has taken.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Message, Producer } from 'kafkajs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Offsets } from '../../src/ports.ts';
import {
  expectNoGaps,
  newClient,
  newPair,
  numbered,
  startReader,
  type TestReader,
  unique,
  until,
} from './kafka-rig.ts';
import { newSite, prediction, stoppedAfterEach } from './worker-rig.ts';

const start: Offsets = { predictions: 0, labels: 0 };
const readers: TestReader[] = [];
const worker = stoppedAfterEach();
const producers: Producer[] = [];

afterEach(async () => {
  const read = readers.splice(0);
  await Promise.all(read.map(({ source }) => source.stop()));
  await Promise.all(producers.splice(0).map((producer) => producer.disconnect()));
  for (const { done } of read) expect(await done).toBeUndefined();
});

function reader(...options: Parameters<typeof startReader>): TestReader {
  const started = startReader(...options);
  readers.push(started);
  return started;
}

/** A producer that numbers its batches, so that brokers remember its last one. */
async function numberingProducer(transactionalId?: string): Promise<Producer> {
  const transactional = transactionalId === undefined ? {} : { transactionalId };
  const producer = newClient().kafka.producer({ ...transactional, idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  producers.push(producer);
  return producer;
}

const letters = (text: string): Message[] => [...text].map((value, i) => ({ key: `${value}${i}`, value }));

describe('a reader of transactions', () => {
  test('finds no gap: control records, aborted transactions, and the end of the log behind them', async () => {
    const topics = await newPair(1);
    const { predictions: topic } = topics;
    const producer = await numberingProducer(unique('txn'));
    for (const [count, commits] of [
      [5, true],
      [4, false],
      [3, true],
      [2, false],
    ] as const) {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: numbered(count, count * 100) });
      await (commits ? transaction.commit() : transaction.abort());
    }
    const { source, batches, values } = reader(topics, 1, { resumeAt: () => start });
    await until(() => expect(batches.at(-1)?.nextOffset).toBe(18));
    expect(values('predictions')).toEqual(['v500', 'v501', 'v502', 'v503', 'v504', 'v300', 'v301', 'v302']);
    expectNoGaps(batches);
    expect((await source.ends([0])).get(0)).toEqual({ predictions: 18, labels: 0 });
  });

  test('sees nothing of those that overlapped and were rolled back, wherever it begins', async () => {
    const topics = await newPair(1);
    const { predictions: topic } = topics;
    const [one, other] = [await numberingProducer(unique('txn')), await numberingProducer(unique('txn'))];
    const [first, second] = [await one.transaction(), await other.transaction()];
    await first.send({ topic, messages: letters('aaa') });
    await second.send({ topic, messages: letters('bbb') });
    // The one that began later ends first: so the broker lists them the other way round.
    await second.abort();
    await first.send({ topic, messages: letters('aaa') });
    await first.abort();
    const third = await one.transaction();
    await third.send({ topic, messages: letters('ok') });
    await third.commit();
    for (const from of [0, 2, 4, 8]) {
      const { values, batches } = reader(topics, 1, { resumeAt: () => ({ predictions: from, labels: 0 }) });
      await until(() => expect(batches.at(-1)?.nextOffset).toBe(14));
      expect(values('predictions').join(''), `from ${from}`).toBe('ok');
      expectNoGaps(batches, from);
    }
  });

  test('gets a tombstone as null', async () => {
    const topics = await newPair(1);
    const producer = await numberingProducer();
    await producer.send({ topic: topics.labels, messages: [{ key: 'a', value: null }] });
    const { batches } = reader(topics, 1, { resumeAt: () => start });
    await until(() => expect(batches[0]?.records).toEqual([{ offset: 0, payload: null }]));
  });
});

describe('a worker', () => {
  test('counts what was committed, once, although it starts anew in the midst of transactions that overlap', async () => {
    const site = await newSite(1);
    const topic = site.topics.predictions;
    const upstream = await Promise.all([1, 2, 3].map((i) => numberingProducer(unique(`txn-${i}`))));
    let sent = 0;
    let committed = 0;
    let current = await worker(site);
    const started = [current];
    for (let round = 0; round < 4; round++) {
      const open = await Promise.all(upstream.map((producer) => producer.transaction()));
      for (let part = 0; part < 3; part++) {
        for (const transaction of open) {
          const messages = Array.from({ length: 10 }, () => prediction(`p${sent++}`));
          await transaction.send({ topic, messages });
        }
      }
      // They end in another order than they began in, and each producer has rounds that are rolled back.
      for (const [i, transaction] of [...open.entries()].reverse()) {
        if ((round + i) % 2 === 0) {
          await transaction.commit();
          committed += 30;
        } else await transaction.abort();
        if (i === 1) {
          await current.stop();
          current = await worker(site);
          started.push(current);
        }
      }
    }
    await until(async () => expect(await current.rows()).toBe(committed));
    await until(async () => expect(await current.isIdle()).toBe(true));
    expect(await current.rows()).toBe(committed);
    expect(committed).toBe(180);
    for (const { tally } of started) expect(tally.sum('driftline_lost_records_total')).toBe(0);
  });

  test('counts what compaction has left, loses nothing, and comes past batches of which nothing is left', async () => {
    const site = await newSite(1, compactedSoon);
    const topic = site.topics.predictions;
    const [one, other] = [await numberingProducer(), await numberingProducer()];
    const names = Array.from({ length: 20 }, (_, i) => `e${i}`);
    await one.send({ topic, messages: ['a', 'b', 'c', 'd'].map((id) => prediction(id)) });
    // Replaced as a whole later. The broker keeps the empty batch, because it is the last one of its producer.
    await other.send({ topic, messages: names.map((id) => prediction(id)) });
    await sleep(segmentMs);
    // So large that it is in no segment, and in no answer, with the empty batch.
    await one.send({ topic, messages: batchOfBytes(['c', ...names], segmentBytes - 50) });
    await sleep(segmentMs);
    await one.send({ topic, messages: [prediction('y')] });
    await sleep(segmentMs);
    await one.send({ topic, messages: [prediction('z')] });
    const left = ['a', 'b', 'd', 'c', ...names, 'y', 'z'];
    await vi.waitFor(async () => expect(await idsOf(site.topics)).toEqual(left), {
      timeout: 60_000,
      interval: 500,
    });
    const current = await worker(site);
    await until(async () => expect(await current.rows()).toBe(left.length));
    await until(async () => expect(await current.isIdle()).toBe(true));
    expect(await current.rows()).toBe(left.length);
    expect(current.tally.sum('driftline_lost_records_total')).toBe(0);
  });
});

const segmentMs = 300;
/** The least that a broker allows. */
const segmentBytes = 1 << 20;

const compactedSoon = {
  'cleanup.policy': 'compact',
  'segment.ms': String(segmentMs),
  'segment.bytes': String(segmentBytes),
  'min.cleanable.dirty.ratio': '0.001',
  'max.compaction.lag.ms': '500',
};

/** Predictions that make one uncompressed record batch of about so many bytes, and not more. */
function batchOfBytes(ids: readonly string[], bytes: number): Message[] {
  const timestamp = String(Date.now());
  const headerBytes = 61;
  // Two lengths of three bytes, attributes, time, offset, length of the key, number of headers.
  const overhead = 3 + 3 + 5;
  const bare = ids.reduce((sum, id) => sum + overhead + id.length + prediction(id).value.length, headerBytes);
  const padding = Math.floor((bytes - bare) / ids.length);
  return ids.map((id) => ({ ...prediction(id, padding), timestamp }));
}

/** The ids of all predictions that are left, in order. */
async function idsOf(topics: { predictions: string; labels: string }): Promise<string[]> {
  const { source, batches, values } = startReader(topics, 1, { resumeAt: () => start });
  const end = (await source.ends([0])).get(0)!.predictions;
  await until(() => expect(batches.at(-1)?.nextOffset).toBe(end));
  await source.stop();
  return values('predictions').map((value) => JSON.parse(value).prediction_id);
}
