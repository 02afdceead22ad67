// The consumer group of a simulation: who reads which shards, who knows of it already, and what is delivered.
import type { MemoryReader } from '../pipeline/memory-source.ts';
import type { Chance } from './chance.ts';
import type { Process } from './process.ts';
import { shardCount } from './setting.ts';

export interface Group {
  /** As the coordinator has it. */
  shares: ReadonlyMap<Process, readonly number[]>;
  /** Members that have not heard of their new share yet. */
  readonly untold: Set<Process>;
  /** Readers that wait for the handler of a batch. */
  readonly inHand: Set<MemoryReader>;
}

/** A group without members. */
export function emptyGroup(): Group {
  return { shares: new Map(), untold: new Set(), inHand: new Set() };
}

/**
 * Gives every shard to one of the processes that do not stall. They hear of it one by one, a stalled one when it goes on:
 * until then it holds what is no longer its own.
 */
export function rebalance(group: Group, processes: readonly Process[], chance: Chance): void {
  const members = processes.filter(({ life }) => !life.stalled);
  if (members.length === 0) return;
  const shares = new Map<Process, number[]>(processes.map((process) => [process, []]));
  for (let shard = 0; shard < shardCount; shard++) shares.get(chance.oneOf(members)!)!.push(shard);
  group.shares = shares;
  for (const process of processes) group.untold.add(process);
}

/** Lets time do its work: members come and go, hear of their shares, and are sent batches. */
export function workGroup(group: Group, processes: readonly Process[], chance: Chance): void {
  if (isOutdated(group, processes) && chance.random() < 0.1) rebalance(group, processes, chance);
  for (const process of group.untold) tell(group, process, chance);
  for (const process of processes) deliver(group, process, chance);
}

/** Whether somebody has left or joined since the shards were given out. */
function isOutdated({ shares }: Group, processes: readonly Process[]): boolean {
  return shares.size !== processes.length || processes.some((process) => !shares.has(process));
}

function tell(group: Group, process: Process, chance: Chance): void {
  if (!process.life.alive) group.untold.delete(process);
  else if (!process.life.stalled && chance.random() < 0.1) {
    group.untold.delete(process);
    process.reader.assign(group.shares.get(process) ?? []);
  }
}

/** A batch of any size from any shard that the reader stands at, now and then with records that it has had already. */
function deliver(group: Group, { life, reader }: Process, chance: Chance): void {
  if (life.stalled || group.inHand.has(reader) || chance.random() < 0.8) return;
  const next = chance.oneOf(reader.waiting());
  if (next === undefined) return;
  const again = chance.happens('redelivery', 0.1) ? 1 + chance.below(5) : 0;
  group.inHand.add(reader);
  void reader
    .deliver(next.stream, next.shard, 1 + chance.below(20), again)
    .finally(() => group.inHand.delete(reader));
}

/** Whether every shard has an owner who knows it and has read it to the end. */
export function isReadToEnd(group: Group, processes: readonly Process[]): boolean {
  const isAtEnd = ({ reader }: Process): boolean =>
    !group.inHand.has(reader) && reader.waiting().length === 0;
  return !isOutdated(group, processes) && group.untold.size === 0 && processes.every(isAtEnd);
}
