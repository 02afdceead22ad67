// `driftline policy test`: what another policy would have told, on the results of the past.
import { Command } from 'commander';
import type { Transition } from '../alert/incident.ts';
import { readBaselines, readResults, rehearsed } from '../app/rehearsal.ts';
import { Fault } from '../fault.ts';
import type { EventFile } from '../io/files/event-file.ts';
import { openEvents } from '../io/files/formats.ts';
import type { CliProcess } from './cli-process.ts';
import { writeJsonLine } from './output.ts';
import { loadSettings, type SettingsOptions, withSettingsOptions } from './settings-option.ts';
import { textTable } from './table.ts';

interface TestFlags extends SettingsOptions {
  readonly json?: boolean;
}

/** What one policy alone tells, or both. */
type Told = 'both' | 'before' | 'after';

interface Row {
  readonly told: Told;
  readonly transition: Transition;
}

/** `policy test`. */
export function policyCommand(cli: CliProcess): Command {
  const test = withSettingsOptions(new Command('test'))
    .description('show which alerts and recommendations a policy would have sent on results of the past')
    .argument(
      '<files...>',
      'result documents: NDJSON (also .gz, .zst), such as `replay --out` and the results topic hold',
    )
    .option('--json', 'print one JSON document a line instead of the table')
    .addHelpText(
      'after',
      '\nWithout --set it shows what the configured policy tells. With --set it compares: + is told only with the changes, - only\n' +
        'without them.\n\nExamples:\n  driftline policy test out/results.ndjson -c driftline.yaml\n' +
        '  driftline policy test out/results.ndjson -c driftline.yaml --set retrain.drifted_features=5 --set alerts.raise.windows=4',
    )
    .action((paths: string[], flags: TestFlags) => testAction(paths, flags, cli));
  return new Command('policy').description('try policies of alerts and retraining').addCommand(test);
}

async function testAction(paths: readonly string[], flags: TestFlags, cli: CliProcess): Promise<void> {
  const { set: _, ...asConfigured } = flags;
  const [before, after] = [await loadSettings(asConfigured, cli), await loadSettings(flags, cli)];
  const files: EventFile[] = [];
  for (const path of paths) files.push(await openEvents(path, {}));
  const windows = await readResults(files);
  if (windows.length === 0) throw new Fault('USAGE', 'the files hold no results');
  const baselines = await readBaselines(after);
  const rows = compared(rehearsed(windows, before, baselines), rehearsed(windows, after, baselines));
  if (flags.json === true) {
    for (const row of rows) writeJsonLine(cli, documentOf(row));
    return;
  }
  cli.stdout.write(rows.length === 0 ? 'Nothing would have been told.\n' : tableOf(rows));
}

/** In order of model, then time; what both tell stands once. */
function compared(before: readonly Transition[], after: readonly Transition[]): readonly Row[] {
  const [old, fresh] = [new Map(before.map(named)), new Map(after.map(named))];
  const rows: Row[] = [
    ...before.map((transition) => ({
      told: fresh.has(named(transition)[0]) ? ('both' as const) : ('before' as const),
      transition,
    })),
    ...after
      .filter((transition) => !old.has(named(transition)[0]))
      .map((transition) => ({ told: 'after' as const, transition })),
  ];
  return rows.sort(
    ({ transition: a }, { transition: b }) =>
      (a.model === b.model ? 0 : a.model < b.model ? -1 : 1) || a.window.end - b.window.end,
  );
}

function named(transition: Transition): [string, Transition] {
  const { model, segment, type, window, severity, columns, grounds } = transition;
  return [JSON.stringify([model, segment, type, window, severity, columns, grounds]), transition];
}

const marks: Readonly<Record<Told, string>> = { both: '', before: '-', after: '+' };

function tableOf(rows: readonly Row[]): string {
  return textTable(
    ['', 'window ends', 'model', 'told', 'why'],
    rows.map(({ told, transition }) => [
      marks[told],
      new Date(transition.window.end).toISOString(),
      transition.model,
      transition.type,
      whyOf(transition),
    ]),
  );
}

function whyOf({ grounds, columns, severity }: Transition): string {
  if (grounds === undefined) return `${severity}: ${columns.join(', ')}`;
  const gates = grounds.gates.length === 0 ? '' : `; kept back by ${grounds.gates.join(', ')}`;
  return `${grounds.triggers.join(', ')}${gates}`;
}

function documentOf({ told, transition }: Row) {
  const { model, segment, type, window, severity, columns, grounds } = transition;
  return {
    ...{ told, model, segment, type, severity, columns },
    window_start_time: new Date(window.start).toISOString(),
    window_end_time: new Date(window.end).toISOString(),
    ...(grounds === undefined ? {} : { triggers: grounds.triggers, gates: grounds.gates }),
  };
}
