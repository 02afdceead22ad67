import { describe, expect, test } from 'vitest';
import { Fault } from '../../src/fault.ts';
import { jsonLog, type LogLevel } from '../../src/io/log.ts';

function capture(level: LogLevel) {
  const lines: string[] = [];
  return { lines, log: jsonLog({ write: (line) => lines.push(line) }, level) };
}

describe('the log', () => {
  test('writes one JSON object per line, with level by name and time in ISO-8601', () => {
    const { lines, log } = capture('info');
    log.warn({ shard: 3, reason: 'fenced' }, 'Another process owns the shard.\nSecond line.');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^[^\n]+\n$/);
    expect(JSON.parse(lines[0]!)).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/),
      shard: 3,
      reason: 'fenced',
      msg: 'Another process owns the shard.\nSecond line.',
    });
  });

  test('leaves out what is below its level', () => {
    const { lines, log } = capture('warn');
    log.debug({}, 'a');
    log.info({}, 'b');
    log.error({}, 'c');
    expect(lines).toHaveLength(1);
    expect(capture('silent').log.error({}, 'd')).toBeUndefined();
  });

  test('writes an error with its code and its causes', () => {
    const { lines, log } = capture('info');
    const cause = new Error('ECONNREFUSED');
    log.error({ error: new Fault('REDIS_UNREACHABLE', 'Redis does not answer.', { cause }) }, 'Stopping.');
    expect(JSON.parse(lines[0]!).error).toMatchObject({
      type: 'Fault',
      code: 'REDIS_UNREACHABLE',
      domain: 'external',
      retry: 'backoff',
      message: 'Redis does not answer.',
      cause: { type: 'Error', message: 'ECONNREFUSED' },
    });
  });

  test('survives an error that is its own cause', () => {
    const { lines, log } = capture('info');
    const error = new Error('round');
    error.cause = error;
    log.error({ error }, 'Stopping.');
    expect(JSON.parse(lines[0]!).error.message).toBe('round');
  });
});
