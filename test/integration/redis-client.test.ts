// The connection to Redis: what it says when Redis is away, refuses, is silent, or comes back.

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { Fault } from '../../src/fault.ts';
import { connectRedis } from '../../src/io/redis/client.ts';
import type { RedisSettings } from '../../src/io/redis/topology.ts';
import { freePort, type RedisServer, startRedisServer } from './redis-server.ts';

const lines: string[] = [];
const write = (_: object, message: string) => void lines.push(message);
const log = { debug: write, info: write, warn: write, error: write };

let server: RedisServer;
beforeAll(async () => {
  server = await startRedisServer();
});
afterAll(() => server.remove());

function settings(url: string, more: Partial<RedisSettings> = {}): RedisSettings {
  return { url, connectTimeoutMs: 2_000, commandTimeoutMs: 5_000, ...more };
}

async function faultOf(promise: Promise<unknown>): Promise<{ fault: Fault; tookMs: number }> {
  const startedAt = performance.now();
  const fault = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(fault instanceof Fault)) throw new Error(`a Fault was expected, not ${fault}`);
  return { fault, tookMs: performance.now() - startedAt };
}

test('a Redis that is not there is a fault with its address, at once', async () => {
  const port = await freePort();
  const { fault, tookMs } = await faultOf(connectRedis(settings(`redis://127.0.0.1:${port}`), log));
  expect(fault.code).toBe('REDIS_UNREACHABLE');
  expect(fault.message).toContain(`127.0.0.1:${port}`);
  expect(fault.message).toContain('ECONNREFUSED');
  expect(tookMs).toBeLessThan(1_500);
});

test('a host that has no address is a fault with its name', async () => {
  const { fault, tookMs } = await faultOf(connectRedis(settings('redis://redis.invalid'), log));
  expect(fault.code).toBe('REDIS_UNREACHABLE');
  expect(fault.message).toContain('redis.invalid:6379');
  expect(tookMs).toBeLessThan(5_000);
});

test('a server that accepts and never answers is given up after the connect timeout', async () => {
  const silent = createServer(() => {});
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as { port: number };
  const { fault, tookMs } = await faultOf(
    connectRedis(settings(`redis://127.0.0.1:${port}`, { connectTimeoutMs: 500 }), log),
  );
  silent.close();
  expect(fault.code).toBe('REDIS_UNREACHABLE');
  expect(tookMs).toBeGreaterThan(400);
  expect(tookMs).toBeLessThan(2_000);
});

test('a wrong password is a refusal that quotes Redis and not the password', async () => {
  const { fault } = await faultOf(
    connectRedis(settings(server.url, { username: 'nobody', password: 'hunter2' }), log),
  );
  expect(fault.code).toBe('REDIS_REFUSED');
  expect(fault.message).toContain('WRONGPASS');
  expect(fault.message).not.toContain('hunter2');
});

test('a missing password is a refusal', async () => {
  const guarded = await startRedisServer(['--requirepass', 'secret']);
  onTestFinished(() => guarded.remove());
  const { fault } = await faultOf(connectRedis(settings(guarded.url), log));
  expect(fault.code).toBe('REDIS_REFUSED');
  expect(fault.message).toContain('NOAUTH');
  const connection = await connectRedis(settings(guarded.url.replace('//', '//:secret@')), log);
  await connection.ping();
  expect(connection.address).toBe(`127.0.0.1:${guarded.port}`);
  await connection.close();
});

test('an address that is none is a fault of the configuration and does not show its secrets', async () => {
  for (const url of [
    '',
    'localhost:6379',
    'http://localhost',
    'redis://user:hunter2@host:port',
    'redis://host/name',
  ]) {
    const { fault } = await faultOf(connectRedis(settings(url), log));
    expect(fault.code).toBe('CONFIG_INVALID');
    expect(fault.message).not.toContain('hunter2');
  }
});

test('a failing command is a fault with the command and the reason', async () => {
  const connection = await connectRedis(settings(server.url), log);
  await connection.call('SET', ['text', 'x']);
  const { fault } = await faultOf(connection.call('HGET', ['text', 'field']));
  expect(fault.code).toBe('REDIS_FAILED');
  expect(fault.message).toMatch(/HGET.*WRONGTYPE/);
  await connection.close();
  expect((await faultOf(connection.ping())).fault.code).toBe('REDIS_UNREACHABLE');
});

test('replies are bytes as they were stored', async () => {
  const connection = await connectRedis(settings(`${server.url}/3`), log);
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  await connection.call('SET', ['bytes', bytes]);
  expect(new Uint8Array((await connection.call('GET', ['bytes'])) as Buffer)).toEqual(bytes);
  expect(await connection.call('GET', ['nothing'])).toBeNull();
  expect(await connection.call('DBSIZE', [])).toBe(1);
  await connection.close();
});

test('a restart of Redis shorter than the command timeout goes unnoticed but for the log', async () => {
  const connection = await connectRedis(settings(server.url), log);
  lines.length = 0;
  await server.kill();
  const answered = connection.ping();
  await server.start();
  await answered;
  expect(lines).toContain('Redis connection lost');
  expect(lines).toContain('Redis connection restored');
  await connection.close();
});

test('a Redis that stays away fails commands after their timeout, and the connection heals when it is back', async () => {
  const connection = await connectRedis(settings(server.url, { commandTimeoutMs: 300 }), log);
  await server.kill();
  const { fault, tookMs } = await faultOf(connection.ping());
  expect(fault.code).toBe('REDIS_UNREACHABLE');
  expect(fault.message).toContain(`127.0.0.1:${server.port}`);
  expect(tookMs).toBeLessThan(1_500);
  await server.start();
  const healedBy = performance.now() + 5_000;
  while (
    performance.now() < healedBy &&
    (await connection.ping().then(
      () => false,
      () => true,
    ))
  );
  await connection.ping();
  await connection.close();
});

test('TLS with the authority of the server works, and without it the connection is refused by us', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'driftline-tls-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const request = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '2',
  ];
  execFileSync('openssl', [...request, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const port = await freePort();
  const files = ['--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', cert];
  const guarded = await startRedisServer(['--tls-port', String(port), ...files, '--tls-auth-clients', 'no']);
  onTestFinished(() => guarded.remove());
  const url = `rediss://127.0.0.1:${port}`;

  const connection = await connectRedis(settings(url, { tls: { ca: readFileSync(cert, 'utf8') } }), log);
  await connection.ping();
  await connection.close();
  const { fault } = await faultOf(connectRedis(settings(url), log));
  expect(fault.code).toBe('REDIS_UNREACHABLE');
  expect(fault.message).toContain('self-signed certificate');
});
