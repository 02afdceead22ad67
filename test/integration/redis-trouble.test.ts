// Everything that Redis can say "not now" with: what a command is told, that a patient one waits it out, and that nothing is half done.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/io/clock.ts';
import { connectRedis, type RedisConnection } from '../../src/io/redis/client.ts';
import { patient } from '../../src/io/redis/patience.ts';
import { createRedisStores } from '../../src/io/redis/stores.ts';
import { createTally } from '../../src/io/tally.ts';
import { checkpoint, commitOf, hourMs, message, meta, profile, window } from '../laws/store-samples.ts';
import { quiet } from './kafka-rig.ts';
import { type RedisServer, startRedisServer } from './redis-server.ts';
import { troubles } from './redis-troubles.ts';

function connectTo(server: RedisServer): Promise<RedisConnection> {
  return connectRedis({ url: server.url, connectTimeoutMs: 5_000, commandTimeoutMs: 1_000 }, quiet);
}

/** A server, stores that are told of every trouble, and stores that wait it out. */
async function openSite(options: readonly string[] = []) {
  const server = await startRedisServer(options);
  const [connection, admin] = [await connectTo(server), await connectTo(server)];
  const ending = new AbortController();
  const tally = createTally();
  const lines: string[] = [];
  const gauges = new Map<string, number>();
  const waiting = patient(connection, {
    clock: systemClock,
    meter: { ...tally.meter, gauge: (name, _, value) => void gauges.set(name, value) },
    log: { ...quiet, warn: (_, line) => void lines.push(line), info: (_, line) => void lines.push(line) },
    signal: ending.signal,
  });
  onTestFinished(async () => {
    ending.abort();
    await Promise.all([connection.close(), admin.close()]);
    await server.remove();
  });
  const space = { prefix: 'driftline', group: 'g' };
  return {
    ...{ server, admin, tally, lines, ending, waits: () => waiting.waitsSince() !== undefined },
    isAvailable: () => gauges.get('driftline_redis_available'),
    hasty: createRedisStores(connection, space),
    patient: createRedisStores(waiting, space),
  };
}

async function until(condition: () => boolean): Promise<void> {
  for (const end = performance.now() + 20_000; !condition(); await sleep(20)) {
    if (performance.now() > end) throw new Error('it does not come to that');
  }
}

describe.each(Object.entries(troubles))('%s', (_, trouble) => {
  const { code, reason, says } = trouble;
  const isSilent = code === 'REDIS_UNREACHABLE';

  test('a hasty command is told, and what it would have written is written whole or not at all', async () => {
    const { server, admin, hasty } = await openSite(trouble.options);
    await hasty.shards.claim(0, 'a');
    await hasty.shards.checkpoint(0, checkpoint('a', 0, 1, [profile({}, 1)]));
    const end = await trouble.begin(server, admin);
    const writing = hasty.shards.checkpoint(0, checkpoint('a', 1, 2, [profile({}, 2)]));
    await expect(writing).rejects.toMatchObject({ code, message: says });
    await end();
    const claimed = await hasty.shards.claim(0, 'b');
    // What was not answered may have arrived.
    const stored = isSilent && claimed?.offsets.predictions === 2 ? 2 : 1;
    expect(claimed).toEqual(meta(stored));
    expect((await hasty.shards.read(0, { model: 'm', start: 0 })).parts).toEqual([profile({}, stored)]);
  });

  test('a patient one waits, is counted, and goes on when Redis does', async () => {
    const { server, admin, patient, tally, lines, isAvailable, waits } = await openSite(trouble.options);
    await patient.shards.claim(0, 'a');
    const end = await trouble.begin(server, admin);
    let outcome = 'none yet';
    const writing = patient.shards.checkpoint(0, checkpoint('a', 0, 1, [profile({}, 1)])).then(({ kind }) => {
      outcome = kind;
    });
    await until(() => tally.sum('driftline_redis_retries_total', { reason }) >= 2);
    expect([outcome, waits(), isAvailable()]).toEqual(['none yet', true, 0]);
    await end();
    await writing;
    expect([waits(), isAvailable()]).toEqual([false, 1]);
    expect(lines).toEqual([
      'Redis cannot be written or read now; waiting for it',
      'Redis takes commands again',
    ]);
    // Where the first was carried out without an answer, the second finds the offsets moved, and the owner reads again.
    expect(isSilent ? ['written', 'moved'] : ['written']).toContain(outcome);
    expect(await patient.shards.claim(0, 'b')).toEqual(meta(1));
  });
});

test('without memory, what frees some still works: messages are sent, windows and roll-ups are taken off their lists', async () => {
  const { server, admin, hasty } = await openSite();
  const { shards, results } = hasty;
  const hour = { size: hourMs, start: 0 };
  await shards.claim(0, 'a');
  await shards.checkpoint(0, checkpoint('a', 0, 1, [profile({}, 1)]));
  await results.commit('m', commitOf(0, window(0), { outbox: [message('1')], pending: [hour] }));
  await troubles['a full memory']!.begin(server, admin);
  expect(await results.lease('m', 'token', hourMs)).toBe(true);
  await shards.acknowledge(0, [{ model: 'm', start: 0, version: 1 }]);
  const { head } = await results.state('m');
  expect(await results.settle('m', head, hour)).toBe(true);
  await results.sent('m', await results.outbox('m', 10));
  await results.release('m', 'token');
  expect(await results.lease('m', 'other', hourMs)).toBe(true);
  expect([await results.outbox('m', 10), (await results.state('m')).pending]).toEqual([[], []]);
  expect((await shards.progress(1))[0]!.changed).toEqual([]);
});

test('patience ends when there is no time left, and a command that comes later is told at once', async () => {
  const { server, admin, patient, ending, waits } = await openSite();
  await patient.shards.claim(0, 'a');
  await troubles['a full memory']!.begin(server, admin);
  const refused = { code: 'REDIS_UNAVAILABLE' };
  const writing = expect(patient.shards.checkpoint(0, checkpoint('a', 0, 1))).rejects.toMatchObject(refused);
  await until(waits);
  ending.abort();
  await writing;
  await expect(patient.shards.checkpoint(0, checkpoint('a', 0, 1))).rejects.toMatchObject(refused);
  expect(waits()).toBe(false);
});

test('what does not pass by itself is not waited for', async () => {
  const { admin, patient, waits } = await openSite();
  await admin.call('SET', ['driftline:{g:s:0}:meta', 'no hash']);
  await expect(patient.shards.claim(0, 'a')).rejects.toMatchObject({
    code: 'REDIS_FAILED',
    message: /WRONGTYPE/,
  });
  expect(waits()).toBe(false);
});
