// Redis behind a sentinel: a worker finds the primary, and goes on with the replica when the primary is gone.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { connectRedis } from '../../src/io/redis/client.ts';
import { createRedisStores } from '../../src/io/redis/stores.ts';
import { checkSuitability } from '../../src/io/redis/suitability.ts';
import { quiet, until } from './kafka-rig.ts';
import { expectReplayed, openLiveSite } from './live-site.ts';
import { acl, aclUser, sentinelAcl } from './redis-acl.ts';
import { allowReplicas, cutOffReplicas, replicaOptions } from './redis-replication.ts';
import { startRedisServer, startSentinel } from './redis-server.ts';

const connecting = { connectTimeoutMs: 5_000, commandTimeoutMs: 2_000 };

async function startPair() {
  const primary = await startRedisServer(replicaOptions);
  const admin = await connectRedis({ url: primary.url, ...connecting }, quiet);
  await allowReplicas(admin);
  const following = ['--replicaof', `127.0.0.1 ${primary.port}`];
  const replica = await startRedisServer([...replicaOptions, ...following]);
  const sentinel = await startSentinel('main', primary.port);
  const asked = await connectRedis({ url: sentinel.url, ...connecting }, quiet);
  onTestFinished(async () => {
    await Promise.all([asked.close(), admin.close()]);
    await Promise.all([primary, replica, sentinel].map((server) => server.remove()));
  });
  while (((await asked.call('SENTINEL', ['replicas', 'main'])) as unknown[]).length === 0) await sleep(100);
  return { primary, admin, replica, sentinel, asked };
}

test('the primary is found through the sentinel; a name that it does not know is told', async () => {
  const { primary, admin, sentinel, asked } = await startPair();
  const settings = { url: sentinel.url, ...connecting };
  const { username, password } = aclUser;
  await admin.call('ACL', ['SETUSER', username, 'on', `>${password}`, ...acl('driftline')]);
  await asked.call('ACL', ['SETUSER', 'guide', 'on', '>told', ...sentinelAcl]);
  const topology = { kind: 'sentinel', primary: 'main', username: 'guide', password: 'told' } as const;
  const found = await connectRedis({ ...settings, ...aclUser, topology }, quiet);
  await checkSuitability(found, 'sentinel');
  const { shards } = createRedisStores(found, { prefix: 'driftline', group: 'g' });
  expect(await shards.claim(0, 'a')).toBeUndefined();
  expect(await found.callEach('PING', [])).toEqual([
    { address: `127.0.0.1:${primary.port}`, reply: Buffer.from('PONG') },
  ]);
  await found.close();
  await expect(
    connectRedis({ ...settings, topology: { kind: 'sentinel', primary: 'other' } }, quiet),
  ).rejects.toMatchObject({
    code: 'REDIS_UNREACHABLE',
    message: expect.stringContaining(`:${sentinel.port}`),
  });
});

test('what the replica did not get before the primary died is read again: the results are those of a replay', async () => {
  const { primary, admin, replica, sentinel } = await startPair();
  const copy = await connectRedis({ url: replica.url, ...connecting }, quiet);
  onTestFinished(() => copy.close());
  const site = await openLiveSite(
    `{ mode: sentinel, url: "${sentinel.url}", sentinel: { primary: main }, command_timeout: 1s }`,
    4,
  );
  onTestFinished(() => site.close());
  const workers = [site.start(), site.start()];
  await site.feed();
  await Promise.all(workers.map((worker) => worker.until(/shard claimed/)));
  await until(async () => expect(await site.stored(copy)).not.toContain(undefined));
  await cutOffReplicas(admin);
  await site.feed();
  // Of every shard the primary has taken a checkpoint that the replica will never see.
  await until(async () => {
    const [taken, kept] = await Promise.all([site.stored(admin), site.stored(copy)]);
    expect(taken.every((offset, shard) => offset! > kept[shard]!)).toBe(true);
  });
  await primary.kill();
  await site.feed();
  await Promise.any(workers.map((worker) => worker.until(/checkpoint refused/)));
  await primary.start();
  await site.feed();
  const connection = await connectRedis(
    { url: sentinel.url, ...connecting, topology: { kind: 'sentinel', primary: 'main' } },
    quiet,
  );
  onTestFinished(() => connection.close());
  await expectReplayed(site, connection, workers);
  expect(await connection.callEach('PING', [])).toMatchObject([{ address: `127.0.0.1:${replica.port}` }]);
  expect(await Promise.all(workers.map((worker) => worker.end()))).toEqual([0, 0]);
});
