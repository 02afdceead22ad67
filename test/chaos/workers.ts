// The workers of a chaos run: real processes, each behind its own proxies, started again by a supervisor when they end.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FaultCode, faults } from '../../src/fault.ts';
import type { Link } from './proxy.ts';

/** What became of all workers together. */
export interface Tally {
  /** Events that were read, as the workers' own metrics say; those of the last moments of a killed one are missing. */
  read: number;
  starts: number;
  claims: number;
  /** Ends that nobody asked for, or with an error, by fault code: what a supervisor is there for. */
  readonly exits: Record<string, number>;
  /** Ends that must not be, in sentences. */
  readonly failures: string[];
  /** The longest that a worker took to end when asked, milliseconds. */
  slowestStopMs: number;
}

export interface Worker {
  readonly number: number;
  readonly kafka: Link;
  readonly redis: Link;
  isRunning(): boolean;
  /** Starts it and keeps it running. */
  start(): void;
  signal(signal: NodeJS.Signals): void;
  /** Ends it, and leaves it so until it is started again. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

export interface WorkerOptions {
  readonly number: number;
  readonly main: string;
  readonly config: string;
  readonly folder: string;
  readonly kafka: Link;
  readonly redis: Link;
}

interface Life {
  readonly child: ChildProcess;
  readonly gone: Promise<unknown>;
  /** The address of its metrics. */
  address: string | undefined;
  read: number;
  lastWords: string;
}

/** A worker that does not end within this time when asked, servers being away included, hangs. */
const stopWithinMs = 60_000;
const restartAfterMs = 1_000;
const scrapeEveryMs = 1_000;

/** What no worker has done anything of. */
export function emptyTally(): Tally {
  return { read: 0, starts: 0, claims: 0, exits: {}, failures: [], slowestStopMs: 0 };
}

/** A worker that does not run yet. */
export function createWorker(options: WorkerOptions, tally: Tally): Worker {
  const { number, kafka, redis } = options;
  const output = createWriteStream(join(options.folder, `worker-${number}.log`), { flags: 'a' });
  let wanted = false;
  let life: Life | undefined;

  function begin(): void {
    const started = startLife(options, output, tally);
    life = started;
    void started.gone.then(async () => {
      life = undefined;
      if (wanted || started.child.exitCode !== 0) noteExit(number, started, tally);
      if (!wanted) return;
      await sleep(restartAfterMs);
      if (wanted && life === undefined) begin();
    });
  }

  return {
    ...{ number, kafka, redis },
    isRunning: () => life !== undefined,
    start() {
      wanted = true;
      if (life === undefined) begin();
    },
    signal(signal) {
      life?.child.kill(signal);
    },
    async end(signal) {
      wanted = false;
      const ending = life;
      if (ending === undefined) return;
      ending.child.kill(signal);
      if (signal === 'SIGTERM') await watchEnd(number, ending, tally);
      await ending.gone;
    },
  };
}

function startLife({ number, main, config, folder }: WorkerOptions, output: WriteStream, tally: Tally): Life {
  const child = spawn(process.execPath, [main, 'run', '-c', config], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A start costs half as much when the program was compiled before.
    env: { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') },
  });
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  const gone = once(child, 'close').then(() => process.removeListener('exit', kill));
  const life: Life = { child, gone, address: undefined, read: 0, lastWords: '' };
  tally.starts += 1;
  output.write(`── worker ${number}, process ${child.pid}\n`);
  createInterface(child.stdout!).on('line', (line) => {
    output.write(`${line}\n`);
    hear(line, life, tally);
  });
  createInterface(child.stderr!).on('line', (line) => {
    output.write(`${line}\n`);
    life.lastWords = `${life.lastWords}${line}\n`.slice(-4_000);
  });
  void scrape(life, tally);
  return life;
}

function hear(line: string, life: Life, tally: Tally): void {
  if (line.includes('"serving metrics"')) life.address = /"address":"(http:[^"]+)"/.exec(line)?.[1];
  else if (line.includes('"shard claimed"')) tally.claims += 1;
}

/** Adds up what it has read for as long as it lives. */
async function scrape(life: Life, tally: Tally): Promise<void> {
  const { child } = life;
  while (child.exitCode === null && child.signalCode === null) {
    await Promise.race([sleep(scrapeEveryMs), life.gone]);
    if (life.address === undefined) continue;
    const read = await eventsRead(life.address);
    if (read === undefined) continue;
    tally.read += read - life.read;
    life.read = read;
  }
}

/** Undefined while it does not answer: it may be stalled or gone. */
async function eventsRead(address: string): Promise<number | undefined> {
  try {
    const page = await fetch(`${address}/metrics`, { signal: AbortSignal.timeout(900) });
    const values = (await page.text()).matchAll(/^driftline_events_total\{[^}]*\} (\d+)$/gm);
    return [...values].reduce((sum, [, value]) => sum + Number(value), 0);
  } catch {
    return undefined;
  }
}

/** An end that nobody asked for, or one with an error, is in order where the fault says that trying again may help. */
function noteExit(number: number, { child, lastWords }: Life, tally: Tally): void {
  if (child.signalCode !== null) return;
  const code = /^driftline: ([A-Z_]+):/m.exec(lastWords)?.[1] ?? `exit ${child.exitCode}`;
  tally.exits[code] = (tally.exits[code] ?? 0) + 1;
  const isExpected = Object.hasOwn(faults, code) && faults[code as FaultCode].retry === 'backoff';
  if (!isExpected) tally.failures.push(`worker ${number} ended with ${code}: ${lastWords.trim()}`);
}

async function watchEnd(number: number, { child, gone }: Life, tally: Tally): Promise<void> {
  const askedAt = performance.now();
  const late = new AbortController();
  await Promise.race([gone, sleep(stopWithinMs, undefined, { signal: late.signal })]);
  late.abort();
  tally.slowestStopMs = Math.max(tally.slowestStopMs, performance.now() - askedAt);
  if (child.exitCode !== null || child.signalCode !== null) return;
  tally.failures.push(`worker ${number} did not end within ${stopWithinMs / 1000} s when asked`);
  child.kill('SIGKILL');
}
