import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../../src/io/redis/address.ts';

describe('an address of Redis', () => {
  test('has a host, and by default the port of its kind, database 0 and no user', () => {
    expect(parseAddress('redis://localhost', 26_379)).toEqual({
      hosts: [{ host: 'localhost', port: 26_379 }],
      ...{ db: 0, encrypted: false, username: '', password: '', text: 'localhost:26379' },
    });
  });

  test('may have several hosts, with one login and one database for all', () => {
    expect(parseAddress('rediss://u:p%40@a:1,[::1]:2,b/3', 6379)).toEqual({
      hosts: [
        { host: 'a', port: 1 },
        { host: '::1', port: 2 },
        { host: 'b', port: 6379 },
      ],
      ...{ db: 3, encrypted: true, username: 'u', password: 'p@', text: 'a:1, [::1]:2, b:6379' },
    });
  });

  test.each([
    '',
    'localhost:6379',
    'http://localhost',
    'redis://',
    'redis://user:hunter2@host:port',
    'redis://user:hunter2%@host',
    'redis://user:hunter2@host/name',
    'redis://a,,b',
    'redis://a:99999',
  ])('%j is none, and is not quoted: it may hold a secret', (url) => {
    expect(() => parseAddress(url, 6379)).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: 'The address of Redis must have the form redis://host:port/database',
      }),
    );
  });
});
