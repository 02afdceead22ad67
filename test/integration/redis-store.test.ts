// The stores in Redis obey the laws of stores, on a single server and under the rules of a cluster; and what only Redis does.
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { connectRedis, type RedisConnection } from '../../src/io/redis/client.ts';
import { modelKeys } from '../../src/io/redis/keys.ts';
import { createRedisStores } from '../../src/io/redis/stores.ts';
import type { Checkpoint, ShardStore } from '../../src/ports.ts';
import { storeLaws } from '../laws/store.laws.ts';
import { commitOnce } from '../laws/store-samples.ts';
import { acl, aclUser } from './redis-acl.ts';
import { type RedisServer, startRedisServer } from './redis-server.ts';
import { emptyStoresOf } from './redis-spaces.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const hourMs = 3_600_000;

function connectTo(
  server: RedisServer,
  user: { username?: string; password?: string } = {},
): Promise<RedisConnection> {
  return connectRedis(
    { url: server.url, connectTimeoutMs: 5_000, commandTimeoutMs: 10_000, ...user },
    silent,
  );
}

function passTime(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A server and two connections to it: one for the stores, one that may do everything. */
interface Site {
  readonly server: RedisServer;
  readonly connection: RedisConnection;
  readonly admin: RedisConnection;
}

async function closeSite({ server, connection, admin }: Site): Promise<void> {
  await connection.close();
  await admin.close();
  await server.remove();
}

describe('Redis', () => {
  let site: Site;
  beforeAll(async () => {
    const server = await startRedisServer();
    const admin = await connectTo(server);
    await admin.call('ACL', ['SETUSER', aclUser.username, 'on', `>${aclUser.password}`, ...acl('driftline')]);
    site = { server, admin, connection: await connectTo(server, aclUser) };
  });
  afterAll(() => closeSite(site));

  describe('with the documented ACL', () =>
    storeLaws(
      emptyStoresOf(() => site),
      60,
    ));

  test('the documented ACL keeps a process from other keys and from what it does not need', async () => {
    const { connection } = site;
    for (const [command, args] of [
      ['GET', ['other:key']],
      ['KEYS', ['*']],
      ['FLUSHALL', []],
      ['CONFIG', ['GET', '*']],
      ['SCAN', ['0']],
    ] as const) {
      await expect(connection.call(command, args)).rejects.toMatchObject({ code: 'REDIS_REFUSED' });
    }
    // A script that may not touch a key fails as a script.
    const script = ["return redis.call('GET', 'other:key')", '0'];
    await expect(connection.call('EVAL', script)).rejects.toMatchObject({ code: 'REDIS_FAILED' });
  });

  test('profiles expire, and a checkpoint that writes a window prolongs it', async () => {
    const { shards } = createRedisStores(site.connection, { prefix: 'driftline:expiry', group: 'g' });
    await shards.claim(0, 'a');
    const write = (from: number, start: number, retentionMs: number) =>
      shards.checkpoint(0, oneProfile('a', from, start, retentionMs));
    await write(0, 0, 80);
    await write(1, 60_000, 80);
    await write(2, 60_000, hourMs);
    await passTime(100);
    expect((await shards.read(0, { model: 'm', start: 0 })).parts).toEqual([]);
    expect((await shards.read(0, { model: 'm', start: 60_000 })).parts).toHaveLength(1);
    expect((await shards.claim(0, 'b'))?.offsets.predictions).toBe(3);
  });

  test('results expire with their profiles, nothing lists them any more, and the index is trimmed by the next commit', async () => {
    const space = { prefix: 'driftline:expiry', group: 'g' };
    const { results } = createRedisStores(site.connection, space);
    const [size, model] = [300_000, 'm'];
    await commitOnce(results, model, { size, start: 0 }, hourMs);
    await commitOnce(results, model, { size, start: size }, 80);
    await commitOnce(results, model, { size, start: 2 * size }, 80);
    expect((await results.latest(model)).map(({ key }) => key.start)).toEqual([2 * size]);
    await passTime(100);
    expect(await results.result(model, { size, start: size })).toBeUndefined();
    expect((await results.profiles(model, size, 0, 10 * size)).map(({ key }) => key.start)).toEqual([0]);
    expect((await results.latest(model)).map(({ key }) => key.start)).toEqual([0]);
    await commitOnce(results, model, { size, start: 3 * size }, hourMs);
    for (const index of [modelKeys(space, model).index(size), modelKeys(space, model).expiries(size)]) {
      const starts = (await site.admin.call('ZRANGE', [index, '0', '-1'])) as Buffer[];
      expect(starts.map(String)).toEqual(['0', String(3 * size)]);
    }
  });

  test('a Redis that forgot the scripts is sent them again', async () => {
    const { shards } = createRedisStores(site.connection, { prefix: 'driftline:scripts', group: 'g' });
    await shards.claim(0, 'a');
    await site.admin.call('SCRIPT', ['FLUSH', 'SYNC']);
    expect(await shards.checkpoint(0, oneProfile('a', 0, 0, hourMs))).toEqual({ kind: 'written' });
  });

  test('a damaged value is a fault that says so, never a number', async () => {
    const space = { prefix: 'driftline:damaged', group: 'g' };
    const { shards, results } = createRedisStores(site.connection, space);
    await shards.claim(0, 'a');
    await shards.checkpoint(0, oneProfile('a', 0, 0, hourMs));
    await site.admin.call('HSET', ['driftline:damaged:{g:s:0}:meta', 'predictions_offset', '1e3']);
    await expect(shards.claim(0, 'b')).rejects.toMatchObject({ code: 'STATE_INVALID' });
    await site.admin.call('HSET', ['driftline:damaged:{g:s:0}:w:m:0', '1|all', 'no version']);
    await expect(shards.read(0, { model: 'm', start: 0 })).rejects.toMatchObject({ code: 'STATE_INVALID' });
    await site.admin.call('XADD', [modelKeys(space, 'm').outbox, '*', 'topic', 'x']);
    await expect(results.outbox('m', 1)).rejects.toMatchObject({ code: 'STATE_INVALID' });
  });
});

describe('Redis in cluster mode', () => {
  let site: Site;
  beforeAll(async () => {
    const server = await startRedisServer(['--cluster-enabled', 'yes']);
    const [connection, admin] = [await connectTo(server), await connectTo(server)];
    await admin.call('CLUSTER', ['ADDSLOTSRANGE', '0', '16383']);
    while (!String(await admin.call('CLUSTER', ['INFO'])).includes('cluster_state:ok')) await passTime(50);
    site = { server, connection, admin };
  });
  afterAll(() => closeSite(site));

  storeLaws(
    emptyStoresOf(() => site),
    20,
  );
});

describe('a Redis that fails', () => {
  test('after a restart from an older dump the owner is told, and a new claim heals the shard', async () => {
    const server = await startRedisServer();
    const [connection, admin] = [await connectTo(server), await connectTo(server)];
    onTestFinished(() => closeSite({ server, connection, admin }));
    const { shards } = createRedisStores(connection, { prefix: 'driftline', group: 'g' });
    await shards.claim(0, 'a');
    await shards.claim(1, 'b');
    await checkpoints(shards, 0, 'a', 0, 5);
    await admin.call('SAVE', []);
    await copyFile(join(server.directory, 'dump.rdb'), join(server.directory, 'older.rdb'));
    await checkpoints(shards, 0, 'a', 5, 9);
    await checkpoints(shards, 1, 'b', 0, 3);
    await shards.claim(1, 'c');
    await server.kill();
    await copyFile(join(server.directory, 'older.rdb'), join(server.directory, 'dump.rdb'));
    await server.start();

    expect(await shards.checkpoint(0, oneProfile('a', 9, 0, hourMs))).toEqual({ kind: 'moved' });
    expect((await shards.claim(0, 'd'))?.offsets.predictions).toBe(5);
    expect((await shards.read(0, { model: 'm', start: 0 })).parts[0]?.version).toBe(5);
    await checkpoints(shards, 0, 'd', 5, 9);
    expect(await shards.checkpoint(1, oneProfile('c', 3, 0, hourMs))).toEqual({ kind: 'fenced' });
    expect(await shards.checkpoint(1, oneProfile('b', 3, 0, hourMs))).toEqual({ kind: 'moved' });
    expect(await shards.claim(1, 'e')).toBeUndefined();
    await checkpoints(shards, 1, 'e', 0, 3);
  });
});

async function checkpoints(
  shards: ShardStore,
  shard: number,
  token: string,
  from: number,
  to: number,
): Promise<void> {
  for (let offset = from; offset < to; offset += 1) {
    expect(await shards.checkpoint(shard, oneProfile(token, offset, 0, hourMs))).toEqual({ kind: 'written' });
  }
}

/** A checkpoint of one record that fell into the window. */
function oneProfile(token: string, from: number, start: number, retentionMs: number, size = 8): Checkpoint {
  const offsets = { predictions: from + 1, labels: 0 };
  return {
    token,
    expected: { predictions: from, labels: 0 },
    meta: {
      offsets,
      watermark: start,
      maxEventTime: start,
      passedAt: start,
      idle: false,
      labels: 0,
      completeFrom: -Infinity,
    },
    profiles: [
      {
        key: { model: 'm', version: '1', segment: 'all', start },
        version: from + 1,
        bytes: new Uint8Array(size).fill(from),
      },
    ],
    retentionMs,
  };
}
