// `driftline compare`: two files of rows, as another product would judge them and as Driftline does, side by side.
import { Command, Option } from 'commander';
import { type PeerNumber, type PeerProduct, peerNumbers, peerProducts } from '../drift/compatibility.ts';
import { evaluateWindow } from '../drift/evaluate.ts';
import { type PreparedBaseline, prepareBaseline } from '../drift/prepared-baseline.ts';
import type { ColumnResult, DriftPolicy, WindowResult } from '../drift/result.ts';
import { Fault } from '../fault.ts';
import { systemClock } from '../io/clock.ts';
import type { EventFile } from '../io/files/event-file.ts';
import { openEvents } from '../io/files/formats.ts';
import { buildBaseline } from './baseline-build.ts';
import type { CliProcess } from './cli-process.ts';
import { readSide, type Side } from './compare-rows.ts';
import { type ColumnOptions, eventFileOptions, withColumnOptions } from './event-file-options.ts';
import { exitCodes } from './exit-code.ts';
import { writeJson } from './output.ts';
import { progressLine } from './progress.ts';
import { loadSettings, type SettingsOptions, withSettingsOptions } from './settings-option.ts';
import { type Cell, textTable } from './table.ts';

interface CompareFlags extends ColumnOptions, SettingsOptions {
  readonly as: PeerProduct;
  readonly all?: boolean;
  readonly json?: boolean;
}

/** `compare`. */
export function compareCommand(cli: CliProcess): Command {
  return withColumnOptions(withSettingsOptions(new Command('compare')))
    .description("another product's numbers for two files of rows, beside Driftline's")
    .argument('<reference>', 'reference rows: NDJSON (also .gz, .zst), CSV or Parquet')
    .argument('<current>', 'the rows to compare with them')
    .addOption(new Option('--as <product>', 'whose numbers').choices(peerProducts).makeOptionMandatory())
    .option('--model <name>', 'the model, where the files hold several or do not say')
    .option('--all', 'also the tests and methods that the product takes only when told to')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  driftline compare reference.csv january.csv --as evidently\n\n' +
        'Rows are held in memory. docs/migration.md says why the numbers differ.',
    )
    .action((reference: string, current: string, flags: CompareFlags) =>
      compareAction(reference, current, flags, cli),
    );
}

async function compareAction(
  reference: string,
  current: string,
  flags: CompareFlags,
  cli: CliProcess,
): Promise<void> {
  const { drift } = await loadSettings(flags, cli);
  const compared = await compareFiles(reference, current, flags, { ...drift, columns: new Map() }, cli);
  if (compared === undefined) {
    cli.setExitCode(exitCodes.failed);
    return;
  }
  if (flags.json === true) writeJson(cli, documentOf(compared, flags));
  else cli.stdout.write(tableOf(compared, flags));
}

interface Compared {
  readonly result: WindowResult;
  readonly referenceRows: number;
  /** What the product says of each column of the result. */
  readonly numbers: readonly (readonly PeerNumber[])[];
}

/** Undefined when the signal came. */
async function compareFiles(
  reference: string,
  current: string,
  flags: CompareFlags,
  policy: DriftPolicy,
  cli: CliProcess,
): Promise<Compared | undefined> {
  const files: EventFile[] = [];
  const progress = progressLine(cli, 'events');
  const started = systemClock.elapsed();
  const pass = {
    ...(flags.model === undefined ? {} : { model: flags.model }),
    signal: cli.signal,
    progressed: (_: number, events: number) =>
      progress.update(events, undefined, systemClock.elapsed() - started),
  };
  try {
    for (const path of [reference, current]) files.push(await openEvents(path, fileOptions(flags)));
    const [before, after] = files as [EventFile, EventFile];
    const builtBy = `driftline ${cli.version}`;
    const provenance = { source: reference, builtAt: new Date(systemClock.now()).toISOString(), builtBy };
    const built = await buildBaseline([before], { ...pass, provenance });
    if (built === undefined) return undefined;
    const baseline = prepareBaseline(built.baseline);
    const referenceSide = await readSide([before], built.baseline.schema, pass);
    const currentSide = await readSide([after], built.baseline.schema, pass);
    if (cli.signal.aborted) return undefined;
    if (currentSide.profile.rows === 0) throw nothingIn(current, currentSide);
    return {
      result: judged(baseline, currentSide, policy),
      referenceRows: referenceSide.profile.rows,
      numbers: referenceSide.columns.map((rows, i) => peerNumbers(flags.as, rows, currentSide.columns[i]!)),
    };
  } finally {
    progress.end();
    for (const file of files) file.close();
  }
}

/** Rows of a comparison need no time and no model. */
function fileOptions(flags: CompareFlags) {
  const columns = eventFileOptions(flags);
  const timestamp = flags.timestamp === undefined ? { timestamp: 0 } : {};
  return { ...columns, defaults: { model: 'model', ...timestamp, ...columns.defaults } };
}

function nothingIn(path: string, { pass }: Side): Fault {
  const reasons = [...pass.rejects].map(([reason, count]) => `${count} × ${reason}`);
  if (pass.passedOver > 0) reasons.push(`${pass.passedOver} of another model`);
  return new Fault(
    'INPUT_UNSUPPORTED',
    `${path}: no event could be read${reasons.length > 0 ? `: ${reasons.join(', ')}` : ''}`,
  );
}

function judged(baseline: PreparedBaseline, { profile }: Side, policy: DriftPolicy): WindowResult {
  const { schema } = baseline.baseline;
  return evaluateWindow({
    ...{ model: schema.model, segment: 'all', start: 0, end: 0, profile, schema, baseline, policy },
    versions: [],
  });
}

/** The measure that answers the same question, where it is defined for the column. */
function counterpartOf(column: ColumnResult, { counterpart }: PeerNumber) {
  const { score = null, noiseFloor = null, raw } = column.measures[counterpart] ?? {};
  return { measure: counterpart, score, noise_floor: noiseFloor, ...(raw === undefined ? {} : { raw }) };
}

function shown(numbers: readonly PeerNumber[], { all }: CompareFlags): readonly PeerNumber[] {
  return all === true ? numbers : numbers.filter(({ isDefault }) => isDefault);
}

function documentOf({ result, referenceRows, numbers }: Compared, flags: CompareFlags): object {
  return {
    as: flags.as,
    rows: { reference: referenceRows, current: result.rows },
    columns: result.columns.map((column, i) => ({
      feature_name: column.name,
      kind: column.kind,
      numbers: shown(numbers[i]!, flags).map((number) => ({
        statistic: number.statistic,
        value: number.value,
        threshold: number.threshold,
        drifted: number.drifted,
        driftline: counterpartOf(column, number),
      })),
      driftline: {
        measure: column.measure,
        score: column.score,
        threshold: column.threshold,
        state: column.state,
      },
    })),
  };
}

function tableOf({ result, numbers }: Compared, flags: CompareFlags): string {
  const headers = [
    'feature',
    flags.as,
    'value',
    'threshold',
    'drifted',
    'driftline',
    'score',
    'noise floor',
    'state',
  ];
  const rows = result.columns.flatMap((column, i) =>
    shown(numbers[i]!, flags).map((number): Cell[] => {
      const { measure, score, noise_floor: floor } = counterpartOf(column, number);
      return [
        ...[column.name, number.statistic, rounded(number.value), rounded(number.threshold)],
        number.drifted === null ? null : number.drifted ? 'yes' : 'no',
        ...[measure, rounded(score), rounded(floor)],
        column.state,
      ];
    }),
  );
  return textTable(headers, rows);
}

function rounded(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(3));
}
