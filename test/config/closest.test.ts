import { expect, test } from 'vitest';
import { closest } from '../../src/config/closest.ts';

const options = ['brokers', 'client_id', 'tls', 'sasl', 'topics'];

test.each([
  ['broker', 'brokers'],
  ['borkers', 'brokers'],
  ['clientId', 'client_id'],
  ['TLS', 'tls'],
  ['tsl', 'tls'],
  ['topcis', 'topics'],
])('%s is taken for %s', (name, meant) => {
  expect(closest(name, options)).toBe(meant);
});

test('a name far from every option is taken for none', () => {
  expect(closest('windows', options)).toBeUndefined();
  expect(closest('x', options)).toBeUndefined();
  expect(closest('anything', [])).toBeUndefined();
});
