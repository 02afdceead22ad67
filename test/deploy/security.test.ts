import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { defaultSettings } from '../../src/config/settings.ts';
import { acl } from '../integration/redis-acl.ts';

const root = new URL('../../', import.meta.url);
const page = readFileSync(new URL('SECURITY.md', root), 'utf8');
const { version, license } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
  version: string;
  license: string;
};
const { kafka, redis, group, http, deadLetters, privacy } = defaultSettings();

test('SECURITY.md grants in Redis what the tests of the stores run with', () => {
  expect(page).toContain(`ACL SETUSER driftline on >PASSWORD ${acl(redis.prefix).join(' ')}\n`);
});

test('SECURITY.md names the topics and the group of the defaults', () => {
  for (const topic of [...Object.values(kafka.topics), group]) expect(page).toContain(`\`${topic}\``);
});

test('the defaults are as closed as SECURITY.md says', () => {
  expect(http.host).toBe('127.0.0.1');
  expect(deadLetters.payload).toBe('none');
  expect(privacy).toEqual({ categoryKey: null, categoryKeyFile: null });
  expect([kafka.tls.insecureSkipVerify, redis.tls.insecureSkipVerify]).toEqual([false, false]);
});

test('SECURITY.md supports the version of the package', () => {
  expect(page).toContain(`| ${version.split('.').slice(0, 2).join('.')}.x | yes |`);
});

test('LICENSE is the licence that the package names', () => {
  const text = readFileSync(new URL('LICENSE', root), 'utf8');
  expect(license).toBe('Apache-2.0');
  expect(text).toMatch(/^\s*Apache License\n\s*Version 2\.0, January 2004\n/);
  expect(text).toContain('END OF TERMS AND CONDITIONS');
  expect(text).toMatch(/Copyright \d{4} The Driftline authors/);
});
