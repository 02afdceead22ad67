// `npm run calibrate:sequential`: how often the sequential detector is wrong, how soon it is right, and what it costs. Writes the
// tables of docs/statistics.md; `--json` prints everything as one object on the last line. Fails when it is wrong too often, or
// too late, for a baseline of 100,000 rows and windows of 1,000.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { withBlock } from '../../config/reference-pages.ts';
import { advanceDetector, type DetectorState, prepareDetector } from '../../src/drift/e-detector.ts';
import { rejectedByEBenjaminiHochberg } from '../../src/stats/e-values.ts';
import { movedShares, sampler } from '../drift/detector-draws.ts';
import { uniform } from '../drift/random.ts';
import { percent } from './study-table.ts';

const seed = 20_261_123;
const random = uniform(seed);
const level = 1000;
const quietBefore = 20;

interface Scenario {
  readonly baselineRows: number;
  readonly rows: number;
  readonly columns: number;
  readonly runs: number;
  readonly windows: number;
  readonly tolerance?: number;
}

/** Windows until the first alarm of any column by e-BH; only the first column has these shares. Infinity: none. */
function delay(scenario: Scenario, shares: readonly number[], quiet: number): number {
  const { baselineRows, rows, columns, windows, tolerance = 0.1 } = scenario;
  const usual = sampler(movedShares(0));
  const draw = sampler(shares);
  const options = { decay: 0.5, ceiling: level * columns };
  const references = Array.from({ length: columns }, () =>
    prepareDetector(usual(baselineRows, random), tolerance),
  );
  const states: (DetectorState | undefined)[] = references.map(() => undefined);
  for (let window = 1 - quiet; window <= windows; window++) {
    references.forEach((reference, i) => {
      const counts = i === 0 && window > 0 ? draw(rows, random) : usual(rows, random);
      states[i] = advanceDetector(states[i], counts, reference, options).state;
    });
    const alarms = rejectedByEBenjaminiHochberg(
      states.map((state) => state!.logEvidence),
      level,
    );
    if (window > 0 && alarms.includes(true)) return window;
  }
  return Infinity;
}

function delays(scenario: Scenario, shares: readonly number[], quiet: number): number[] {
  return Array.from({ length: scenario.runs }, () => delay(scenario, shares, quiet)).sort((a, b) => a - b);
}

/** A line of the tables: what was watched, and how it went. */
interface Line extends Required<Scenario> {
  readonly change: string;
  readonly measured: Readonly<Record<string, number>>;
  readonly met: boolean;
}

/** At most this share of runs may alarm without drift, and this share has to alarm within three windows of 0.3 sd. */
const falseShareMax = 0.02;
const foundShareMin = 0.95;

function falseAlarms(scenario: Scenario, isAccepted = false): Line {
  const alarms = delays(scenario, movedShares(0), 0).filter(Number.isFinite).length;
  const share = alarms / scenario.runs;
  return {
    ...{ tolerance: 0.1, ...scenario, change: 'none', measured: { false_alarms: share } },
    met: !isAccepted || share <= falseShareMax,
  };
}

function power(scenario: Scenario, change: string, shares: readonly number[], isAccepted = false): Line {
  const sorted = delays(scenario, shares, quietBefore);
  const at = (part: number) => sorted[Math.ceil(part * sorted.length) - 1]!;
  const within3 = sorted.filter((windows) => windows <= 3).length / sorted.length;
  return {
    ...{ tolerance: 0.1, ...scenario, change },
    measured: { within_3: within3, median: at(0.5), most_of_95_percent: at(0.95), most: sorted.at(-1)! },
    met: !isAccepted || within3 >= foundShareMin,
  };
}

/** Microseconds for one window of one column, of 1,000 rows in twelve bins. */
function cost(): number {
  const usual = sampler(movedShares(0));
  const reference = prepareDetector(usual(100_000, random), 0.1);
  const windows = Array.from({ length: 64 }, () => usual(1000, random));
  let state: DetectorState | undefined;
  const calls = 100_000;
  const rounds = [1, 2, 3].map(() => {
    const start = performance.now();
    for (let i = 0; i < calls; i++)
      state = advanceDetector(state, windows[i % 64]!, reference, { decay: 0.5, ceiling: level }).state;
    return (1000 * (performance.now() - start)) / calls;
  });
  return Number(Math.min(...rounds).toFixed(2));
}

const standard = { baselineRows: 100_000, rows: 1000, columns: 1, windows: 200, runs: 500 };
const quiet = [
  falseAlarms(standard, true),
  falseAlarms({ ...standard, rows: 100 }),
  falseAlarms({ ...standard, tolerance: 0 }),
  falseAlarms({ ...standard, columns: 50, runs: 20 }),
  falseAlarms({ ...standard, baselineRows: 10_000, rows: 10_000, runs: 100 }),
  falseAlarms({ ...standard, baselineRows: 10_000, rows: 10_000, runs: 100, tolerance: 0 }),
  falseAlarms({ ...standard, baselineRows: 10_000, rows: 100_000, runs: 20 }),
];

const drifting = { ...standard, runs: 300 };
const tolerated = movedShares(0).map((share, i) => share * (i % 2 === 0 ? 1.1 : 0.9));
const found = [
  ...[0.1, 0.15, 0.2, 0.25, 0.3, 0.4].map((shift) =>
    power(drifting, `shift of ${shift} sd`, movedShares(shift), shift === 0.3),
  ),
  power({ ...drifting, columns: 50, runs: 40 }, 'shift of 0.3 sd of one column', movedShares(0.3)),
  power({ ...drifting, baselineRows: 10_000 }, 'shift of 0.3 sd', movedShares(0.3)),
  power({ ...drifting, rows: 10_000, runs: 50 }, 'shift of 0.2 sd', movedShares(0.2)),
  power(drifting, 'every share 10 % up or down, as tolerated', tolerated),
  power(drifting, 'nulls from 0 to 2 %', movedShares(0, 0.02)),
];

function table(
  header: readonly string[],
  lines: readonly Line[],
  cells: (line: Line) => readonly string[],
): string {
  const count = (value: number) => value.toLocaleString('en-US');
  const rows = lines.map((line) => [
    ...[line.baselineRows, line.rows, line.columns].map(count),
    ...[String(line.tolerance), count(line.runs), ...cells(line)],
  ]);
  const shared = ['rows of the baseline', 'rows a window', 'columns', 'tolerance', 'runs'];
  return [[...shared, ...header], [...shared, ...header].map(() => '---:'), ...rows]
    .map((line) => `| ${line.join(' | ')} |\n`)
    .join('');
}

const windowsText = (windows: number) => (Number.isFinite(windows) ? String(windows) : 'none');
const quietTable = table(['runs with a false alarm in 200 windows'], quiet, ({ measured }) => [
  percent(measured.false_alarms!),
]);
const foundTable = table(
  ['change', 'within 3 windows', 'median', '95 %', 'last'],
  found,
  ({ change, measured: { within_3: within3, median, most_of_95_percent: most95, most } }) => [
    ...[change, percent(within3!)],
    ...[median!, most95!, most!].map(windowsText),
  ],
);

const pagePath = join(import.meta.dirname, '../../docs/statistics.md');
const page = readFileSync(pagePath, 'utf8');
writeFileSync(
  pagePath,
  withBlock(withBlock(page, 'sequential quiet', quietTable), 'sequential power', foundTable),
);
const microseconds = cost();
console.log(`${quietTable}\n${foundTable}\none window of one column: ${microseconds} µs`);
const lines = [...quiet, ...found];
if (process.argv.includes('--json')) {
  // JSON has no infinity: a run that never alarmed is null.
  console.log(JSON.stringify({ seed, alarm: level, microseconds, lines }));
}
if (lines.some(({ met }) => !met)) process.exitCode = 1;
