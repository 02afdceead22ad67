import { createRequire } from 'node:module';
import { KafkaJSConnectionError, KafkaJSProtocolError } from 'kafkajs';
import { describe, expect, test } from 'vitest';
import { passes, patiently } from '../../../src/io/kafka/trouble.ts';
import type { Clock } from '../../../src/ports.ts';
import { createHandClock, type HandClock } from '../../pipeline/hand-clock.ts';

// Not among the names that kafkajs exports.
const { KafkaJSBrokerNotFound } = createRequire(import.meta.url)('kafkajs/src/errors') as {
  KafkaJSBrokerNotFound: new (message: string) => Error;
};

const leaderless = new KafkaJSBrokerNotFound('Broker -1 not found in the cached metadata');

function protocolError(type: string, code: number, retriable: boolean): Error {
  const told = { name: 'KafkaJSProtocolError', type, code, retriable };
  return new KafkaJSProtocolError(Object.assign(new Error(type), told));
}

/** A clock on which a sleep takes no time but its own. */
function advancing(clock: HandClock): Pick<Clock, 'elapsed' | 'sleep'> {
  return { elapsed: clock.elapsed, sleep: async (ms) => clock.advance(ms) };
}

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

  test('is asked for as long as a fresh broker is loading its groups, and not for ever', async () => {
    const loading = protocolError('GROUP_LOAD_IN_PROGRESS', 14, true);
    const clock = createHandClock(0);
    const loadsUntil = (ms: number) =>
      patiently(async () => {
        if (clock.elapsed() < ms) throw loading;
        return 'the offsets';
      }, advancing(clock));
    expect(await loadsUntil(50_000)).toBe('the offsets');
    await expect(loadsUntil(Infinity)).rejects.toBe(loading);
    expect(clock.elapsed()).toBeGreaterThanOrEqual(110_000);
  });

  test('is asked for some seconds only where a coordinator is moving', async () => {
    const moving = protocolError('NOT_COORDINATOR_FOR_GROUP', 16, true);
    const clock = createHandClock(0);
    await expect(patiently(() => Promise.reject(moving), advancing(clock))).rejects.toBe(moving);
    expect(clock.elapsed()).toBe(3_750);
  });

  test('is not asked again where nobody listens or where it is refused', () => {
    expect(passes(new KafkaJSConnectionError('connect ECONNREFUSED', {}))).toBe(false);
    expect(passes(protocolError('TOPIC_AUTHORIZATION_FAILED', 29, false))).toBe(false);
    expect(passes(leaderless)).toBe(true);
  });
});
