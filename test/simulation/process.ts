// One process of a simulation: the whole pipeline on ports that the scheduler stands behind.
import { Fault } from '../../src/fault.ts';
import type { MemoryStores } from '../../src/io/memory.ts';
import { type RunPorts, type RunSettings, run } from '../../src/pipeline/run.ts';
import type { OutboundMessage, ResultStore } from '../../src/ports.ts';
import type { MemoryLog, MemoryReader } from '../pipeline/memory-source.ts';
import { silentLog, silentMeter } from '../pipeline/sample-models.ts';
import type { Chance } from './chance.ts';
import { spanMs, startTime } from './events.ts';
import type { Life, Scheduler } from './scheduler.ts';
import { models, shardCount } from './setting.ts';

export interface Process {
  readonly life: Life;
  readonly reader: MemoryReader;
  /** How far its wall clock is off, milliseconds. */
  clockOff: number;
  /** Asks it to end in good order. */
  readonly stop: () => void;
  /** The models that it evaluates: from the lease to the release. */
  readonly evaluates: Set<string>;
  /** True after a roll-back until the evaluations that it fell into are over: nothing else happens to the process meanwhile. */
  spared: boolean;
  /** How `run` ended; undefined while it has not. */
  ended: { readonly error: unknown } | undefined;
}

/** What all processes of a simulation work on. */
export interface Surroundings {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly settings: RunSettings;
  readonly log: MemoryLog;
  readonly stores: MemoryStores;
  /** Everything that has arrived on the topics, in order. */
  readonly sent: OutboundMessage[];
  /** How often a send fails although some or all of its messages have arrived. */
  sendsFail: number;
  /** What a planted defect does to the ports of a process. */
  readonly portsOf: (ports: RunPorts) => RunPorts;
  tokens: number;
}

/** Starts a process, which is in no group yet. */
export function startProcess(surroundings: Surroundings): Process {
  const life: Life = { alive: true, stalled: false };
  const ending = new AbortController();
  const reader = surroundings.log.reader();
  const process: Process = {
    ...{ life, reader, clockOff: 0, stop: () => ending.abort() },
    ...{ evaluates: new Set<string>(), spared: false, ended: undefined },
  };
  const ports = surroundings.portsOf(portsOf(surroundings, process));
  run(models, surroundings.settings, ports, ending.signal).then(
    () => {
      process.ended = { error: undefined };
    },
    (error: unknown) => {
      process.ended = { error };
    },
  );
  return process;
}

function portsOf(surroundings: Surroundings, process: Process): RunPorts {
  const { scheduler, stores } = surroundings;
  const { life, reader } = process;
  return {
    shards: remote(scheduler, life, stores.shards),
    results: observed(remote(scheduler, life, stores.results), process),
    source: {
      ...reader,
      positions: (shard) => scheduler.call(life, () => reader.positions(shard)),
      ends: (shards) => scheduler.call(life, () => reader.ends(shards)),
      commit: (positions) => scheduler.call(life, () => reader.commit(positions)),
    },
    outbound: { send: (messages) => scheduler.call(life, () => send(surroundings, [...messages])) },
    clock: {
      now: () => startTime + spanMs + scheduler.elapsed() + process.clockOff,
      elapsed: () => scheduler.elapsed(),
      sleep: (ms, signal) => scheduler.sleep(life, ms, signal),
    },
    meter: silentMeter,
    log: silentLog,
    token: () => String(surroundings.tokens++),
    shardCount,
  };
}

/** Keeps in mind whether the process is in the middle of an evaluation. */
function observed(results: ResultStore, process: Process): ResultStore {
  return {
    ...results,
    lease: async (model, ...args) => {
      const held = await results.lease(model, ...args);
      if (held) process.evaluates.add(model);
      return held;
    },
    release: async (model, ...args) => {
      await results.release(model, ...args);
      process.evaluates.delete(model);
      if (process.evaluates.size === 0) process.spared = false;
    },
  };
}

/** A port whose every method is a call over the network. */
function remote<Port extends object>(scheduler: Scheduler, life: Life, port: Port): Port {
  const calls = Object.entries(port).map(([name, method]) => [
    name,
    (...args: unknown[]) => scheduler.call(life, () => method(...args)),
  ]);
  return Object.fromEntries(calls) as Port;
}

async function send(
  { chance, sent, sendsFail }: Surroundings,
  messages: readonly OutboundMessage[],
): Promise<void> {
  const fails = chance.happens('lost acknowledgement', sendsFail);
  sent.push(...(fails ? messages.slice(0, 1 + chance.below(messages.length)) : messages));
  if (fails) throw new Fault('KAFKA_FAILED', 'the acknowledgement is lost');
}
