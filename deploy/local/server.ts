// A server process that this program starts, waits for and ends, always by its own process id.
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { host } from './ports.ts';

export interface LocalServer {
  readonly pid: number;
  /** host:port */
  readonly address: string;
  /** Ends the process (SIGTERM unless said otherwise) and resolves when it is gone; its data stay. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface ServerCommand {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  /** Where clients connect, first, and all others that the server will listen on. */
  readonly ports: readonly [number, ...number[]];
  /** Where it runs, and where its output and its process id are written. */
  readonly folder: string;
  /** Whether the server does its work, once its port accepts connections. */
  readonly ready: (address: string) => Promise<boolean>;
  readonly waitMs: number;
  /** Whether it outlives this process; by default it ends when this process exits. */
  readonly detached?: boolean;
}

/** What is remembered of a server that runs: a process id alone may belong to somebody else by now. */
export interface RunningServer {
  readonly pid: number;
  readonly port: number;
  readonly startedAt: string;
}

const pidFile = 'server.json';
const pollMs = 50;
const patienceMs = 30_000;

/**
 * Starts a server and waits until it is ready.
 * Throws, with the last lines of its output, when it ends or stays silent; refuses a port that something listens on.
 */
export async function startServer(command: ServerCommand): Promise<LocalServer> {
  const { name, program, args, ports, folder } = command;
  for (const port of ports) {
    if (await accepts(port)) throw new Error(`${name}: port ${port} is taken by a process that is not ours`);
  }
  mkdirSync(folder, { recursive: true });
  const output = join(folder, `${name}.log`);
  const log = openSync(output, 'a');
  // A process group of its own: Ctrl-C in the terminal is for the program that decides when the server ends.
  const child = spawn(program, args, { cwd: folder, detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  let ended: string | undefined;
  child.once('exit', (code, signal) => {
    ended = `ended with ${signal ?? `code ${code}`}`;
  });
  child.once('error', (error) => {
    ended = `cannot be started: ${error.message}`;
  });
  const { pid } = child;
  if (pid !== undefined) {
    const running: RunningServer = { pid, port: ports[0], startedAt: startOf(pid) ?? '' };
    writeFileSync(join(folder, pidFile), `${JSON.stringify(running)}\n`);
  }
  const kill = () => void child.kill('SIGKILL');
  if (command.detached !== true) process.once('exit', kill);
  child.once('exit', () => process.removeListener('exit', kill));
  const failure = await untilReady(command, () => ended);
  if (failure !== undefined || pid === undefined) {
    await stopServer(folder, 'SIGKILL');
    throw new Error(`${name} ${failure}\n${lastLines(output)}`);
  }
  child.unref();
  const stop = (signal: NodeJS.Signals = 'SIGTERM') => stopServer(folder, signal).then(() => undefined);
  return { pid, address: `${host}:${ports[0]}`, stop };
}

async function untilReady(
  command: ServerCommand,
  ended: () => string | undefined,
): Promise<string | undefined> {
  const { ports, ready, waitMs } = command;
  const deadline = performance.now() + waitMs;
  for (;;) {
    const failure = ended();
    if (failure !== undefined) return failure;
    if ((await accepts(ports[0])) && (await ready(`${host}:${ports[0]}`))) return ended();
    if (performance.now() > deadline)
      return `was not ready on port ${ports[0]} within ${waitMs / 1000} seconds`;
    await sleep(pollMs);
  }
}

/** The server that was started in a folder, if it still runs. */
export function runningServer(folder: string): RunningServer | undefined {
  let text: string;
  try {
    text = readFileSync(join(folder, pidFile), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const running = JSON.parse(text) as RunningServer;
  return startOf(running.pid) === running.startedAt ? running : undefined;
}

/** Ends the server that was started in a folder; one that does not go is killed. Returns whether one ran. */
export async function stopServer(folder: string, signal: NodeJS.Signals = 'SIGTERM'): Promise<boolean> {
  const running = runningServer(folder);
  if (running !== undefined) {
    send(running.pid, signal);
    const deadline = performance.now() + patienceMs;
    while (runningServer(folder) !== undefined) {
      if (performance.now() > deadline) send(running.pid, 'SIGKILL');
      await sleep(pollMs);
    }
  }
  rmSync(join(folder, pidFile), { force: true });
  return running !== undefined;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It has ended by itself in the meantime.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** When a process began, as the system words it; undefined when there is none, or only its zombie. */
function startOf(pid: number): string | undefined {
  if (process.platform !== 'linux') return startByPs(pid);
  try {
    // After the command's name, which may hold anything: the state first, the threads as number 17, the start as number 19.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    // A zombie holds its ports as long as one of its threads is not gone.
    return fields[0] === 'Z' && Number(fields[17]) <= 1 ? undefined : fields[19];
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

function startByPs(pid: number): string | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return line.startsWith('Z') ? undefined : line.replace(/^\S+\s+/, '');
  } catch {
    // ps exits with 1 when there is no such process.
    return undefined;
  }
}

/** Whether something accepts connections on a port of this machine. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
  });
}

function lastLines(path: string): string {
  return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-20).join('\n');
}
