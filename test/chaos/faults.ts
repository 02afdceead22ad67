// What each kind of fault does to the workers, the servers and the network between them.
import { setTimeout as sleep } from 'node:timers/promises';
import { createKafkaSource } from '../../src/io/kafka/source.ts';
import { newClient, quiet } from '../integration/kafka-rig.ts';
import { group, topics } from './deployment.ts';
import { partitions } from './events.ts';
import { calmWeather, type Link } from './proxy.ts';
import type { FaultKind, PlannedFault } from './schedule.ts';
import type { Broker, RedisServer } from './servers.ts';
import type { Snapshots } from './snapshots.ts';
import type { Witness } from './witness.ts';
import type { Worker } from './workers.ts';

export interface World {
  readonly broker: Broker;
  readonly redis: RedisServer;
  readonly snapshots: Snapshots;
  readonly witness: Witness;
  /** Those that always run. */
  readonly workers: readonly Worker[];
  /** Those that join and leave. */
  readonly guests: readonly Worker[];
  /** What a fault has in hand: another fault of the same waits until it is over. */
  readonly busy: Map<object, Promise<void>>;
  /** When Redis went back to an older state, epoch milliseconds. */
  readonly rollbacks: { readonly from: number; readonly to: number }[];
  readonly tell: (text: string) => void;
}

type Inject = (world: World, fault: PlannedFault) => Promise<void>;

const faults: Readonly<Record<FaultKind, Inject>> = {
  'worker-kill': (world, fault) => restartWorker(world, fault, 'SIGKILL'),
  'worker-stop': (world, fault) => restartWorker(world, fault, 'SIGTERM'),
  // Longer than the session of a group member (10 s), and until somebody else has its shards: it wakes up as a zombie.
  'worker-stall': (world, fault) =>
    withWorker(world, fault, async (worker) => {
      const claimed = world.witness.claimed();
      worker.signal('SIGSTOP');
      await lasting(fault, 11_000, 14_000);
      await untilTrue(() => world.witness.claimed() > claimed, 15_000);
      worker.signal('SIGCONT');
    }),
  'worker-join': async (world, fault) => {
    const guest = pick(world.guests, fault.victim);
    await alone(world, guest, async () => {
      guest.start();
      await lasting(fault, 4_000, 15_000);
      await guest.end(fault.variant < 0.5 ? 'SIGTERM' : 'SIGKILL');
    });
  },
  rebalance: ({ broker }, fault) => visitGroup(broker.address, 500 + fault.length * 2_500),
  'broker-stop': (world, fault) => restart(world, world.broker, fault, 'SIGTERM'),
  'broker-kill': (world, fault) => restart(world, world.broker, fault, 'SIGKILL'),
  'redis-kill': (world, fault) => goBack(world, fault, async () => undefined),
  'redis-rollback': (world, fault) => goBack(world, fault, () => world.snapshots.putBack(fault.variant)),
  'redis-pause': (world, fault) =>
    alone(world, world.redis, async () => {
      world.redis.signal('SIGSTOP');
      await lasting(fault, 500, 7_000);
      world.redis.signal('SIGCONT');
    }),
  'network-delay': (world, fault) =>
    withLinks(world, fault, async (links) => {
      const delayMs = 20 + fault.length * 400;
      for (const link of links) link.setWeather({ delayMs, stalled: false });
      await lasting(fault, 3_000, 10_000);
    }),
  'network-stall': (world, fault) =>
    withLinks(world, fault, async (links) => {
      for (const link of links) link.setWeather({ delayMs: 0, stalled: true });
      await lasting(fault, 1_000, 14_000);
    }),
  'network-reset': (world, fault) =>
    withLinks(world, fault, async (links) => {
      for (let times = 1 + Math.floor(fault.length * 4); times > 0; times--) {
        for (const link of links) link.reset();
        await sleep(300 + fault.variant * 1_500);
      }
    }),
};

/** Makes a fault happen; resolves when it is over. */
export function inject(world: World, fault: PlannedFault): Promise<void> {
  world.tell(fault.kind);
  return faults[fault.kind](world, fault);
}

/** Ends with everything in order again, as far as the faults have disturbed it. */
export async function calm({ workers, guests, busy }: World): Promise<void> {
  await Promise.all(busy.values());
  for (const { kafka, redis } of [...workers, ...guests]) {
    for (const link of [kafka, redis]) link.setWeather(calmWeather);
  }
  for (const worker of workers) worker.start();
}

/** Does one thing to something at a time: nobody ends a server that another fault is just starting. */
export function alone(world: Pick<World, 'busy'>, what: object, work: () => Promise<void>): Promise<void> {
  const turn = (world.busy.get(what) ?? Promise.resolve()).then(work);
  world.busy.set(
    what,
    turn.catch(() => undefined),
  );
  return turn;
}

function pick<T>(choices: readonly T[], chance: number): T {
  return choices[Math.floor(chance * choices.length)]!;
}

function lasting({ length }: PlannedFault, leastMs: number, mostMs: number): Promise<unknown> {
  return sleep(leastMs + length * (mostMs - leastMs));
}

/** Waits for something, but not longer than that. */
export async function untilTrue(isSo: () => boolean, patienceMs: number): Promise<void> {
  for (const startedAt = performance.now(); !isSo() && performance.now() - startedAt < patienceMs; ) {
    await sleep(50);
  }
}

function withWorker(
  world: World,
  fault: PlannedFault,
  work: (worker: Worker) => Promise<void>,
): Promise<void> {
  const worker = pick(world.workers, fault.victim);
  return alone(world, worker, async () => {
    // One that is just starting, or has ended by itself, has nothing to lose: a fault is for one at work.
    const isAtWork = (): boolean => performance.now() - world.witness.wroteAt(worker.number) < 1_500;
    await untilTrue(() => worker.isRunning() && isAtWork(), 8_000);
    await work(worker);
  });
}

function restartWorker(world: World, fault: PlannedFault, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  return withWorker(world, fault, async (worker) => {
    await worker.end(signal);
    await lasting(fault, 0, 4_000);
    worker.start();
  });
}

function restart(world: World, server: Broker, fault: PlannedFault, signal: NodeJS.Signals): Promise<void> {
  return alone(world, server, async () => {
    await server.stop(signal);
    await lasting(fault, 0, 5_000);
    await server.start();
  });
}

/** Kills Redis and starts it again with what `change` makes of its files; without a change the last second is lost at most. */
function goBack(world: World, fault: PlannedFault, change: () => Promise<void>): Promise<void> {
  const { redis, rollbacks, witness } = world;
  return alone(world, redis, async () => {
    const from = Date.now();
    await redis.stop('SIGKILL');
    witness.forget();
    await change();
    await lasting(fault, 0, 3_000);
    await redis.start();
    rollbacks.push({ from, to: Date.now() });
  });
}

/** One worker's ways to the broker, to Redis or to both, or those of all workers. */
function withLinks(
  { workers, guests }: World,
  { victim, variant }: PlannedFault,
  work: (links: readonly Link[]) => Promise<void>,
): Promise<void> {
  const all = [...workers, ...guests];
  const concerned = victim < 0.25 ? all : [pick(workers, (victim - 0.25) / 0.75)];
  const links = concerned.flatMap(({ kafka, redis }) =>
    variant < 0.4 ? [kafka] : variant < 0.8 ? [redis] : [kafka, redis],
  );
  return work(links).finally(() => {
    for (const link of links) link.setWeather(calmWeather);
  });
}

/** Joins the group as a member that reads nothing, and leaves it: two rebalances, and shards that have no owner meanwhile. */
async function visitGroup(address: string, stayMs: number): Promise<void> {
  const joined = Promise.withResolvers<void>();
  const source = createKafkaSource({
    ...{ client: newClient([address]), groupId: group, topics, shards: partitions, log: quiet },
    ...{ watchdogMs: 60_000, sessionTimeoutMs: 10_000, metadataMaxAgeMs: 30_000 },
    onEvent: ({ kind }) => {
      if (kind === 'joined') joined.resolve();
    },
  });
  const reading = source.run({ assigned: () => undefined, batch: async () => undefined });
  // A visit that another fault has cut short was a rebalance all the same.
  const over = reading.catch(() => undefined);
  await Promise.race([joined.promise, over, sleep(20_000)]);
  await Promise.race([sleep(stayMs), over]);
  await source.stop().catch(() => undefined);
}
