import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { scriptFile } from './plants.ts';
import { type RespValue, respReader } from './resp.ts';
import { createWitness, type Tap, type Witness } from './witness.ts';

const scripts = resolve(import.meta.dirname, '../../src/io/redis');
const source = (name: string): string => readFileSync(join(scripts, scriptFile(scripts, name)), 'utf8');
const sha1 = (name: string): string => createHash('sha1').update(source(name)).digest('hex');

const bulk = (text: string): string => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
const command = (...words: string[]): string => `*${words.length}\r\n${words.map(bulk).join('')}`;

describe('values on the wire', () => {
  const stream = Buffer.from(
    `+OK\r\n:42\r\n$-1\r\n*0\r\n-ERR no\r\n*3\r\n${bulk('a')}*2\r\n:1\r\n${bulk('')}${bulk('x\r\ny')}${bulk('z'.repeat(1_000))}`,
  );
  const values: RespValue[] = ['OK', '42', null, [], '-ERR no', ['a', ['1', ''], 'x\r\ny'], '#1000'];

  test.each([1, 2, 3, 7, 100, 5_000])('are the same in chunks of %d bytes', (size) => {
    const found: RespValue[] = [];
    const read = respReader((value) => found.push(value));
    for (let at = 0; at < stream.length; at += size) read(stream.subarray(at, at + size));
    expect(found).toEqual(values);
  });
});

describe('a witness', () => {
  let time: number;
  let witness: Witness;
  let taps: Tap[];

  beforeEach(() => {
    time = 0;
    witness = createWitness(scripts, () => time++);
    taps = [witness.tap(0), witness.tap(1)];
  });

  const claim = (token: string): string => command('EVALSHA', sha1('claim'), '1', 'meta', token);
  const checkpoint = (token: string): string =>
    command('EVALSHA', sha1('checkpoint'), '2', 'meta', 'changed', token, '1', '1');
  const sent = (by: number, text: string): void => taps[by]!.sent(Buffer.from(text));
  const answered = (by: number, text: string): void => taps[by]!.answered(Buffer.from(text));
  const claimed = (by: number, token: string): void => {
    sent(by, claim(token));
    answered(by, '*1\r\n$-1\r\n');
  };

  test('has nothing to say of an owner whose checkpoints are written, nor of one that is fenced when replaced', () => {
    claimed(0, 'a');
    sent(0, checkpoint('a'));
    answered(0, bulk('written'));
    claimed(1, 'b');
    sent(0, checkpoint('a'));
    answered(0, bulk('fenced'));
    expect(witness.wrongs).toEqual([]);
    expect(witness.outcomes).toEqual({ written: 1, fenced: 1 });
    expect(witness.claimed()).toBe(2);
    expect(witness.wroteAt(0)).toBeGreaterThan(0);
    expect(witness.wroteAt(1)).toBe(-Infinity);
  });

  test.each(['written', 'moved'])('tells of a replaced owner whose checkpoint is %s', (outcome) => {
    claimed(0, 'a');
    claimed(1, 'b');
    sent(0, checkpoint('a'));
    answered(0, bulk(outcome));
    expect(witness.wrongs).toHaveLength(1);
  });

  test('tells of an owner whose claim it did not see', () => {
    claimed(1, 'b');
    sent(0, checkpoint('a'));
    answered(0, bulk('written'));
    expect(witness.wrongs).toHaveLength(1);
  });

  test('knows scripts by their text as well, and commands that are on their way together', () => {
    const whole = command('EVAL', source('claim'), '1', 'meta', 'b');
    claimed(0, 'a');
    sent(1, `${command('PING')}${whole}`);
    answered(1, '+PONG\r\n*1\r\n$-1\r\n');
    sent(0, checkpoint('a'));
    answered(0, bulk('written'));
    expect(witness.wrongs).toHaveLength(1);
  });

  test('does not judge what happened at the same time', () => {
    claimed(0, 'a');
    sent(1, claim('b'));
    sent(0, checkpoint('a'));
    answered(1, '*1\r\n$-1\r\n');
    answered(0, bulk('written'));
    expect(witness.wrongs).toEqual([]);
  });

  test('does not count a claim that was refused, nor one that was lost', () => {
    claimed(0, 'a');
    sent(1, claim('b'));
    answered(1, '-NOSCRIPT No matching script\r\n');
    sent(0, checkpoint('a'));
    answered(0, bulk('written'));
    claimed(1, 'b');
    witness.forget();
    sent(0, checkpoint('a'));
    answered(0, bulk('written'));
    expect(witness.wrongs).toEqual([]);
  });
});
