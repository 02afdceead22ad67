// `driftline baseline`: builds the reference that windows are compared with, and shows one.
import { readFile, writeFile } from 'node:fs/promises';
import { Command, InvalidArgumentError } from 'commander';
import { decodeBaseline, encodeBaseline } from '../codec/baseline.ts';
import { parseReferenceSchema } from '../codec/reference-schema.ts';
import { Fault } from '../fault.ts';
import { systemClock } from '../io/clock.ts';
import type { EventFile } from '../io/files/event-file.ts';
import { openEvents } from '../io/files/formats.ts';
import type { ColumnKind } from '../profile/column.ts';
import type { Task } from '../profile/schema.ts';
import { type BuildOptions, type Built, buildBaseline } from './baseline-build.ts';
import { baselineSummary, baselineText } from './baseline-text.ts';
import type { CliProcess } from './cli-process.ts';
import { type ColumnOptions, eventFileOptions, withColumnOptions } from './event-file-options.ts';
import { exitCodes } from './exit-code.ts';
import { writeJson } from './output.ts';
import { printable } from './printable.ts';
import { progressLine } from './progress.ts';
import { timeOption } from './time-option.ts';

/** `baseline build` and `baseline show`. */
export function baselineCommand(cli: CliProcess): Command {
  return new Command('baseline')
    .description('build the reference that windows are compared with, and show one')
    .addCommand(buildCommand(cli))
    .addCommand(showCommand(cli));
}

interface BuildFlags extends ColumnOptions {
  readonly out: string;
  readonly task?: Task;
  readonly kind?: ReadonlyMap<string, ColumnKind>;
  readonly positive?: string;
  readonly from?: number;
  readonly to?: number;
  readonly schema?: string;
  readonly json?: boolean;
}

function buildCommand(cli: CliProcess): Command {
  return withColumnOptions(new Command('build'))
    .description('build a baseline from training or reference data')
    .argument('<files...>', 'NDJSON (also .gz, .zst), CSV or Parquet')
    .requiredOption('-o, --out <file>', 'where the baseline document goes')
    .option('--model <name>', 'the model, where the files hold several or do not say')
    .option('--task <task>', 'binary, multiclass or regression (default: inferred)', taskOf)
    .option('--positive <class>', 'the positive class (default: the one predicted at the higher scores)')
    .option('--kind <feature=kind>', 'numeric or categorical, for one feature; can be repeated', addKind)
    .option('--schema <file>', 'JSON with the task and the kind of every feature')
    .option('--from <time>', 'only events from this time on (ISO-8601 or epoch milliseconds)', timeOption)
    .option('--to <time>', 'only events before this time', timeOption)
    .option('--json', 'print a summary as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  driftline baseline build reference.ndjson.gz --out baseline.json\n' +
        '  driftline baseline build train.parquet --model churn --timestamp scored_at --kind region=categorical -o churn.json',
    )
    .action(async (paths: string[], flags: BuildFlags) => {
      const built = await build(paths, flags, cli);
      if (built === undefined) {
        cli.stderr.write('interrupted: nothing was written\n');
        cli.setExitCode(exitCodes.failed);
        return;
      }
      await write(flags.out, encodeBaseline(built.baseline));
      report(built, flags, cli);
    });
}

function taskOf(text: string): Task {
  if (text === 'binary' || text === 'multiclass' || text === 'regression') return text;
  throw new InvalidArgumentError('It is binary, multiclass or regression.');
}

function addKind(
  text: string,
  kinds: ReadonlyMap<string, ColumnKind> = new Map(),
): ReadonlyMap<string, ColumnKind> {
  // A feature's name may hold an equals sign, a kind does not.
  const equals = text.lastIndexOf('=');
  const kind = text.slice(equals + 1);
  if (equals > 0 && (kind === 'numeric' || kind === 'categorical'))
    return new Map([...kinds, [text.slice(0, equals), kind]]);
  throw new InvalidArgumentError('It is feature=numeric or feature=categorical.');
}

async function build(
  paths: readonly string[],
  flags: BuildFlags,
  cli: CliProcess,
): Promise<Built | undefined> {
  const options = await buildOptions(paths, flags, cli);
  const files: EventFile[] = [];
  const progress = progressLine(cli, 'events');
  const started = systemClock.elapsed();
  try {
    const columns = eventFileOptions(flags);
    // Training data often carry no time; the baseline then says that it has no period.
    const defaults = { ...columns.defaults, ...(flags.timestamp === undefined ? { timestamp: 0 } : {}) };
    for (const path of paths) files.push(await openEvents(path, { ...columns, defaults }));
    warnOfSkipped(paths, files, cli);
    return await buildBaseline(files, {
      ...options,
      progressed: (part, events) => {
        progress.update(
          events,
          part > 0 ? Math.round(events / part) : undefined,
          systemClock.elapsed() - started,
        );
      },
    });
  } finally {
    progress.end();
    for (const file of files) file.close();
  }
}

async function buildOptions(
  paths: readonly string[],
  flags: BuildFlags,
  cli: CliProcess,
): Promise<Omit<BuildOptions, 'progressed'>> {
  const { model, from, to } = flags;
  const schema =
    flags.schema === undefined ? undefined : parseReferenceSchema(await read(flags.schema), flags.schema);
  const task = flags.task ?? schema?.task;
  const positive = flags.positive ?? schema?.positive;
  return {
    ...(model === undefined ? {} : { model }),
    ...(task === undefined ? {} : { task }),
    ...(positive === undefined ? {} : { positive }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    kinds: new Map([...(schema?.features ?? []), ...(flags.kind ?? [])]),
    ...(schema === undefined ? {} : { features: [...schema.features.keys()] }),
    provenance: {
      source: paths.join(', '),
      builtAt: new Date(systemClock.now()).toISOString(),
      builtBy: `driftline ${cli.version}`,
    },
    signal: cli.signal,
  };
}

function warnOfSkipped(paths: readonly string[], files: readonly EventFile[], cli: CliProcess): void {
  for (const [index, file] of files.entries()) {
    if (file.skipped.length === 0) continue;
    const names = printable(file.skipped.join(', '));
    cli.stderr.write(`${paths[index]}: not features, because of their types: ${names}\n`);
  }
}

function report({ baseline, rejects, passedOver }: Built, flags: BuildFlags, cli: CliProcess): void {
  const { schema, profile } = baseline;
  if (flags.json === true) {
    writeJson(cli, {
      out: flags.out,
      model: schema.model,
      task: schema.task,
      rows: profile.rows,
      columns: schema.columns.map(({ name, kind }) => ({ name, kind })),
      hash: schema.baselineHash,
      rejected: Object.fromEntries(rejects),
      passedOver,
    });
    return;
  }
  const count = (value: number) => value.toLocaleString('en-US');
  for (const [reason, events] of rejects)
    cli.stderr.write(`${count(events)} events were not read: ${reason}\n`);
  if (passedOver > 0)
    cli.stderr.write(`${count(passedOver)} events of another model or time were passed over\n`);
  cli.stderr.write(
    `${flags.out}: ${schema.model} (${schema.task}), ${count(profile.rows)} rows, ` +
      `${schema.columns.length} columns, hash ${schema.baselineHash.slice(0, 12)}\n`,
  );
}

function showCommand(cli: CliProcess): Command {
  return new Command('show')
    .description('show what a baseline holds')
    .argument('<file>', 'a baseline document')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  driftline baseline show baseline.json')
    .action(async (path: string, options: { json?: boolean }) => {
      const baseline = decodeBaseline(await read(path));
      if (options.json === true) writeJson(cli, baselineSummary(baseline));
      else cli.stdout.write(baselineText(baseline));
    });
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new Fault('INPUT_MISSING', `${path} cannot be read`, { cause: error });
  }
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw new Fault('USAGE', `${path} cannot be written`, { cause: error });
  }
}
