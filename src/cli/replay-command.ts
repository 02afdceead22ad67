// `driftline replay`: files of events through the same pipeline as live, without Kafka and Redis.
import { Command, InvalidArgumentError } from 'commander';
import { readCredentials } from '../app/credentials.ts';
import { loadBaseline, loadModels, monitored } from '../app/models.ts';
import { pipelineSettings } from '../app/pipeline-settings.ts';
import { replayFiles } from '../app/replay.ts';
import type { ModelSettings, Settings } from '../config/settings.ts';
import { Fault } from '../fault.ts';
import { systemClock } from '../io/clock.ts';
import type { EventFile } from '../io/files/event-file.ts';
import { openEvents } from '../io/files/formats.ts';
import { jsonLog } from '../io/log.ts';
import { createNdjsonOutbound } from '../io/ndjson-outbound.ts';
import { createTally } from '../io/tally.ts';
import type { Models } from '../pipeline/model.ts';
import type { OutboundMessage } from '../ports.ts';
import type { CliProcess } from './cli-process.ts';
import { createDriftTable, type DriftTable } from './drift-table.ts';
import { type ColumnOptions, eventFileOptions, withColumnOptions } from './event-file-options.ts';
import { exitCodes } from './exit-code.ts';
import { writeJsonLine } from './output.ts';
import { progressLine } from './progress.ts';
import { loadSettings, type SettingsOptions, withSettingsOptions } from './settings-option.ts';

interface ReplayFlags extends SettingsOptions, ColumnOptions {
  readonly baseline?: readonly string[];
  readonly labels?: readonly string[];
  readonly window?: string;
  readonly shards: number;
  readonly out?: string;
  readonly ndjson?: boolean;
  readonly failOn?: 'drift';
  readonly json?: boolean;
}

const tableRows = 20;

/** `replay`. */
export function replayCommand(cli: CliProcess): Command {
  return withColumnOptions(withSettingsOptions(new Command('replay')))
    .description('run files of predictions through the pipeline at full speed and say what has drifted')
    .argument('<files...>', 'predictions: NDJSON (also .gz, .zst), CSV or Parquet, in order of time')
    .option('--labels <file...>', 'files of labels')
    .option('--baseline <file...>', 'baselines to compare with, instead of the configured models')
    .option('--window <duration>', 'length of the windows, such as 1d (default: windows.size)')
    .option('--shards <count>', 'shards, as the topics would have partitions', shardsOf, 1)
    .option('--model <name>', 'CSV, Parquet: the model of tables that have no such column')
    .option('--out <folder>', 'write results.ndjson, alerts.ndjson and dead-letters.ndjson there')
    .option('--ndjson', 'print every result as a line of JSON instead of the table')
    .option('--fail-on <what>', 'drift: exit with 4 when an incident was raised', failOn)
    .option('--json', 'print a summary as the last line, as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  driftline replay predictions.ndjson.gz --baseline baseline.json --window 1d\n' +
        '  driftline replay week.parquet -c driftline.yaml --fail-on drift --json',
    )
    .action((paths: string[], flags: ReplayFlags) => replayAction(paths, flags, cli));
}

function shardsOf(text: string): number {
  const shards = Number(text);
  if (!Number.isInteger(shards) || shards < 1 || shards > 1024)
    throw new InvalidArgumentError('It is 1 to 1024.');
  return shards;
}

function failOn(text: string): 'drift' {
  if (text === 'drift') return text;
  throw new InvalidArgumentError('It is drift.');
}

async function replayAction(paths: readonly string[], flags: ReplayFlags, cli: CliProcess): Promise<void> {
  const settings = await loadSettings(flags, cli, windowFlags(flags));
  const models = await replayModels(flags, settings);
  const predictions: EventFile[] = [];
  const labels: EventFile[] = [];
  const table = createDriftTable();
  const seen = { results: 0, raised: 0, cleared: 0 };
  const outbound = await createNdjsonOutbound(flags.out, (message) => look(message, table, seen, flags, cli));
  const tally = createTally();
  const progress = progressLine(cli, 'events');
  const started = systemClock.elapsed();
  const sinceStart = () => systemClock.elapsed() - started;
  try {
    for (const path of paths) predictions.push(await openEvents(path, eventFileOptions(flags)));
    for (const path of flags.labels ?? []) labels.push(await openEvents(path, eventFileOptions(flags)));
    const replayed = await replayFiles({
      ...{ predictions, labels, models, outbound, meter: tally.meter, signal: cli.signal },
      settings: pipelineSettings(settings),
      shards: flags.shards,
      log: jsonLog({ write: (line) => cli.stderr.write(line) }, 'warn'),
      progressed: (part, events) =>
        progress.update(events, part > 0 ? Math.round(events / part) : undefined, sinceStart()),
    });
    progress.end();
    if (flags.ndjson !== true) cli.stdout.write(table.text(tableRows));
    const rejected = tally.sum('driftline_dead_letters_total');
    const seconds = sinceStart() / 1000;
    cli.stderr.write(`${summaryText(replayed, rejected, seen, seconds)}\n`);
    if (flags.json === true) {
      const events = replayed.predictions + replayed.labels;
      writeJsonLine(cli, {
        ...{ events, predictions: replayed.predictions, labels: replayed.labels, rejected },
        ...{ seconds, events_per_second: Math.round(events / seconds), results: seen.results },
        ...{
          windows: table.windows(),
          drifted: table.drifted(),
          incidents: seen.raised,
          cleared: seen.cleared,
        },
      });
    }
    if (cli.signal.aborted) cli.setExitCode(exitCodes.failed);
    else if (flags.failOn === 'drift' && seen.raised > 0) cli.setExitCode(exitCodes.drift);
  } finally {
    progress.end();
    for (const file of [...predictions, ...labels]) file.close();
    await outbound.close();
  }
}

function windowFlags(flags: ReplayFlags) {
  if (flags.window === undefined) return [];
  // Roll-ups are for those who watch; a replay of windows of its own choice wants these windows, and keeps them all.
  return [
    { flag: '--window', path: 'windows.size', text: flags.window },
    { flag: '--window', path: 'windows.rollups', text: '[]' },
    { flag: '--window', path: 'retention.windows', text: '400d' },
    { flag: '--window', path: 'retention.results', text: '400d' },
  ];
}

async function replayModels(flags: ReplayFlags, settings: Settings): Promise<Models> {
  const { categoryKey } = await readCredentials(settings);
  if (flags.baseline === undefined) {
    if (settings.models.length === 0) {
      throw new Fault(
        'USAGE',
        'no model is configured: name a baseline with --baseline, or a configuration with -c',
      );
    }
    return loadModels(settings, categoryKey?.reveal());
  }
  const models = await Promise.all(
    flags.baseline.map(async (path) => {
      const baseline = await loadBaseline(path);
      const { model: name, task } = baseline.schema;
      const configured = settings.models.find((model) => model.name === name);
      const model: ModelSettings = {
        ...(configured ?? unconfigured(name, settings)),
        task,
        baseline: path,
        features: null,
      };
      return [name, monitored(model, baseline, settings, categoryKey?.reveal())] as const;
    }),
  );
  return new Map(models);
}

function unconfigured(
  name: string,
  settings: Settings,
): Omit<ModelSettings, 'task' | 'baseline' | 'features'> {
  return {
    name,
    plain: [],
    distinct: [],
    importance: new Map(),
    labels: 'auto',
    drift: { ...settings.drift, columns: new Map() },
  };
}

function look(
  message: OutboundMessage,
  table: DriftTable,
  seen: { results: number; raised: number; cleared: number },
  flags: ReplayFlags,
  cli: CliProcess,
): void {
  if (message.topic === 'results') {
    seen.results += 1;
    table.add(message.value);
    if (flags.ndjson === true) cli.stdout.write(`${message.value}\n`);
  } else if (message.topic === 'alerts') {
    const { type } = JSON.parse(message.value) as { readonly type: string };
    if (type.includes('.raised.')) seen.raised += 1;
    if (type.includes('.cleared.')) seen.cleared += 1;
  }
}

function summaryText(
  replayed: { readonly predictions: number; readonly labels: number },
  rejected: number,
  seen: { readonly results: number; readonly raised: number; readonly cleared: number },
  seconds: number,
): string {
  const events = replayed.predictions + replayed.labels;
  const rate = Math.round(events / seconds).toLocaleString('en-US');
  return (
    `${events.toLocaleString('en-US')} events (${rejected} refused) in ${seconds.toFixed(1)} s, ${rate}/s: ` +
    `${seen.results} results, ${seen.raised} incidents raised, ${seen.cleared} cleared`
  );
}
