import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { decodeFetchResponse, isCovered, replaceFetchDecoder } from '../../../src/io/kafka/fetch-response.ts';
import { batchBytes, fetchResponseBytes } from './batch-bytes.ts';

const require = createRequire(import.meta.url);
const records = [0, 1, 2].map((offset) => ({ offset, value: Buffer.from(`v${offset}`) }));

describe('a fetch response', () => {
  test('gives its partitions with their committed records', async () => {
    const bytes = await batchBytes({ from: 0, to: 2, records });
    const { responses, throttleTime, clientSideThrottleTime } = await decodeFetchResponse(
      fetchResponseBytes(bytes, { highWatermark: 3 }),
    );
    const [{ topicName, partitions }] = responses as [(typeof responses)[number]];
    expect(topicName).toBe('p');
    expect(partitions).toMatchObject([{ partition: 0, errorCode: 0, highWatermark: '3' }]);
    expect(partitions[0]!.messages.map(({ offset }) => offset)).toEqual(['0', '1', '2']);
    expect([throttleTime, clientSideThrottleTime]).toEqual([0, 70]);
  });

  test('leaves out what was aborted, and leaves kafkajs nothing to filter', async () => {
    const bytes = Buffer.concat([
      await batchBytes({ from: 0, to: 2, records, producerId: 9 }),
      await batchBytes({ from: 3, to: 3, records: [], producerId: 9, marker: 'abort' }),
    ]);
    const { responses } = await decodeFetchResponse(fetchResponseBytes(bytes, { aborted: [[9, 0]] }));
    const { messages, abortedTransactions } = responses[0]!.partitions[0]!;
    expect(abortedTransactions).toEqual([]);
    expect(messages.map(({ offset }) => offset)).toEqual(['3']);
    expect(messages.map(isCovered)).toEqual([true]);
  });

  test('of a partition with an error passes it on', async () => {
    const { responses } = await decodeFetchResponse(fetchResponseBytes(Buffer.alloc(0), { errorCode: 1 }));
    expect(responses[0]!.partitions).toMatchObject([{ errorCode: 1, messages: [] }]);
  });

  test('with bytes that cannot be read is a fault with topic, partition and offset', async () => {
    const bytes = await batchBytes({
      from: 41,
      to: 43,
      records: records.map((r) => ({ ...r, offset: r.offset + 41 })),
    });
    bytes[61] = 0x7e;
    await expect(decodeFetchResponse(fetchResponseBytes(bytes))).rejects.toMatchObject({
      code: 'KAFKA_FAILED',
      message: expect.stringMatching(/p\/0 from offset 41 on .*cut off/),
    });
  });
});

describe('kafkajs', () => {
  const decode = (version: number, bytes: Buffer) =>
    require('kafkajs/src/protocol/requests/fetch/index.js')
      .protocol({ version })({ topics: [] })
      .response.decode(bytes);

  test('reads by it once it is replaced', async () => {
    replaceFetchDecoder();
    const bytes = fetchResponseBytes(await batchBytes({ from: 0, to: 9, records: [] }));
    const { responses } = await decode(11, bytes);
    expect(responses[0].partitions[0].messages.map(isCovered)).toEqual([true]);
  });

  test('refuses a broker that only has an older version', async () => {
    replaceFetchDecoder();
    await expect(decode(10, Buffer.alloc(0))).rejects.toMatchObject({
      message: expect.stringContaining('older than Kafka 2.3'),
    });
  });

  test('knows no later version, which would be read by its own reader', () => {
    expect(require('kafkajs/src/protocol/requests/fetch/index.js').versions.at(-1)).toBe('11');
    expect(require('kafkajs/package.json').version).toBe('2.2.4');
  });
});
