import { Partitioners } from 'kafkajs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { partitionOf } from '../../src/codec/partitioner.ts';
import { createKafkaOutbound, type KafkaOutbound } from '../../src/io/kafka/outbound.ts';
import type { OutboundMessage } from '../../src/ports.ts';
import { newClient, newTopic, numbered, readTopic, withProducer } from './kafka-rig.ts';

let outbound: KafkaOutbound;
let alerts: string;
let results: string;

let shortenings: string[];

beforeEach(async () => {
  shortenings = [];
  alerts = await newTopic('alerts', 1);
  results = await newTopic('results', 1, { 'max.message.bytes': '4000' });
  outbound = await createKafkaOutbound({
    client: newClient(),
    topics: { results, alerts, dead_letters: 'no-such-topic' },
    compression: 'none',
    onShortened: ({ id }) => void shortenings.push(id),
  });
});

afterEach(async () => {
  await outbound.close();
});

function message(topic: OutboundMessage['topic'], i: number, value = `v${i}`): OutboundMessage {
  return { topic, id: `id-${i}`, key: `key-${i}`, value };
}

/** As much of a column as decides about its place. */
function columnOf(name: string): object {
  return { feature_name: name.padEnd(60, '.'), state: 'ok', drift_score: 0.1, drift_threshold: 0.1 };
}

describe('outbound', () => {
  test('stores messages in order, with key, id and headers', async () => {
    await outbound.send([
      { ...message('alerts', 0), headers: { severity: 'critical' } },
      message('results', 1),
      message('alerts', 2),
    ]);
    const [first, second] = await readTopic(alerts, 2);
    expect(text(first!.key)).toBe('key-0');
    expect(headers(first!)).toEqual({
      'content-type': 'application/cloudevents+json',
      'driftline-id': 'id-0',
      severity: 'critical',
    });
    expect(text(second!.value)).toBe('v2');
    const [result] = await readTopic(results, 1);
    expect(headers(result!)).toEqual({ 'driftline-id': 'id-1' });
  });

  test('keeps the order of calls that are made at once', async () => {
    const calls = Array.from({ length: 50 }, (_, i) => outbound.send([message('alerts', i)]));
    await Promise.all(calls);
    const values = (await readTopic(alerts, 50)).map(({ value }) => text(value));
    expect(values).toEqual(Array.from({ length: 50 }, (_, i) => `v${i}`));
  });

  test('has sent nothing for no messages', async () => {
    await outbound.send([]);
  });

  test('sends in smaller requests where a topic accepts less', async () => {
    const many = Array.from({ length: 40 }, (_, i) => message('results', i, `${i}`.padEnd(700, '.')));
    await outbound.send(many);
    const values = (await readTopic(results, 40)).map(({ value }) => Number.parseInt(text(value), 10));
    expect(values).toEqual(many.map((_, i) => i));
  });

  test('shortens a message that its topic finds too large, tells of it, and keeps the order', async () => {
    const columns = (count: number) => Array.from({ length: count }, (_, i) => columnOf(`feature-${10 + i}`));
    const document = { format: 'driftline.result/1', revision: 3, versions: [], columns: columns(64) };
    const large = message('results', 7, JSON.stringify(document));
    await outbound.send([message('results', 6), large, message('results', 8)]);
    const [before, sent, after] = await readTopic(results, 3);
    expect([text(before!.value), text(after!.value)]).toEqual(['v6', 'v8']);
    expect(JSON.parse(text(sent!.value))).toEqual({ ...document, columns: columns(16), columns_omitted: 48 });
    expect(headers(sent!)).toEqual({ 'driftline-id': 'id-7' });
    expect(shortenings).toEqual(['id-7', 'id-7']);
  });

  test('names the message that cannot be shortened, and still sends afterwards', async () => {
    const large = message('alerts', 7, JSON.stringify({ data: { note: 'x'.repeat(2_000_000) } }));
    await expect(outbound.send([message('alerts', 6), large])).rejects.toMatchObject({
      code: 'MESSAGE_TOO_LARGE',
      message: expect.stringMatching(/key-7 has 2000\d\d\d bytes/),
    });
    await outbound.send([message('alerts', 8)]);
    expect((await readTopic(alerts, 2)).map(({ value }) => text(value))).toEqual(['v6', 'v8']);
  });

  test('names a topic that does not exist', async () => {
    await expect(outbound.send([message('dead_letters', 1)])).rejects.toMatchObject({
      code: 'TOPIC_MISSING',
      message: expect.stringContaining('no-such-topic'),
    });
  });
});

describe('the producer', () => {
  test('puts a key where partitionOf says, and where the partitioner of kafkajs puts it', async () => {
    const topic = await newTopic('keys', 7);
    const records = numbered(300);
    await withProducer((producer) => producer.sendRecords(topic, records));
    const theirs = newClient().kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await theirs.connect();
    await theirs.send({ topic, messages: records });
    await theirs.disconnect();
    const messages = await readTopic(topic, 600);
    for (const { key, partition } of messages) expect(partition).toBe(partitionOf(key!, 7));
  });

  test('stores big runs of records completely and in order within each partition', async () => {
    const topic = await newTopic('bulk', 3);
    const padding = '.'.repeat(400);
    const records = numbered(20_000).map(({ key, value }) => ({
      key,
      value: Buffer.from(`${value} ${padding}`),
    }));
    await withProducer((producer) => producer.sendRecords(topic, records));
    const messages = await readTopic(topic, 20_000);
    for (const partition of [0, 1, 2]) {
      const own = messages.filter((found) => found.partition === partition).map(({ key }) => text(key));
      expect(own).toEqual(records.map(({ key }) => key).filter((key) => partitionOf(key, 3) === partition));
    }
  });
});

function text(bytes: Buffer | null): string {
  return bytes?.toString() ?? '';
}

function headers(found: { readonly headers?: object }): Record<string, string> {
  return Object.fromEntries(
    Object.entries(found.headers ?? {}).map(([name, value]) => [name, String(value)]),
  );
}
