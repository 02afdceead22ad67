import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { defaultSettings } from '../../src/config/settings.ts';
import { passingTroubles } from '../../src/io/redis/trouble.ts';
import { acl, clusterAcl, sentinelAcl } from '../integration/redis-acl.ts';

const page = readFileSync(new URL('../../docs/redis.md', import.meta.url), 'utf8');

test('docs/redis.md grants what the tests run with', () => {
  const { prefix } = defaultSettings().redis;
  expect(page).toContain(`ACL SETUSER driftline on >PASSWORD ${acl(prefix).join(' ')}\n`);
  expect(page).toContain(`ACL SETUSER driftline ${clusterAcl.join(' ')}\n`);
  expect(page).toContain(`ACL SETUSER driftline on >PASSWORD ${sentinelAcl.join(' ')}\n`);
});

test('docs/redis.md names every reply that is waited out, as the metric calls it', () => {
  for (const [reply, reason] of Object.entries(passingTroubles)) {
    expect(page).toContain(`| \`${reply}\` | \`${reason}\` |`);
  }
});
