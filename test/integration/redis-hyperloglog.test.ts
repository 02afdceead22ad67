// Redis takes the registers that are counted here for its own, and counts as we do.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeHyperLogLog, encodeHyperLogLog } from '../../src/codec/hyperloglog.ts';
import { connectRedis, type RedisConnection } from '../../src/io/redis/client.ts';
import {
  emptyHyperLogLog,
  estimatedCount,
  type HyperLogLog,
  mergeHyperLogLogs,
  observeHash,
} from '../../src/sketch/hyperloglog.ts';
import { type Hash64, hashNumber, hashText } from '../../src/sketch/murmur-hash.ts';
import { type RedisServer, startRedisServer } from './redis-server.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

let server: RedisServer;
let redis: RedisConnection;
beforeAll(async () => {
  // Redis would begin with its sparse layout.
  server = await startRedisServer(['--hll-sparse-max-bytes', '0']);
  redis = await connectRedis({ url: server.url, connectTimeoutMs: 5_000, commandTimeoutMs: 10_000 }, silent);
});
afterAll(async () => {
  await redis.close();
  await server.remove();
});

function counted(values: readonly (string | number)[]): HyperLogLog {
  const registers = emptyHyperLogLog();
  const hash: Hash64 = { low: 0, high: 0 };
  for (const value of values) {
    if (typeof value === 'number') hashNumber(value, hash);
    else hashText(value, hash);
    observeHash(registers, hash);
  }
  return registers;
}

/** The bytes that a value is for PFADD: text as UTF-8, a number as its eight bytes. */
function elementOf(value: string | number): Buffer {
  if (typeof value === 'string') return Buffer.from(value);
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}

async function added(key: string, values: readonly (string | number)[]): Promise<HyperLogLog> {
  for (let i = 0; i < values.length; i += 5000)
    await redis.call('PFADD', [key, ...values.slice(i, i + 5000).map(elementOf)]);
  return decodeHyperLogLog((await redis.call('GET', [key])) as Buffer);
}

const names = (count: number, of = 'customer-') =>
  Array.from({ length: count }, (_, i) => `${of}${i * 7919}`);

const values = {
  'five names': names(5),
  'names of every length': Array.from({ length: 300 }, (_, i) => 'x'.repeat(i)),
  'names in other scripts': Array.from({ length: 3000 }, (_, i) => `日本 ${i} é 😀`),
  '1,000 names': names(1000),
  '200,000 names': names(200_000),
  '50,000 numbers': Array.from({ length: 50_000 }, (_, i) => i * 0.37),
};

test.each(Object.entries(values))(
  '%s: 0 of 16,384 registers differ from those of PFADD, and PFCOUNT of our bytes is our count',
  async (name, list) => {
    const ours = counted(list);
    const theirs = await added(`theirs ${name}`, list);
    expect(ours.filter((rank, i) => rank !== theirs[i]).length).toBe(0);
    await redis.call('SET', [`ours ${name}`, Buffer.from(encodeHyperLogLog(ours))]);
    const count = await redis.call('PFCOUNT', [`ours ${name}`]);
    expect(count).toBe(Math.round(estimatedCount(ours)));
    expect(count).toBe(await redis.call('PFCOUNT', [`theirs ${name}`]));
  },
);

test('PFMERGE of our bytes gives the registers of our merge, and PFADD goes on with them', async () => {
  const [a, b] = [counted(names(20_000)), counted(names(30_000, 'guest-'))];
  await redis.call('SET', ['a', Buffer.from(encodeHyperLogLog(a))]);
  await redis.call('SET', ['b', Buffer.from(encodeHyperLogLog(b))]);
  await redis.call('PFMERGE', ['both', 'a', 'b']);
  mergeHyperLogLogs(a, b);
  expect(decodeHyperLogLog((await redis.call('GET', ['both'])) as Buffer)).toEqual(a);
  expect(await redis.call('PFCOUNT', ['a', 'b'])).toBe(Math.round(estimatedCount(a)));
  expect(await added('both', names(1000, 'late-'))).toEqual(
    counted([...names(20_000), ...names(30_000, 'guest-'), ...names(1000, 'late-')]),
  );
});
