import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readCredentials } from '../../src/app/credentials.ts';
import { loadSettings } from '../../src/cli/settings-option.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'driftline-credentials-'));
  writeFileSync(join(folder, 'password'), ' hunter2 \r\n');
  writeFileSync(join(folder, 'ca.pem'), 'CA');
  const text = `
kafka:
  tls: {enabled: true, ca_file: ca.pem}
  sasl: {mechanism: plain, username: u, password_file: password}
redis: {url: 'rediss://h:1', tls: {insecure_skip_verify: true}}
`;
  writeFileSync(join(folder, 'a.yaml'), text);
});
afterAll(() => rmSync(folder, { recursive: true }));

const settingsWith = (env: Record<string, string>, ...set: string[]) =>
  loadSettings({ config: [join(folder, 'a.yaml')], set }, { env });

test('a password loses the line break at the end of its file, and nothing else', async () => {
  const { kafka } = await readCredentials(await settingsWith({}));
  expect(kafka.password?.reveal()).toBe(' hunter2 ');
});

test('a password of the environment needs no file', async () => {
  const { redis } = await readCredentials(await settingsWith({ DRIFTLINE__REDIS__PASSWORD: 'x' }));
  expect(redis.password?.reveal()).toBe('x');
});

test('the key of category names comes from a file or the environment', async () => {
  const none = await readCredentials(await settingsWith({}));
  expect(none.categoryKey).toBeUndefined();
  const file = await readCredentials(
    await settingsWith({}, `privacy.category_key_file=${join(folder, 'ca.pem')}`),
  );
  expect(file.categoryKey?.reveal()).toBe('CA');
});

test('certificates are read where the connection is encrypted', async () => {
  const { kafka, redis } = await readCredentials(await settingsWith({}));
  expect(kafka.tls).toEqual({ ca: 'CA', rejectUnauthorized: true });
  expect(redis.tls).toEqual({ rejectUnauthorized: false });
});

test('the token and the certificates of the HTTP server are read, and a token that can be guessed is refused', async () => {
  const [token, ca] = [join(folder, 'token'), join(folder, 'ca.pem')];
  writeFileSync(token, '0123456789abcdef\n');
  const https = [`http.tls.cert_file=${ca}`, `http.tls.key_file=${ca}`, `http.tls.client_ca_file=${ca}`];
  const { http } = await readCredentials(await settingsWith({}, `http.token_file=${token}`, ...https));
  expect(http.token?.reveal()).toBe('0123456789abcdef');
  expect(http.tls).toEqual({ cert: 'CA', key: 'CA', clientCa: 'CA' });
  writeFileSync(token, '0123456789abcde\n');
  await expect(readCredentials(await settingsWith({}, `http.token_file=${token}`))).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringMatching(/at least 16 characters/),
  });
});

test('a file that cannot be read is named', async () => {
  const settings = await settingsWith({}, 'kafka.tls.ca_file=/nowhere/ca.pem');
  await expect(readCredentials(settings)).rejects.toMatchObject({
    code: 'CONFIG_UNREADABLE',
    message: 'cannot read /nowhere/ca.pem',
  });
});
