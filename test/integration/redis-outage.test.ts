// A worker lives through everything that Redis can say "not now" with, one after the other, and counts every event once.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { connectRedis } from '../../src/io/redis/client.ts';
import { quiet } from './kafka-rig.ts';
import { expectReplayed, openLiveSite } from './live-site.ts';
import { startRedisServer } from './redis-server.ts';
import { troubles } from './redis-troubles.ts';

/** A site on a Redis of its own, all of which goes when the test is over; `settings` are further ones of its workers' connection. */
async function openSite(options: readonly string[], settings: string, slices: number) {
  const server = await startRedisServer(options);
  const site = await openLiveSite(`{ url: "${server.url}"${settings} }`, slices);
  const admin = await connectRedis(
    { url: server.url, connectTimeoutMs: 5_000, commandTimeoutMs: 5_000 },
    quiet,
  );
  onTestFinished(async () => {
    await site.close();
    await admin.close();
    await server.remove();
  });
  return { server, site, admin };
}

test('a worker waits while Redis takes no commands, says so, and ends with the results of a replay', async () => {
  const options = Object.values(troubles).flatMap((trouble) => trouble.options ?? []);
  const slices = Object.keys(troubles).length + 1;
  const { server, site, admin } = await openSite(options, ', command_timeout: 1s', slices);
  const worker = site.start();
  const [, address] = await worker.until(/"address":"(http:[^"]+)"/);
  const metric = async (name: string): Promise<string | undefined> => {
    const page = await (await fetch(`${address}/metrics`)).text();
    return new RegExp(`^${name}(?:\\{[^}]*\\})? (.*)$`, 'm').exec(page)?.[1];
  };
  const becomes = async (value: string): Promise<void> => {
    for (const end = performance.now() + 20_000; ; await sleep(50)) {
      const found = await metric('driftline_redis_available');
      if (found === value) return;
      if (performance.now() > end)
        throw new Error(`driftline_redis_available stays ${found}:\n${worker.output()}`);
    }
  };
  await site.feed();
  for (const [name, trouble] of Object.entries(troubles)) {
    const end = await trouble.begin(server, admin);
    await site.feed();
    await becomes('0');
    await sleep(1_000);
    expect((await fetch(`${address}/healthz`)).status, name).toBe(200);
    await end();
    await becomes('1');
  }
  await expectReplayed(site, admin, [worker]);
  const page = await (await fetch(`${address}/metrics`)).text();
  for (const { reason } of Object.values(troubles)) {
    expect(page).toMatch(new RegExp(`^driftline_redis_retries_total\\{reason="${reason}"\\} [1-9]`, 'm'));
  }
  expect(await worker.end()).toBe(0);
});

test('a worker whose Redis begins to evict ends, and says what to change', async () => {
  const { site, admin } = await openSite([], '', 1);
  const worker = site.start();
  await worker.until(/shard claimed/);
  await admin.call('CONFIG', ['SET', 'maxmemory-policy', 'allkeys-lru']);
  expect(await worker.ended).toBe(2);
  expect(worker.output()).toMatch(/REDIS_UNSUITABLE: .*set maxmemory-policy to noeviction/);
  const again = site.start();
  expect(await again.ended).toBe(2);
  expect(again.output()).toMatch(/REDIS_UNSUITABLE: .*set maxmemory-policy to noeviction/);
});
