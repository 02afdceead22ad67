// A Redis Cluster of its own for a test: three primaries and a replica of the first, on this machine.
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { connectRedis, type RedisConnection } from '../../src/io/redis/client.ts';
import { quiet } from './kafka-rig.ts';
import { type RedisServer, startRedisServer } from './redis-server.ts';

export interface RedisCluster {
  readonly primaries: readonly RedisServer[];
  /** Of the first primary. */
  readonly replica: RedisServer;
  /** Addresses of two nodes; the others are found. */
  readonly url: string;
  /** Runs a command on one node. */
  on(node: RedisServer, command: string, ...args: readonly string[]): Promise<unknown>;
  /** How many slots a node has, as it knows. */
  slotsOf(node: RedisServer): Promise<number>;
  /** Moves this many slots, with the keys in them, from one primary to another, one after the other. */
  moveSlots(from: RedisServer, to: RedisServer, count: number): Promise<void>;
  remove(): Promise<void>;
}

const slots = 16_384;

/** Starts the nodes and resolves when each of them holds the cluster for whole. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const options = [
    '--cluster-enabled',
    'yes',
    '--cluster-node-timeout',
    '1000',
    '--repl-diskless-sync-delay',
    '0',
  ];
  const nodes = await Promise.all(Array.from({ length: 4 }, () => startRedisServer(options)));
  const [first, second, third, replica] = nodes as [RedisServer, RedisServer, RedisServer, RedisServer];
  const primaries = [first, second, third];
  const connections = new Map<RedisServer, RedisConnection>();
  for (const node of nodes) {
    connections.set(
      node,
      await connectRedis({ url: node.url, connectTimeoutMs: 5_000, commandTimeoutMs: 10_000 }, quiet),
    );
  }
  const on: RedisCluster['on'] = (node, command, ...args) => connections.get(node)!.call(command, args);
  const idOf = async (node: RedisServer): Promise<string> => String(await on(node, 'CLUSTER', 'MYID'));
  for (const [i, node] of primaries.entries()) {
    const [from, to] = [Math.floor((i * slots) / 3), Math.floor(((i + 1) * slots) / 3) - 1];
    await on(node, 'CLUSTER', 'ADDSLOTSRANGE', String(from), String(to));
    // Epochs of their own, or nodes that meet quarrel about them.
    await on(node, 'CLUSTER', 'SET-CONFIG-EPOCH', String(i + 1));
  }
  for (const node of nodes.slice(1)) await on(first, 'CLUSTER', 'MEET', '127.0.0.1', String(node.port));
  const firstId = await idOf(first);
  await until(async () => String(await on(replica, 'CLUSTER', 'NODES')).includes(firstId));
  await on(replica, 'CLUSTER', 'REPLICATE', firstId);
  const isWhole = async (node: RedisServer): Promise<boolean> => {
    const info = String(await on(node, 'CLUSTER', 'INFO'));
    return info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:4');
  };
  await until(async () => (await Promise.all(nodes.map(isWhole))).every(Boolean));
  await until(async () => String(await on(replica, 'INFO', 'replication')).includes('master_link_status:up'));
  return {
    primaries,
    replica,
    url: `redis://127.0.0.1:${second.port},127.0.0.1:${third.port}`,
    on,
    async slotsOf(node) {
      const own =
        /myself[^\n]*connected ?([^\n]*)/.exec(String(await on(node, 'CLUSTER', 'NODES')))?.[1] ?? '';
      return [...own.matchAll(/(\d+)(?:-(\d+))?(?= |$)/g)].reduce(
        (sum, [, from, to]) => sum + Number(to ?? from) - Number(from) + 1,
        0,
      );
    },
    async moveSlots(from, to, count) {
      const args = ['--cluster', 'reshard', `127.0.0.1:${second.port}`, '--cluster-yes'];
      const [fromId, toId] = [await idOf(from), await idOf(to)];
      const move = ['--cluster-from', fromId, '--cluster-to', toId, '--cluster-slots', String(count)];
      await agreed(second.port);
      await promisify(execFile)('redis-cli', [...args, ...move]);
    },
    async remove() {
      await Promise.all([...connections.values()].map((connection) => connection.close()));
      await Promise.all(nodes.map((node) => node.remove()));
    },
  };
}

/** Waits until all nodes have heard of the last change. */
async function agreed(port: number): Promise<void> {
  await until(async () => {
    const check = promisify(execFile)('redis-cli', ['--cluster', 'check', `127.0.0.1:${port}`]);
    return (await check.then(({ stdout }) => stdout).catch(() => '')).includes('All nodes agree');
  });
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 30_000; !(await condition()); await sleep(50)) {
    if (performance.now() > end) throw new Error('the cluster does not come together');
  }
}
