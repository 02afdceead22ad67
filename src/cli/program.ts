// The command line as a whole: every command in one program, and what happens when one fails.
import { Command, CommanderError } from 'commander';
import type { CliProcess } from './cli-process.ts';
import type { CommandFactory } from './commands.ts';
import { exitCodeOf, exitCodes } from './exit-code.ts';
import { faultReport } from './fault-report.ts';

/** The program with its commands. It writes to the process it is given, and throws instead of exiting. */
export function buildProgram(cli: CliProcess, commands: readonly CommandFactory[]): Command {
  const program = new Command('driftline')
    .description(
      'A streaming monitor for deployed machine-learning models: drift and quality from Kafka, in seconds.',
    )
    .version(cli.version, '-V, --version')
    .addHelpText(
      'after',
      '\nExit codes: 0 ok, 1 failed, 2 usage or configuration, 3 Kafka or Redis unreachable, 4 drift found',
    );
  for (const command of commands) program.addCommand(command(cli));
  return framed(program, cli);
}

/** Runs one command line (without `node` and the script) to its end; the exit code goes to `cli.setExitCode`. */
export async function runCommandLine(
  argv: readonly string[],
  cli: CliProcess,
  commands: readonly CommandFactory[],
): Promise<void> {
  try {
    await buildProgram(cli, commands).parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has written its message, or the help or version that was asked for.
      cli.setExitCode(error.exitCode === 0 ? exitCodes.ok : exitCodes.usage);
      return;
    }
    cli.stderr.write(faultReport(error));
    cli.setExitCode(exitCodeOf(error));
  }
}

function framed(command: Command, cli: CliProcess): Command {
  command
    .exitOverride()
    .showSuggestionAfterError(true)
    .helpOption('-h, --help', 'show this help')
    .configureOutput({
      writeOut: (text) => cli.stdout.write(text),
      writeErr: (text) => cli.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'driftline: USAGE: ')),
    });
  if (command.commands.length > 0) command.helpCommand('help [command]', 'show the help of a command');
  for (const child of command.commands) framed(child, cli);
  return command;
}
