import { createRequire } from 'node:module';
import { KafkaJSConnectionError, KafkaJSProtocolError } from 'kafkajs';
import { describe, expect, test } from 'vitest';
import { passes, patiently } from '../../../src/io/kafka/trouble.ts';

// Not among the names that kafkajs exports.
const { KafkaJSBrokerNotFound } = createRequire(import.meta.url)('kafkajs/src/errors') as {
  KafkaJSBrokerNotFound: new (message: string) => Error;
};

const leaderless = new KafkaJSBrokerNotFound('Broker -1 not found in the cached metadata');

describe('a question to the brokers', () => {
  test('is asked again while a partition that was just added has no leader', async () => {
    let asked = 0;
    const answer = await patiently(async () => {
      asked += 1;
      if (asked === 1) throw leaderless;
      return 'the offsets';
    });
    expect({ answer, asked }).toEqual({ answer: 'the offsets', asked: 2 });
  });

  test('is not asked again where nobody listens or where it is refused', () => {
    const refused = {
      name: 'KafkaJSProtocolError',
      type: 'TOPIC_AUTHORIZATION_FAILED',
      code: 29,
      retriable: false,
    };
    expect(passes(new KafkaJSConnectionError('connect ECONNREFUSED', {}))).toBe(false);
    expect(passes(new KafkaJSProtocolError(Object.assign(new Error('refused'), refused)))).toBe(false);
    expect(passes(leaderless)).toBe(true);
  });
});
