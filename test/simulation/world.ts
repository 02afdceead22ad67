// One simulation: processes that come and go on one log and one store, under faults that the seed chooses.
import { Fault } from '../../src/fault.ts';
import { createMemoryStores, type MemoryStores } from '../../src/io/memory.ts';
import { newEvaluator } from '../../src/pipeline/due.ts';
import { evaluateDue } from '../../src/pipeline/evaluate.ts';
import type { RunPorts, RunSettings } from '../../src/pipeline/run.ts';
import { uniform } from '../drift/random.ts';
import { createHandClock } from '../pipeline/hand-clock.ts';
import { createMemoryLog } from '../pipeline/memory-source.ts';
import { silentLog, silentMeter } from '../pipeline/sample-models.ts';
import { createChance } from './chance.ts';
import { differences, readEnding, retractions } from './ending.ts';
import { type SimulatedEvent, shardOf, simulatedEvents, spanMs, startTime } from './events.ts';
import { emptyGroup, type Group, isReadToEnd, rebalance, workGroup } from './group.ts';
import { type Process, type Surroundings, startProcess } from './process.ts';
import { createScheduler } from './scheduler.ts';
import { models, settingsFor, shardCount, sizes } from './setting.ts';
import { undisturbed } from './undisturbed.ts';

/** What is wrong on purpose, to see whether a simulation notices. */
export interface Defect {
  readonly storesOf?: (stores: MemoryStores) => MemoryStores;
  /** Called for every process. */
  readonly portsOf?: (ports: RunPorts) => RunPorts;
}

export interface Simulated {
  readonly seed: number;
  /** What differs from the undisturbed run; nothing does when all is well. */
  readonly differences: readonly string[];
  /** How often each fault happened, and how many alerts were retracted on the way. */
  readonly happened: Readonly<Record<string, number>>;
  readonly steps: number;
}

interface World extends Surroundings {
  processes: Process[];
  readonly group: Group;
  readonly rollsBack: boolean;
  /** What the stores can be rolled back to. */
  readonly snapshots: (() => void)[];
  /** Shards that have been written: to go back before that is to empty the store, which the next claim refuses. */
  readonly written: ReadonlySet<number>;
  readonly failures: string[];
  steps: number;
}

const eventCount = 160;

/** More steps than any simulation needs: one that does not come to rest is stuck. */
const stepsMax = 30_000;

/** Wall clocks differ by so much at most: less than what makes an event one of the future. */
const clockOffMax = 8 * 60_000;

/** Longer than idleness, and than all the intervals at which the pipeline looks after itself. */
const quietMs = 14_000;

/** The simulation of one seed, compared with the replay of the same events. */
export async function simulate(seed: number, defect: Defect = {}): Promise<Simulated> {
  const random = uniform(seed);
  const events = simulatedEvents(eventCount, random);
  const settings = settingsFor(random);
  const expected = await undisturbed(events, settings);
  const world = openWorld(seed, settings, defect);
  await disturb(world, events);
  await calm(world);
  await finalEvaluation(world);
  const found = await readEnding(world.stores.results, world.sent, { models, sizes });
  return {
    seed,
    // A store that was rolled back does not know which alerts it had sent, so that it cannot retract them.
    differences: [...world.failures, ...differences(expected, found, !world.rollsBack)],
    happened: { ...world.chance.counts, retraction: retractions(world.sent) },
    steps: world.steps,
  };
}

function openWorld(seed: number, settings: RunSettings, defect: Defect): World {
  const scheduler = createScheduler(seed ^ 0x5eed);
  const stores = createMemoryStores({ elapsed: () => scheduler.elapsed() });
  const written = new Set<number>();
  const world: World = {
    ...{ scheduler, settings, written, log: createMemoryLog(shardCount), sent: [], sendsFail: 0.045 },
    ...{ chance: createChance(scheduler.random), group: emptyGroup(), rollsBack: seed % 2 === 0 },
    stores: noting(defect.storesOf?.(stores) ?? stores, written),
    portsOf: defect.portsOf ?? ((ports) => ports),
    ...{ tokens: 0, processes: [], snapshots: [], failures: [], steps: 0 },
  };
  const members = 1 + world.chance.below(3);
  for (let i = 0; i < members; i++) world.processes.push(startProcess(world));
  return world;
}

/** Notes which shards have been written. */
function noting(stores: MemoryStores, written: Set<number>): MemoryStores {
  const { shards } = stores;
  return {
    ...stores,
    shards: {
      ...shards,
      checkpoint: async (shard, checkpoint) => {
        const outcome = await shards.checkpoint(shard, checkpoint);
        if (outcome.kind === 'written') written.add(shard);
        return outcome;
      },
    },
  };
}

/** Sends all events while the faults last; some faults come when everything has been read already. */
async function disturb(world: World, events: readonly SimulatedEvent[]): Promise<void> {
  const { chance, group, log } = world;
  const unsent = [...events];
  for (let after = 0; after < 300; ) {
    if (isStuck(world, 'the events are never read to their end')) return;
    if (chance.random() < 0.05) {
      for (const event of unsent.splice(0, 1 + chance.below(40))) {
        log.append(event.stream, shardOf(event, shardCount), event.payload);
      }
    }
    disturbOnce(world);
    await proceed(world);
    if (unsent.length === 0 && isReadToEnd(group, world.processes)) after += 1;
  }
}

function disturbOnce(world: World): void {
  const { chance, processes, snapshots, stores } = world;
  const victim = chance.oneOf(processes.filter(({ spared }) => !spared));
  if (victim !== undefined) {
    if (chance.happens('crash', 0.003)) remove(world, victim);
    if (chance.happens('stop', 0.002)) victim.stop();
    if (chance.happens('stall', 0.004)) victim.life.stalled = true;
    if (chance.happens('clock step', 0.003)) victim.clockOff = (chance.random() - 0.5) * clockOffMax;
  }
  for (const { life } of processes) if (life.stalled && chance.random() < 0.02) life.stalled = false;
  if (world.processes.length < 3 && chance.random() < 0.02) world.processes.push(startProcess(world));
  if (chance.happens('rebalance', 0.005)) rebalance(world.group, world.processes, chance);
  const isHealing = processes.some(({ spared }) => spared);
  if (!world.rollsBack || world.written.size < shardCount || isHealing) return;
  if (chance.random() < 0.01) snapshots.push(stores.snapshot());
  if (snapshots.length > 0 && chance.happens('roll-back', 0.002)) rollBack(world);
}

function remove(world: World, process: Process): void {
  process.life.alive = false;
  world.processes = world.processes.filter((other) => other !== process);
}

/**
 * Puts both stores back. An evaluator between a commit and the look that confirms it is the only one who knows that the
 * commit is lost: it is let finish, because its crash at that moment would be a second fault that nothing can heal.
 */
function rollBack(world: World): void {
  world.scheduler.forgetDead();
  const at = world.chance.below(world.snapshots.length);
  world.snapshots[at]!();
  // What came after it has never been: no later roll-back leads there.
  world.snapshots.length = at + 1;
  for (const process of world.processes) {
    process.spared = process.evaluates.size > 0;
    if (process.spared) process.life.stalled = false;
  }
}

/** One step of the scheduler, and what the group does at the same time. */
async function proceed(world: World): Promise<void> {
  world.steps += 1;
  for (const process of world.processes) if (process.ended !== undefined) bury(world, process, process.ended);
  workGroup(world.group, world.processes, world.chance);
  await world.scheduler.step();
}

/** That an acknowledgement was lost is the only reason that a process may have to end of itself. */
function bury(world: World, process: Process, { error }: NonNullable<Process['ended']>): void {
  remove(world, process);
  if (error === undefined || (error instanceof Fault && error.code === 'KAFKA_FAILED')) return;
  world.failures.push(`a process ended with ${error instanceof Error ? error.stack : String(error)}`);
}

function isStuck(world: World, what: string): boolean {
  if (world.steps <= stepsMax) return false;
  world.failures.push(what);
  return true;
}

/** No more faults: everybody goes on, reads everything, falls idle, and ends in good order. */
async function calm(world: World): Promise<void> {
  const { scheduler, group } = world;
  world.sendsFail = 0;
  for (const { life } of world.processes) life.stalled = false;
  let quietSince = scheduler.elapsed();
  while (scheduler.elapsed() - quietSince < quietMs) {
    if (isStuck(world, 'the processes do not come to rest')) return;
    if (world.processes.length === 0) world.processes.push(startProcess(world));
    if (!isReadToEnd(group, world.processes)) quietSince = scheduler.elapsed();
    await proceed(world);
  }
  for (const process of world.processes) process.stop();
  while (world.processes.length > 0) {
    if (isStuck(world, 'a process does not end')) return;
    await proceed(world);
  }
}

/** What the pipeline's own clock has no reason to close yet, and revisions that it has held back. */
async function finalEvaluation(world: World): Promise<void> {
  const { stores, sent, scheduler, settings } = world;
  const clock = createHandClock(startTime + spanMs + scheduler.elapsed());
  const evaluator = newEvaluator();
  const ports = {
    ...{ ...stores, clock, log: silentLog, meter: silentMeter, shardCount },
    outbound: { send: async (messages: typeof sent) => void sent.push(...messages) },
    token: () => String(world.tokens++),
  };
  await evaluateDue(evaluator, models, settings.evaluation, ports, { whenIdle: Infinity, final: true });
}
