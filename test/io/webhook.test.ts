import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/io/clock.ts';
import { isPrivateAddress, type WebhookOptions, webhookReceiver } from '../../src/io/webhook.ts';
import { startWebhookServer, type WebhookServer } from './webhook-server.ts';

const servers: WebhookServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serverThat(answer: (response: ServerResponse, count: number) => void): Promise<WebhookServer> {
  const server = await startWebhookServer(answer);
  servers.push(server);
  return server;
}

const secret = randomBytes(32);

function post(url: URL, changes: Partial<WebhookOptions> = {}) {
  const options = {
    timeoutMs: 20_000,
    allowPrivate: true,
    userAgent: 'driftline/test',
    now: systemClock.now,
  };
  return webhookReceiver({ url, secrets: [secret], ...options, ...changes }).post('a1', '{"a":"ü"}');
}

describe('a webhook', () => {
  test('arrives signed, as a CloudEvent, byte for byte', async () => {
    const { url, received } = await serverThat((response) => response.writeHead(202).end());
    expect(await post(url)).toEqual({ kind: 'accepted', reason: 'HTTP 202' });
    const [{ headers, body }] = received as [(typeof received)[number]];
    expect(headers).toMatchObject({
      'content-type': 'application/cloudevents+json; charset=utf-8',
      'user-agent': 'driftline/test',
      'webhook-id': 'a1',
    });
    const verified = new Webhook(secret.toString('base64')).verify(body, headers as Record<string, string>);
    expect(verified).toEqual({ a: 'ü' });
  });

  test.each([
    [400, 'refused'],
    [401, 'refused'],
    [404, 'refused'],
    [408, 'failed'],
    [410, 'gone'],
    [429, 'failed'],
    [500, 'failed'],
    [503, 'failed'],
  ])('that is answered %i is %s', async (status, kind) => {
    const { url } = await serverThat((response) => response.writeHead(status).end('why'));
    expect(await post(url)).toMatchObject({ kind, reason: `HTTP ${status}` });
  });

  test('is told how long to wait', async () => {
    const { url } = await serverThat((response) => response.writeHead(429, { 'retry-after': '7' }).end());
    expect(await post(url)).toMatchObject({ kind: 'failed', retryAfterMs: 7_000 });
  });

  test('does not follow a redirect', async () => {
    const elsewhere = await serverThat((response) => response.writeHead(200).end());
    const location = elsewhere.url.href;
    const { url } = await serverThat((response) => response.writeHead(307, { location }).end());
    expect(await post(url)).toMatchObject({ kind: 'refused', reason: expect.stringContaining('redirect') });
    expect(elsewhere.received).toEqual([]);
  });

  test('is given up where nobody answers in time, and where nobody listens', async () => {
    const silent = await serverThat(() => undefined);
    expect(await post(silent.url, { timeoutMs: 50 })).toMatchObject({ kind: 'failed' });
    const gone = await serverThat(() => undefined);
    await servers.pop()!.close();
    expect(await post(gone.url)).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('ECONNREFUSED'),
    });
  });
});

describe('a private address', () => {
  test('is not sent to, by number or by name, and whoever listens there hears nothing', async () => {
    const { url, received } = await serverThat((response) => response.writeHead(200).end());
    for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '0x7f000001', '2130706433']) {
      const answer = await post(new URL(`http://${host}:${url.port}/`), { allowPrivate: false });
      expect(answer, host).toMatchObject({ reason: expect.stringContaining('no public address') });
      expect(answer.kind).not.toBe('accepted');
    }
    expect(received).toEqual([]);
  });

  test.each([
    ...['127.0.0.1', '10.1.2.3', '172.31.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0'],
    ...['::1', '::', 'fe80::1', 'fd00::1', '::ffff:10.0.0.1', '64:ff9b::a00:1', '2002:a00:1::', 'ff02::1'],
  ])('%s is one', (address) => expect(isPrivateAddress(address)).toBe(true));

  test.each(['8.8.8.8', '172.32.0.1', '2606:4700::1111', '::ffff:8.8.8.8'])('%s is none', (address) =>
    expect(isPrivateAddress(address)).toBe(false),
  );
});
