// A process in memory: what a command wrote, and how it ended.
import type { CliProcess } from '../../src/cli/cli-process.ts';
import { commands as allCommands, type CommandFactory } from '../../src/cli/commands.ts';
import { runCommandLine } from '../../src/cli/program.ts';

export interface Run {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly commands?: readonly CommandFactory[];
  readonly isTerminal?: boolean;
}

/** Runs one command line without a process. */
export async function runInMemory(argv: readonly string[], options: RunOptions = {}): Promise<Run> {
  const run = { stdout: '', stderr: '', exitCode: 0 };
  const cli: CliProcess = {
    env: options.env ?? {},
    stdout: {
      write: (text) => {
        run.stdout += text;
      },
    },
    stderr: {
      write: (text) => {
        run.stderr += text;
      },
    },
    isTerminal: options.isTerminal ?? false,
    signal: new AbortController().signal,
    version: '1.2.3',
    peakMemoryBytes: () => 50_000_000,
    setExitCode: (code) => {
      run.exitCode = code;
    },
  };
  await runCommandLine(argv, cli, options.commands ?? allCommands);
  return run;
}
