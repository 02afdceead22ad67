#!/usr/bin/env node
// The process: arguments, environment, signals and the exit code; what to do with them is decided in cli/.
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import type { CliProcess } from './cli/cli-process.ts';
import { commands } from './cli/commands.ts';
import { exitCodes } from './cli/exit-code.ts';
import { runCommandLine } from './cli/program.ts';

/** How long what a command has left open may take to close by itself. */
const lingerMs = 3_000;

/** Supervisors give a process half a minute to end, and then kill it: what hangs on a dead broker for longer is given up before. */
const endsWithinMs = 20_000;

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (!stopping.signal.aborted) {
      stopping.abort();
      setTimeout(giveUp, endsWithinMs).unref();
      return;
    }
    // The second one means now. Dying of the signal waits for nothing, while `exit` joins threads that may be blocked
    // in a read; but process 1 of a container does not die of signals, and has only `exit`.
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
    process.exit(128 + constants.signals[signal]);
  });
}

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // The reader of a pipe (`head`) has seen enough.
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
    throw error;
  });
}

const cli: CliProcess = {
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  isTerminal: process.stderr.isTTY === true,
  signal: stopping.signal,
  version: readVersion(),
  peakMemoryBytes: () => process.resourceUsage().maxRSS * 1024,
  setExitCode(code) {
    process.exitCode = code;
  },
};

await runCommandLine(process.argv.slice(2), cli, commands);

// The command is over, and whoever started it waits for the end. A Kafka client that has lost its broker may go on trying
// for ever, and keep alive a process that does nothing any more.
setInterval(() => {
  if (process.stdout.writableLength + process.stderr.writableLength === 0) process.exit();
}, lingerMs).unref();

/** Nothing is lost by it: what is not saved is read again. */
function giveUp(): void {
  process.stderr.write(`driftline: not ended ${endsWithinMs / 1000} s after it was asked to: given up\n`);
  process.exit(exitCodes.failed);
}

function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
