// `driftline explain`: why a feature of a model is held for drifted, or not.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Command } from 'commander';
import { resultDocuments, withStoredResults } from '../app/stored-results.ts';
import { decodeResult, type ResultDocument } from '../codec/result.ts';
import { Fault } from '../fault.ts';
import type { CliProcess } from './cli-process.ts';
import { explanation } from './explanation.ts';
import { writeJson } from './output.ts';
import { printableLines } from './printable.ts';
import { loadSettings, type SettingsOptions, withSettingsOptions } from './settings-option.ts';
import { timeOption } from './time-option.ts';

interface ExplainFlags extends SettingsOptions {
  readonly window?: number;
  readonly results?: readonly string[];
  readonly json?: boolean;
}

/** `explain`. */
export function explainCommand(cli: CliProcess): Command {
  return withSettingsOptions(new Command('explain'))
    .description('say in words why a feature of a model has drifted, or has not')
    .argument('<model>', 'the model')
    .argument('<feature>', 'the feature, or @prediction or @score')
    .option(
      '--window <time>',
      'the window that starts then (default: the last one in which it has drifted, else the last one)',
      timeOption,
    )
    .option('--results <file...>', 'results.ndjson of a replay instead of the configured deployment')
    .option('--json', 'print what the result says of the feature as JSON')
    .addHelpText('after', '\nExample:\n  driftline explain churn tenure -c driftline.yaml')
    .action(async (model: string, feature: string, flags: ExplainFlags) => {
      const found = await newest(documents(model, flags, cli), model, feature, flags.window);
      if (found === undefined) {
        const when =
          flags.window === undefined ? '' : ` that starts at ${new Date(flags.window).toISOString()}`;
        throw new Fault('USAGE', `no window${when} of model ${model} has a feature ${feature}`);
      }
      if (flags.json === true) writeJson(cli, found.column);
      else cli.stdout.write(printableLines(explanation(found.result, found.column)));
    });
}

async function* documents(model: string, flags: ExplainFlags, cli: CliProcess): AsyncGenerator<string> {
  if (flags.results !== undefined) {
    for (const path of flags.results) yield* linesOf(path);
    return;
  }
  const settings = await loadSettings(flags, cli);
  const models = settings.models.filter(({ name }) => name === model);
  if (models.length === 0)
    throw new Fault(
      'USAGE',
      `no model ${model} is configured: name files with --results, or a configuration with -c`,
    );
  const all: string[] = [];
  await withStoredResults(settings, async (results) => {
    for await (const document of resultDocuments(results, { ...settings, models })) all.push(document);
  });
  yield* all;
}

async function* linesOf(path: string): AsyncGenerator<string> {
  try {
    for await (const line of createInterface({ input: createReadStream(path) })) if (line !== '') yield line;
  } catch (cause) {
    throw new Fault('INPUT_MISSING', `${path} cannot be read`, { cause });
  }
}

interface Found {
  readonly result: ResultDocument;
  readonly column: ResultDocument['columns'][number];
}

/** Later documents are revisions of earlier ones: of equal windows the last counts, of several the last that drifted. */
async function newest(
  texts: AsyncIterable<string>,
  model: string,
  feature: string,
  window: number | undefined,
): Promise<Found | undefined> {
  const windows = new Map<string, Found>();
  for await (const text of texts) {
    const result = decodeResult(text);
    const column = result.columns.find(({ feature_name }) => feature_name === feature);
    if (result.model !== model || column === undefined) continue;
    if (window !== undefined && Date.parse(result.window_start_time) !== window) continue;
    windows.set(`${result.window_start_time} ${result.window_seconds}`, { result, column });
  }
  const all = [...windows.values()];
  const drifted = all.filter(({ column }) => column.state === 'drifted');
  return (drifted.length > 0 ? drifted : all).reduce<Found | undefined>(
    (last, one) => (last === undefined || isLater(one, last) ? one : last),
    undefined,
  );
}

/** Of windows that end together the shorter one says more precisely when. */
function isLater({ result: one }: Found, { result: other }: Found): boolean {
  const [end, otherEnd] = [Date.parse(one.window_end_time), Date.parse(other.window_end_time)];
  return end > otherEnd || (end === otherEnd && one.window_seconds < other.window_seconds);
}
