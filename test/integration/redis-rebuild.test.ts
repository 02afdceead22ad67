// Redis that was emptied, in whole or in part, and how its state is counted again from what Kafka holds.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectRedis, type RedisConnection } from '../../src/io/redis/client.ts';
import { quiet } from './kafka-rig.ts';
import { expectReplayed, type LiveSite, openLiveSite } from './live-site.ts';
import { type RedisServer, startRedisServer } from './redis-server.ts';

let server: RedisServer;
let admin: RedisConnection;
let site: LiveSite;

beforeAll(async () => {
  server = await startRedisServer();
  admin = await connectRedis({ url: server.url, connectTimeoutMs: 5_000, commandTimeoutMs: 5_000 }, quiet);
  site = await openLiveSite(`{ url: "${server.url}" }`, 4);
});

afterAll(async () => {
  await site.close();
  await admin.close();
  await server.remove();
});

async function forget(pattern: string): Promise<void> {
  const keys = (await admin.call('KEYS', [pattern])) as Buffer[];
  expect(keys.length).toBeGreaterThan(0);
  await admin.call('DEL', keys);
}

/** Long enough for the group to have told Kafka how far it has read. */
async function runUntilCommitted(...options: readonly string[]): Promise<void> {
  const worker = site.start(...options);
  await expectReplayedSoFar(worker);
  await new Promise((resolve) => setTimeout(resolve, 6_000));
  expect(await worker.end(), worker.output()).toBe(0);
}

async function expectReplayedSoFar(worker: ReturnType<LiveSite['start']>): Promise<void> {
  await expectReplayed(site, admin, [worker]);
}

describe('Redis that has lost state of which Kafka knows', () => {
  test('all of it: the worker refuses to go on, says why and what to do', async () => {
    for (let slice = 0; slice < 4; slice++) await site.feed();
    await runUntilCommitted();
    await admin.call('FLUSHALL', []);
    const refused = site.start();
    expect(await refused.ended).toBe(1);
    expect(refused.output()).toMatch(
      /STATE_LOST: shard \d: the store is empty, but the group has read up to predictions \d+.*driftline run --rebuild-from/,
    );
  });

  test('all of it is counted again from the beginning', async () => {
    await runUntilCommitted('--rebuild-from', 'beginning');
  });

  test('that nothing is lost is told, and nothing is touched', async () => {
    const needless = site.start('--rebuild-from', 'beginning');
    expect(await needless.ended).toBe(2);
    expect(needless.output()).toContain('STATE_EXISTS');
    await runUntilCommitted();
  });

  test('another database is an empty one', async () => {
    const elsewhere = site.start('--set', `redis.url=${server.url}/1`);
    expect(await elsewhere.ended).toBe(1);
    expect(elsewhere.output()).toContain('STATE_LOST');
  });

  test('one shard alone, under a running worker: it ends, and the shard is counted again while the others stay', async () => {
    const worker = site.start();
    await worker.until(/"shard":1.*shard claimed/);
    await forget('driftline:{*:s:1}:*');
    expect(await worker.ended).toBe(1);
    expect(worker.output()).toMatch(/STATE_LOST: shard 1: /);
    await runUntilCommitted('--rebuild-from', 'beginning');
  });

  test('from a time on: windows that start then or later are those of the replay, and of earlier ones nothing is said', async () => {
    await admin.call('FLUSHALL', []);
    const from = '2026-03-02T12:05:30Z';
    const worker = site.start('--rebuild-from', from);
    await worker.until(/"60000":"2026-03-02T12:06:00.000Z","300000":"2026-03-02T12:10:00.000Z"/);
    const isEarlier = (window: string): boolean =>
      window.slice(-24) < '2026-03-02T12:06:00.000Z' ||
      (window.includes(' 300000 ') && window.slice(-24) < '2026-03-02T12:10:00.000Z');
    for (const end = performance.now() + 60_000; ; ) {
      const different = await site.differences(admin);
      if (different.every(isEarlier)) {
        expect(different.length).toBeGreaterThan(10);
        break;
      }
      if (performance.now() > end) throw new Error(`${different.join('\n')}\n${worker.output()}`);
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    expect(await worker.end()).toBe(0);
  });
});
