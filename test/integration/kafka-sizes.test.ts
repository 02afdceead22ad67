// Messages that are larger than something likes: an event than its limit or a fetch, a dead letter than its topic.
import { expect, test } from 'vitest';
import { deadLetterSchema } from '../../src/codec/dead-letter.ts';
import { shortestBytesMax } from '../../src/codec/shortened.ts';
import { checkTopics } from '../../src/io/kafka/topics.ts';
import { newClient, newTopic, readTopic, until, withProducer } from './kafka-rig.ts';
import { newSite, prediction, type Site, stoppedAfterEach } from './worker-rig.ts';

const worker = stoppedAfterEach();

/** Two small events with a large one between them. */
function produceAround({ topics }: Site, large: { key: string; value: string }): Promise<void> {
  return withProducer((producer) =>
    producer.sendRecords(topics.predictions, [prediction('before'), large, prediction('after')]),
  );
}

async function deadLetters({ topics }: Site, count: number) {
  return (await readTopic(topics.dead_letters, count)).map(({ value }) =>
    deadLetterSchema.parse(JSON.parse(String(value))),
  );
}

const megabyte = 1_000_000;
const largeMessages = { 'max.message.bytes': String(8 * megabyte) };

test('an event over its limit is a dead letter, and those around it are counted', async () => {
  const site = await newSite(1, largeMessages);
  await produceAround(site, prediction('large', 2 * megabyte));
  const running = await worker(site);
  await until(async () => expect(await running.rows()).toBe(2));
  const [letter] = await deadLetters(site, 1);
  expect(letter).toMatchObject({ reason: 'too_large', partition: 0, offset: 1 });
  expect(letter!.payload_bytes).toBeGreaterThan(2 * megabyte);
});

test('an event within its limit is counted although it is larger than all that a fetch asks for', async () => {
  const site = await newSite(1, largeMessages);
  await produceAround(site, prediction('large', 5 * megabyte));
  const running = await worker(site, 'limits: { event_bytes: 6MB }');
  await until(async () => expect(await running.rows()).toBe(3));
});

test('a dead letter that its topic finds too large goes without its payload, and the worker goes on', async () => {
  const site = await newSite(1, {}, { 'max.message.bytes': String(shortestBytesMax) });
  const value = `not json ${'x'.repeat(100_000)}`;
  await produceAround(site, { key: 'bad', value });
  const running = await worker(site, 'dead_letters: { payload: raw }');
  await until(async () => expect(await running.rows()).toBe(2));
  const [letter] = await deadLetters(site, 1);
  expect(letter).toMatchObject({
    reason: 'undecodable',
    payload_bytes: value.length,
    payload_truncated: true,
  });
  expect(letter).not.toHaveProperty('payload_base64');
});

test('a topic that would not take even a shortened message is refused at the start', async () => {
  const { topics } = await newSite(1);
  const narrow = await newTopic('narrow', 1, { 'max.message.bytes': String(shortestBytesMax - 1) });
  const needed = { ...topics, outbound: [topics.alerts, narrow] };
  await expect(checkTopics(newClient(), needed)).rejects.toMatchObject({
    code: 'MESSAGE_TOO_LARGE',
    message: expect.stringMatching(new RegExp(`${narrow} accepts messages of at most 16383 bytes`)),
  });
});
