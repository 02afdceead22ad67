// The stores in a Redis Cluster: the laws, slots that move, and a primary that hands over.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/io/clock.ts';
import { connectRedis, type RedisConnection } from '../../src/io/redis/client.ts';
import { shardKeys } from '../../src/io/redis/keys.ts';
import { patient } from '../../src/io/redis/patience.ts';
import { createRedisStores } from '../../src/io/redis/stores.ts';
import { checkSuitability } from '../../src/io/redis/suitability.ts';
import { storeLaws } from '../laws/store.laws.ts';
import { checkpoint, meta, profile } from '../laws/store-samples.ts';
import { silentMeter } from '../pipeline/sample-models.ts';
import { quiet } from './kafka-rig.ts';
import { acl, aclUser, clusterAcl } from './redis-acl.ts';
import { type RedisCluster, startRedisCluster } from './redis-cluster.ts';
import { emptyStoresOf } from './redis-spaces.ts';

let cluster: RedisCluster;
let connection: RedisConnection;
let admin: RedisConnection;
const connecting = {
  connectTimeoutMs: 5_000,
  commandTimeoutMs: 5_000,
  topology: { kind: 'cluster' },
} as const;

beforeAll(async () => {
  cluster = await startRedisCluster();
  const rules = [...acl('driftline'), ...clusterAcl];
  for (const node of [...cluster.primaries, cluster.replica]) {
    await cluster.on(node, 'ACL', 'SETUSER', aclUser.username, 'on', `>${aclUser.password}`, ...rules);
  }
  connection = await connectRedis({ url: cluster.url, ...connecting, ...aclUser }, quiet);
  admin = await connectRedis({ url: cluster.url, ...connecting }, quiet);
});

afterAll(async () => {
  await connection.close();
  await admin.close();
  await cluster.remove();
});

test('is fit, and every primary of it is asked', async () => {
  await checkSuitability(connection, 'cluster');
  await expect(checkSuitability(connection, 'single')).rejects.toMatchObject({ code: 'REDIS_UNSUITABLE' });
  const [, second] = cluster.primaries;
  await cluster.on(second!, 'CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
  await expect(checkSuitability(connection, 'cluster')).rejects.toMatchObject({
    message: expect.stringMatching(new RegExp(`^Redis at 127.0.0.1:${second!.port} evicts[^;]*$`)),
  });
  await cluster.on(second!, 'CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
});

describe('with the documented ACL', () =>
  storeLaws(
    emptyStoresOf(() => ({ admin, connection })),
    20,
  ));

test('the keys of shards and of models lie on all nodes', async () => {
  const owners = new Set<string>();
  for (let shard = 0; shard < 30; shard++) {
    const { meta: key } = shardKeys({ prefix: 'driftline', group: 'g' }, shard);
    owners.add(
      String(
        await cluster.on(cluster.primaries[0]!, 'GET', key).catch((error: unknown) => {
          return /MOVED \d+ (\S+)/.exec(String(error))?.[1];
        }),
      ),
    );
  }
  expect(owners.size).toBe(3);
});

describe('while the cluster changes', () => {
  /** Checkpoints of thirty shards in turn, until told to stop; every one must be written, on top of the one before. */
  async function writeUntil(done: () => boolean): Promise<number> {
    const waiting = patient(connection, {
      ...{ clock: systemClock, meter: silentMeter, log: quiet, signal: new AbortController().signal },
    });
    const { shards } = createRedisStores(waiting, { prefix: `driftline:${Math.random()}`, group: 'g' });
    const count = 30;
    for (let shard = 0; shard < count; shard++) await shards.claim(shard, 'a');
    let round = 0;
    for (; !done() || round < 3; round++) {
      for (let shard = 0; shard < count; shard++) {
        const written = [profile({ start: 60_000 * (round % 7) }, round + 1)];
        const outcome = await shards.checkpoint(shard, checkpoint('a', round, round + 1, written));
        expect(outcome, `shard ${shard} in round ${round}`).toEqual({ kind: 'written' });
      }
    }
    for (let shard = 0; shard < count; shard++) {
      expect(await shards.claim(shard, 'b')).toEqual(meta(round));
      const { parts } = await shards.read(shard, { model: 'm', start: 60_000 * ((round - 1) % 7) });
      expect(parts.map(({ version }) => version)).toEqual([round]);
    }
    return round;
  }

  async function during(change: () => Promise<unknown>): Promise<number> {
    let over = false;
    const changing = change().finally(() => {
      over = true;
    });
    const rounds = await writeUntil(() => over);
    await changing;
    return rounds;
  }

  test('slots move from node to node under the writer, and nothing is lost or refused', async () => {
    const [first, second, third] = cluster.primaries;
    const before = await cluster.slotsOf(first!);
    await during(async () => {
      await cluster.moveSlots(second!, third!, 1_500);
      await cluster.moveSlots(third!, first!, 1_500);
    });
    expect(await cluster.slotsOf(first!)).toBe(before + 1_500);
  });

  test('a primary hands over to its replica under the writer, and nothing is lost or refused', async () => {
    const [first] = cluster.primaries;
    const before = await cluster.slotsOf(first!);
    await during(async () => {
      await cluster.on(cluster.replica, 'CLUSTER', 'FAILOVER');
      while ((await cluster.slotsOf(cluster.replica)) === 0) await systemClock.sleep(50);
    });
    expect([await cluster.slotsOf(first!), await cluster.slotsOf(cluster.replica)]).toEqual([0, before]);
  });
});
