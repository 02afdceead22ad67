import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { connectKafka } from '../../../src/io/kafka/client.ts';
import type { Log } from '../../../src/ports.ts';

const folder = new URL('../../../src/io/kafka/', import.meta.url);

describe('the log of kafkajs', () => {
  const lines: [string, Readonly<Record<string, unknown>>, string][] = [];
  const keep =
    (level: string): Log['info'] =>
    (fields, message) =>
      void lines.push([level, fields, message]);
  const log: Log = { debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') };
  const client = connectKafka(
    { brokers: ['127.0.0.1:1'], clientId: 'c', connectionTimeoutMs: 1_000, requestTimeoutMs: 1_000 },
    log,
  );

  test('goes to ours: what it calls an error is a warning, its chatter and a rebalance are for debugging', () => {
    const logger = client.kafka.logger().namespace('Connection');
    logger.error('Connection error', { broker: 'b:1', stack: 'long' });
    logger.warn('Slow');
    logger.info('Joined');
    logger.error('Response Heartbeat', { error: 'The group is rebalancing, so a rejoin is needed' });
    expect(lines).toEqual([
      ['warn', { component: 'kafkajs', namespace: 'Connection', broker: 'b:1' }, 'Connection error'],
      ['warn', { component: 'kafkajs', namespace: 'Connection' }, 'Slow'],
      ['debug', { component: 'kafkajs', namespace: 'Connection' }, 'Joined'],
      ['debug', expect.objectContaining({ namespace: 'Connection' }), 'Response Heartbeat'],
    ]);
  });
});

test('every file loads in Node itself, which finds fewer exports of a CommonJS package than a test runner does', () => {
  const files = readdirSync(folder).map((file) => new URL(file, folder).href);
  const script = files.map((file) => `await import(${JSON.stringify(file)});`).join('\n');
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
  });
  expect(output).toBe('');
});
