import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { freePort } from '../../../deploy/local/ports.ts';
import { type TokenEndpoint, tokenSource } from '../../../src/io/kafka/oauth-token.ts';

const requests: { authorization: string | undefined; body: string }[] = [];
let server: Server;
let answer: { status: number; body: string; headers?: Record<string, string> };
let endpoint: TokenEndpoint;
let now: number;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    requests.push({ authorization: request.headers.authorization, body });
    if (answer.status === 0) return;
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
    response.end(answer.body);
  }).listen(0, '127.0.0.1');
  await vi.waitFor(() => expect(server.listening).toBe(true));
  const { port } = server.address() as { port: number };
  const url = `http://127.0.0.1:${port}/token`;
  endpoint = { url, clientId: 'id', clientSecret: 'sec:ret', scope: 'events', timeoutMs: 1_000 };
});

afterAll(() => {
  server.closeAllConnections();
  return new Promise((closed) => server.close(closed));
});

beforeEach(() => {
  requests.length = 0;
  now = 0;
});

function gives(token: string, more: object = {}): void {
  answer = { status: 200, body: JSON.stringify({ access_token: token, token_type: 'bearer', ...more }) };
}

describe('a token', () => {
  test('is asked for by client credentials, in the way of RFC 6749', async () => {
    gives('t');
    expect(await tokenSource(endpoint, () => now)()).toBe('t');
    expect(requests).toEqual([
      {
        authorization: `Basic ${Buffer.from('id:sec%3Aret').toString('base64')}`,
        body: 'grant_type=client_credentials&scope=events',
      },
    ]);
  });

  test('is given again until a minute before it ends', async () => {
    const token = tokenSource(endpoint, () => now);
    gives('first', { expires_in: 300 });
    expect(await Promise.all([token(), token()])).toEqual(['first', 'first']);
    gives('second', { expires_in: 300 });
    now = 239_999;
    expect(await token()).toBe('first');
    now = 240_000;
    expect(await token()).toBe('second');
    expect(requests).toHaveLength(2);
  });

  test('that does not say how long it holds is used once', async () => {
    const token = tokenSource(endpoint, () => now);
    gives('first');
    await token();
    gives('second');
    expect(await token()).toBe('second');
  });
});

describe('a server that', () => {
  test('refuses the client is told with its reason, and never with the secret', async () => {
    answer = {
      status: 401,
      body: JSON.stringify({ error: 'invalid_client', error_description: 'no such client' }),
    };
    await expect(tokenSource(endpoint, () => now)()).rejects.toMatchObject({
      code: 'KAFKA_REFUSED',
      message: `The token endpoint ${endpoint.url} refuses client id: invalid_client: no such client`,
    });
  });

  test('is not there is told, and asked again the next time', async () => {
    const away = { ...endpoint, url: `http://127.0.0.1:${await freePort()}/token` };
    const token = tokenSource(away, () => now);
    for (let i = 0; i < 2; i++) {
      await expect(token()).rejects.toMatchObject({
        code: 'TOKEN_UNAVAILABLE',
        message: expect.stringMatching(/gives no token: .*ECONNREFUSED/),
      });
    }
  });

  test.each([
    ['is silent', { status: 0, body: '' }, /timeout/],
    ['fails', { status: 503, body: 'later' }, /status 503/],
    ['answers without a token', { status: 200, body: '{}' }, /status 200, no token/],
    ['sends elsewhere', { status: 307, body: '', headers: { location: 'http://127.0.0.1:9/' } }, /redirect/],
  ])('%s is told', async (_, given, says) => {
    answer = given;
    await expect(tokenSource(endpoint, () => now)()).rejects.toMatchObject({
      code: 'TOKEN_UNAVAILABLE',
      message: expect.stringMatching(says),
    });
    expect(requests).toHaveLength(1);
  });

  test('recovers is believed', async () => {
    const token = tokenSource(endpoint, () => now);
    answer = { status: 503, body: '' };
    await expect(token()).rejects.toThrow();
    gives('t');
    expect(await token()).toBe('t');
  });
});
