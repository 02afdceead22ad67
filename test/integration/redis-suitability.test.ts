// What Driftline asks of a Redis server before it trusts it with state, and goes on asking.
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/io/clock.ts';
import { connectRedis, type RedisConnection } from '../../src/io/redis/client.ts';
import { checkSuitability, watchSuitability } from '../../src/io/redis/suitability.ts';
import { quiet } from './kafka-rig.ts';
import { acl, aclUser } from './redis-acl.ts';
import { type RedisServer, startRedisServer, startSentinel } from './redis-server.ts';

let server: RedisServer;
let admin: RedisConnection;
/** What a process of Driftline has: its rights, and no more. */
let connection: RedisConnection;

function connectTo({ url }: RedisServer, user: typeof aclUser | object = {}): Promise<RedisConnection> {
  return connectRedis({ url, connectTimeoutMs: 5_000, commandTimeoutMs: 500, ...user }, quiet);
}

beforeAll(async () => {
  server = await startRedisServer();
  admin = await connectTo(server);
  await admin.call('ACL', ['SETUSER', aclUser.username, 'on', `>${aclUser.password}`, ...acl('driftline')]);
  connection = await connectTo(server, aclUser);
});

afterAll(async () => {
  await connection.close();
  await admin.close();
  await server.remove();
});

/** A setting of the server for the time of a test. */
async function during(name: string, value: string): Promise<void> {
  const [, before] = (await admin.call('CONFIG', ['GET', name])) as [Buffer, Buffer];
  await admin.call('CONFIG', ['SET', name, value]);
  onTestFinished(async () => void (await admin.call('CONFIG', ['SET', name, before])));
}

test('a server as it comes is fit', async () => {
  await checkSuitability(connection, 'single');
});

test.each(['allkeys-lru', 'volatile-ttl', 'allkeys-random'])(
  'one that evicts (%s) is refused with the reason and the fix',
  async (policy) => {
    await during('maxmemory-policy', policy);
    await expect(checkSuitability(connection, 'single')).rejects.toMatchObject({
      code: 'REDIS_UNSUITABLE',
      message: `Redis at 127.0.0.1:${server.port} evicts keys when its memory is full (maxmemory-policy is ${policy}), and evicted state is wrong state: set maxmemory-policy to noeviction`,
    });
  },
);

test('one that begins to evict later is noticed, and one that falls silent for a while is not', async () => {
  const ending = new AbortController();
  const seen = watchSuitability(connection, 50, systemClock, ending.signal).then(
    () => undefined,
    (error: unknown) => error,
  );
  server.freeze();
  await systemClock.sleep(800);
  server.wake();
  expect(await Promise.race([seen, systemClock.sleep(500).then(() => 'nothing yet')])).toBe('nothing yet');
  await during('maxmemory-policy', 'allkeys-lfu');
  expect(await seen).toMatchObject({ code: 'REDIS_UNSUITABLE', message: /allkeys-lfu.*noeviction/ });
});

test('the watch ends when it is told to', async () => {
  const ending = new AbortController();
  const watch = watchSuitability(connection, 50, systemClock, ending.signal);
  ending.abort();
  await watch;
});

test('a replica is refused', async () => {
  const replica = await startRedisServer(['--replicaof', `127.0.0.1 ${server.port}`]);
  const toReplica = await connectTo(replica);
  onTestFinished(async () => {
    await toReplica.close();
    await replica.remove();
  });
  await expect(checkSuitability(toReplica, 'single')).rejects.toMatchObject({
    code: 'REDIS_UNSUITABLE',
    message: /is a replica, which takes no writes: give the address of the primary, or of its sentinels/,
  });
});

test('a node of a cluster and a sentinel are not taken for a single server, nor a single server for a cluster', async () => {
  const others = [
    ['cluster', await startRedisServer(['--cluster-enabled', 'yes'])],
    ['sentinel', await startSentinel('main', server.port)],
  ] as const;
  for (const [mode, other] of others) {
    const toOther = await connectTo(other);
    onTestFinished(async () => {
      await toOther.close();
      await other.remove();
    });
    await expect(checkSuitability(toOther, 'single')).rejects.toMatchObject({
      code: 'REDIS_UNSUITABLE',
      message: expect.stringContaining(
        `runs as ${mode}, which does not fit redis.mode single: set redis.mode to ${mode}`,
      ),
    });
  }
  await expect(checkSuitability(connection, 'cluster')).rejects.toMatchObject({
    message: expect.stringContaining('set redis.mode to single'),
  });
});
