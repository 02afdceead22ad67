// `npm run verify`: every check of the repository, against a Kafka and a Redis of its own; ends with `N passed, N failed`.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { installPrograms } from '../deploy/local/install.ts';
import { lastLine, ofVitest, type Report, single, skippedAsFailed, sum } from './verify/report.ts';
import { type Stack, startStack } from './verify/stack.ts';

const root = resolve(import.meta.dirname, '..');
// As npm sets it: what the project depends on comes before what the machine has.
const path = [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter);
const interruption = new AbortController();

type Environment = Stack['environment'];

/** Runs a program with its output shown. Resolves with its exit code, or null when it did not start or a signal ended it. */
async function run(command: readonly string[], environment: Environment = {}): Promise<number | null> {
  if (interruption.signal.aborted) return null;
  const [program, ...args] = command as [string, ...string[]];
  const child = spawn(program, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PATH: path, ...environment },
  });
  const end = () => child.kill('SIGTERM');
  interruption.signal.addEventListener('abort', end);
  try {
    return await new Promise((ended) => {
      child.once('exit', ended);
      child.once('error', ({ message }) => {
        console.log(message);
        ended(null);
      });
    });
  } finally {
    interruption.signal.removeEventListener('abort', end);
  }
}

/** Commands that are one check together: it holds when all of them end with 0. */
async function step(name: string, ...commands: readonly (readonly string[])[]): Promise<Report> {
  title(name);
  for (const command of commands) {
    const exitCode = await run(command);
    if (exitCode !== 0) {
      console.log(
        `${command.join(' ')}: ${exitCode === null ? 'did not end by itself' : `exit code ${exitCode}`}`,
      );
      return single(false);
    }
  }
  return single(true);
}

/** A project of vitest: each of its tests is a check. */
async function tests(project: string, environment: Environment): Promise<Report> {
  title(`tests: ${project}`);
  const folder = await mkdtemp(join(tmpdir(), 'driftline-report-'));
  const file = join(folder, 'report.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const exitCode = await run(['vitest', 'run', '--project', project, ...reporters], environment);
    return ofVitest(existsSync(file) ? await readFile(file, 'utf8') : undefined, exitCode);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Everything in order. A failure ends nothing: one run tells all that there is to mend. */
async function checks(stack: Stack | undefined): Promise<Report> {
  const reports = [
    await step('lint', ['biome', 'check', '--error-on-warnings']),
    await step('types', ['tsc', '--noEmit']),
    await step('generated files', ['node', 'config/generate.ts', '--check']),
    await tests('core', stack?.environment ?? {}),
  ];
  // Without a stack they would talk to whatever listens on the usual ports: what did not start is counted instead.
  if (stack !== undefined) reports.push(await tests('integration', stack.environment));
  reports.push(await step('build', ['npm', 'run', 'build'], ['node', 'dist/main.js', '--version']));
  return sum(reports);
}

async function startedStack(): Promise<Stack | undefined> {
  title('stack');
  try {
    // promtool is no server: tests ask it about metrics and rules.
    installPrograms(['java', 'redis-server', 'promtool']);
    const stack = await startStack();
    console.log(stack.environment);
    return stack;
  } catch (error) {
    console.log(`no Kafka and Redis to test against: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

async function verify(): Promise<Report> {
  const stack = await startedStack();
  try {
    const checked = await checks(stack);
    return stack === undefined ? sum([checked, single(false)]) : checked;
  } finally {
    await stack?.stop();
  }
}

function title(name: string): void {
  console.log(`\n── ${name}`);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => interruption.abort());
}
const startedMs = performance.now();
const verified = await verify();
const report = process.env.CI === undefined ? verified : skippedAsFailed(verified);
process.exitCode = interruption.signal.aborted ? 130 : Number(report.failed > 0);
console.log(`\n${verified.skipped} skipped, ${((performance.now() - startedMs) / 1000).toFixed(0)} s`);
console.log(lastLine(report));
