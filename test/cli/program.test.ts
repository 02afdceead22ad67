import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { Fault } from '../../src/fault.ts';
import { runInMemory } from './memory-process.ts';

const failing = (error: unknown) => () => new Command('fail').action(() => Promise.reject(error));
const runFailing = (error: unknown) => runInMemory(['fail'], { commands: [failing(error)] });

describe('the exit code', () => {
  test('is 0 for help and version, which are data', async () => {
    expect(await runInMemory(['--version'])).toEqual({ stdout: '1.2.3\n', stderr: '', exitCode: 0 });
    const help = await runInMemory(['config', 'check', '-h']);
    expect(help).toMatchObject({ stderr: '', exitCode: 0 });
    expect(help.stdout).toContain('Examples:');
  });

  test('is 2 for a command line that is not understood, with a guess at what was meant', async () => {
    expect(await runInMemory(['confg'])).toEqual({
      stdout: '',
      stderr: "driftline: USAGE: unknown command 'confg'\n(Did you mean config?)\n",
      exitCode: 2,
    });
    const option = await runInMemory(['config', 'check', '--jsn']);
    expect(option).toMatchObject({ stdout: '', exitCode: 2 });
    expect(option.stderr).toContain('(Did you mean --json?)');
  });

  test('is 2 without a command, with the help as a message', async () => {
    const run = await runInMemory([]);
    expect(run).toMatchObject({ stdout: '', exitCode: 2 });
    expect(run.stderr).toContain('Usage: driftline');
  });

  test.each([
    ['CONFIG_INVALID', 2],
    ['TOPIC_MISSING', 2],
    ['KAFKA_UNREACHABLE', 3],
    ['REDIS_UNREACHABLE', 3],
    ['KAFKA_FAILED', 1],
    ['STATE_LOST', 1],
    ['BASELINE_INVALID', 1],
    ['BUG', 1],
  ] as const)('of %s is %d', async (code, exitCode) => {
    expect((await runFailing(new Fault(code, 'why'))).exitCode).toBe(exitCode);
  });
});

describe('the report of a fault', () => {
  test('is one line with code, message and cause', async () => {
    const cause = new Error('connect ECONNREFUSED 127.0.0.1:9092', { cause: new Error('no route') });
    const { stderr } = await runFailing(new Fault('KAFKA_UNREACHABLE', 'no broker answers', { cause }));
    expect(stderr).toBe(
      'driftline: KAFKA_UNREACHABLE: no broker answers (connect ECONNREFUSED 127.0.0.1:9092: no route)\n',
    );
  });

  test('does not repeat a cause that the message has already', async () => {
    const { stderr } = await runFailing(new Fault('REDIS_FAILED', 'XADD: OOM', { cause: new Error('OOM') }));
    expect(stderr).toBe('driftline: REDIS_FAILED: XADD: OOM\n');
  });

  test('of a bug brings the stack, and so does any other error', async () => {
    for (const error of [new Fault('BUG', 'n < 0'), new TypeError('n is undefined')]) {
      const { stderr } = await runFailing(error);
      expect(stderr).toMatch(/^driftline: BUG: /);
      expect(stderr).toContain('program.test.ts');
      expect(stderr).toContain('report');
    }
    expect((await runFailing('text')).stderr).toMatch(/^driftline: BUG: text\n/);
  });
});

describe('every command', () => {
  const all: Command[] = [];
  const collect = (command: Command): void => {
    all.push(command);
    command.commands.forEach(collect);
  };
  const cli = {
    stdout: { write() {} },
    stderr: { write() {} },
    env: {},
    peakMemoryBytes: () => 0,
    isTerminal: false,
    version: '0',
    setExitCode() {},
  };
  collect(buildProgram({ ...cli, signal: new AbortController().signal }, commands));

  test.each(all.map((command) => [command.name(), command] as const))(
    '%s says what it does',
    (_, command) => {
      expect(command.description()).not.toBe('');
      for (const option of command.options) expect(option.description, option.flags).not.toBe('');
    },
  );
});
