import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type RequestOptions, get as request } from 'node:https';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { advance } from '../../src/alert/history.ts';
import type { IncidentHistory } from '../../src/alert/incident.ts';
import { Fault } from '../../src/fault.ts';
import { type HttpOptions, type HttpServer, startHttp } from '../../src/io/http.ts';
import type { Log } from '../../src/ports.ts';
import { policy, resultsOfVotes } from '../alert/sample-results.ts';
import { type Authority, type Certificate, createAuthority } from '../certificates.ts';

const servers: HttpServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const silent = () => {};
const log: Log = { debug: silent, info: silent, warn: silent, error: silent };

async function serve(changes: Partial<HttpOptions> = {}): Promise<string> {
  const server = await startHttp({
    host: '127.0.0.1',
    port: 0,
    metrics: async () => 'process_up 1\n',
    results: async () => ({ text: 'driftline_window_rows 5\n'.repeat(100) }),
    models: ['hotel_cancellation'],
    latest: async () => [],
    incidents: async () => [],
    live: () => true,
    ready: [],
    log,
    ...changes,
  });
  servers.push(server);
  return server.address;
}

describe('the metrics endpoints', () => {
  test.each(['/metrics', '/metrics/results'])('%s answers in exactly the text format 0.0.4', async (path) => {
    const response = await fetch(`${await serve()}${path}`, { headers: { 'accept-encoding': 'identity' } });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(response.headers.get('content-encoding')).toBeNull();
    expect(await response.text()).toMatch(/\n$/);
  });

  test('compress where the client takes it, with the same content', async () => {
    const address = await serve();
    for (const accept of ['gzip', 'deflate, gzip;q=0.5', '*']) {
      const response = await fetch(`${address}/metrics/results`, { headers: { 'accept-encoding': accept } });
      expect(response.headers.get('content-encoding')).toBe('gzip');
      expect(await response.text()).toBe('driftline_window_rows 5\n'.repeat(100));
    }
    for (const accept of ['identity', 'gzip;q=0', 'gzip; q=0.000, br', '']) {
      const response = await fetch(`${address}/metrics/results`, { headers: { 'accept-encoding': accept } });
      expect(response.headers.get('content-encoding')).toBeNull();
    }
  });

  test('send the page as it is now', async () => {
    let text = 'a 1\n';
    const address = await serve({ results: async () => ({ text }) });
    const body = async () => (await fetch(`${address}/metrics/results`)).text();
    expect(await body()).toBe('a 1\n');
    text = 'a 2\n';
    expect(await body()).toBe('a 2\n');
  });

  test('answer 503 while a dependency is out, and keep its address to themselves', async () => {
    const failures: unknown[] = [];
    const address = await serve({
      results: () => Promise.reject(new Fault('REDIS_UNREACHABLE', 'no answer at redis.internal:6379')),
      log: { ...log, error: (fields) => failures.push(fields) },
    });
    const response = await fetch(`${address}/metrics/results`);
    expect(response.status).toBe(503);
    expect(await response.text()).not.toContain('redis.internal');
    expect(failures).toHaveLength(1);
  });
});

describe('the probes', () => {
  test('say that the process is alive, or stalled', async () => {
    let alive = true;
    const address = await serve({ live: () => alive });
    expect((await fetch(`${address}/healthz`)).status).toBe(200);
    alive = false;
    expect((await fetch(`${address}/healthz`)).status).toBe(503);
  });

  test('name what is not ready: false, failed, or silent for two seconds', async () => {
    const address = await serve({
      ready: [
        { name: 'results', check: () => true },
        { name: 'store', check: async () => false },
        { name: 'group', check: () => Promise.reject(new Error('no')) },
        { name: 'topics', check: () => new Promise(() => {}) },
        {
          name: 'thrown',
          check: () => {
            throw new Error('at once');
          },
        },
      ],
    });
    const response = await fetch(`${address}/readyz`);
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({
      status: 'not_ready',
      failing: ['store', 'group', 'topics', 'thrown'],
    });
    expect((await fetch(`${await serve()}/readyz`)).status).toBe(200);
  });
});

describe('the interface for programs', () => {
  let history: IncidentHistory | undefined;
  for (const result of resultsOfVotes({ adr: 'wwwkkk' })) history = advance(history, result, policy).history;

  test('gives the newest results as they were published', async () => {
    const document = '{"format":"driftline.result/1","rows":5000}';
    const result = {
      key: { size: 1, start: 0 },
      revision: '',
      revisions: 0,
      inputs: '',
      publishedAt: 0,
      document,
    };
    const address = await serve({ latest: async () => [result, result] });
    const response = await fetch(`${address}/api/v1/results/latest?model=hotel_cancellation`);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(await response.text()).toBe(`[${document},${document}]`);
  });

  test('gives the open incidents', async () => {
    const address = await serve({ incidents: async () => [history!] });
    const response = await fetch(`${address}/api/v1/incidents?model=hotel_cancellation`);
    expect(await response.json()).toEqual({
      incidents: [
        {
          incident: expect.stringMatching(/^[0-9a-f]{64}$/),
          model: 'hotel_cancellation',
          segment: 'all',
          rule: 'feature_drift',
          severity: 'critical',
          opened: { start: '2016-10-01T00:10:00.000Z', end: '2016-10-01T00:15:00.000Z' },
          columns: ['adr'],
        },
      ],
    });
  });

  test.each([
    ['?model=other', 404],
    ['?model=__proto__', 404],
    ['', 400],
    [`?model=${'x'.repeat(300)}`, 400],
  ])('refuses "%s" with %d', async (query, status) => {
    expect((await fetch(`${await serve()}/api/v1/results/latest${query}`)).status).toBe(status);
  });
});

describe('the server', () => {
  test('takes nothing but GET and HEAD', async () => {
    const address = await serve();
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const response = await fetch(`${address}/metrics`, { method });
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toBe('GET, HEAD');
    }
    expect((await fetch(`${address}/metrics`, { method: 'HEAD' })).status).toBe(200);
  });

  test('sends security headers with every answer, errors too', async () => {
    const address = await serve();
    for (const path of ['/metrics', '/nowhere']) {
      const { headers } = await fetch(`${address}${path}`);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('cache-control')).toBe('no-store');
    }
  });

  test('with a token shows strangers only the probes', async () => {
    const address = await serve({ token: 's3cret' });
    const status = async (path: string, authorization?: string) =>
      (await fetch(`${address}${path}`, authorization === undefined ? {} : { headers: { authorization } }))
        .status;
    expect(await status('/healthz')).toBe(200);
    expect(await status('/readyz')).toBe(200);
    for (const path of ['/metrics', '/metrics/results', '/api/v1/models', '/nowhere']) {
      expect(await status(path)).toBe(401);
      expect(await status(path, 'Bearer s3cre')).toBe(401);
      expect(await status(path, 's3cret')).toBe(401);
    }
    expect(await status('/metrics', 'Bearer s3cret')).toBe(200);
  });

  test('that cannot listen says where, as HTTP_UNAVAILABLE', async () => {
    const port = Number(new URL(await serve()).port);
    await expect(serve({ port })).rejects.toMatchObject({ code: 'HTTP_UNAVAILABLE' });
    await expect(serve({ port })).rejects.toThrow(`127.0.0.1:${port}`);
  });

  test('closes although a client holds its connection open', async () => {
    const server = await startHttp({
      ...{ host: '127.0.0.1', port: 0, models: [], ready: [], log },
      metrics: async () => '',
      results: async () => ({ text: '' }),
      latest: async () => [],
      incidents: async () => [],
      live: () => true,
    });
    const socket = connect(Number(new URL(server.address).port), '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.write('GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n');
    const answer = await new Promise<Buffer>((resolve) => socket.once('data', resolve));
    expect(answer.toString()).toContain('200 OK');
    await server.close();
    socket.destroy();
    await expect(fetch(`${server.address}/healthz`)).rejects.toThrow();
  });
});

describe('clients that mean no good', () => {
  const half = 'GET /healthz HTTP/1.1\r\nhost:';
  const whole = `${half} a\r\n\r\n`;

  /** A connection that says this; resolves when it has been said, or answered. */
  async function say(address: string, text: string): Promise<Socket> {
    const socket = connect(Number(new URL(address).port), '127.0.0.1');
    socket.on('error', silent);
    socket.write(text);
    await new Promise((resolve) => socket.once(text === whole ? 'data' : 'connect', resolve));
    return socket.resume();
  }

  test('are cut off when they do not finish what they ask', async () => {
    const startedAt = performance.now();
    const socket = await say(await serve(), half);
    await new Promise((resolve) => socket.once('close', resolve));
    expect(performance.now() - startedAt).toBeLessThan(9_000);
  });

  test('do not keep the server from closing with half a request', async () => {
    const address = await serve();
    await say(address, half);
    const startedAt = performance.now();
    await servers.pop()!.close();
    expect(performance.now() - startedAt).toBeLessThan(8_000);
  });

  test('do not keep others out by holding every connection that there is', async () => {
    const address = await serve();
    await Promise.all(Array.from({ length: 64 }, () => say(address, whole)));
    const attempts = await Promise.allSettled(
      [0, 1].map((i) => delayed(200 * i, () => fetch(`${address}/healthz`))),
    );
    expect(attempts.at(-1)).toMatchObject({ value: { status: 200 } });
  });
});

async function delayed<Value>(ms: number, step: () => Promise<Value>): Promise<Value> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return step();
}

describe('over HTTPS', () => {
  let folder: string;
  let authority: Authority;
  const pem = ({ cert, key }: Certificate) => ({
    cert: readFileSync(cert, 'utf8'),
    key: readFileSync(key, 'utf8'),
  });

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'driftline-https-'));
    authority = createAuthority(folder, 'authority');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** The status of an answer; rejects where the connection is refused. */
  function get(address: string, options: RequestOptions): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      request(`${address}/metrics`, { agent: false, ...options }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).on('error', reject);
    });
  }

  test('serves whoever trusts its authority, with the same pages', async () => {
    const address = await serve({ tls: pem(authority.issue('server')) });
    expect(address).toMatch(/^https:/);
    expect(await get(address, { ca: readFileSync(authority.cert) })).toBe(200);
    await expect(get(address, {})).rejects.toThrow(/certificate/);
  });

  test('lets in nobody without a certificate of the authority that it is told', async () => {
    const clientCa = readFileSync(authority.cert, 'utf8');
    const address = await serve({ tls: { ...pem(authority.issue('server')), clientCa } });
    const ca = readFileSync(authority.cert);
    expect(await get(address, { ca, ...pem(authority.issue('client')) })).toBe(200);
    await expect(get(address, { ca })).rejects.toThrow();
    const foreign = createAuthority(folder, 'foreign').issue('client');
    await expect(get(address, { ca, ...pem(foreign) })).rejects.toThrow();
  });

  test('says when certificate and key do not fit, as CONFIG_INVALID', async () => {
    const { cert } = pem(authority.issue('one'));
    const { key } = pem(authority.issue('other'));
    await expect(serve({ tls: { cert, key } })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/^http\.tls: .*mismatch/),
    });
  });
});

test('a compressed page is gzip', async () => {
  const address = new URL(await serve());
  const socket = connect(Number(address.port), '127.0.0.1');
  socket.write('GET /metrics HTTP/1.1\r\nhost: a\r\naccept-encoding: gzip\r\nconnection: close\r\n\r\n');
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  const answer = Buffer.concat(chunks);
  const body = answer.subarray(answer.indexOf('\r\n\r\n') + 4);
  expect(gunzipSync(body).toString()).toBe('process_up 1\n');
});
