// How often the sequential detector is wrong, how soon it is right, and what it costs: node test/calibrate/sequential.ts
import { performance } from 'node:perf_hooks';
import { advanceDetector, type DetectorState, prepareDetector } from '../../src/drift/e-detector.ts';
import { rejectedByEBenjaminiHochberg } from '../../src/stats/e-values.ts';
import { movedShares, sampler } from '../drift/detector-draws.ts';
import { uniform } from '../drift/random.ts';

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

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function describe({ baselineRows, rows, columns, windows, runs, tolerance = 0.1 }: Scenario): string {
  return `baseline ${baselineRows}, ${rows} rows a window, ${columns} columns, tolerance ${tolerance}, ${windows} windows, ${runs} runs`;
}

function falseAlarms(scenario: Scenario): void {
  const alarms = delays(scenario, movedShares(0), 0).filter(Number.isFinite).length;
  say(
    `${describe(scenario)}: ${alarms} runs with a false alarm (${((100 * alarms) / scenario.runs).toFixed(1)} %)`,
  );
}

function power(scenario: Scenario, name: string, shares: readonly number[]): void {
  const sorted = delays(scenario, shares, quietBefore);
  const at = (part: number) => sorted[Math.ceil(part * sorted.length) - 1];
  const within = (sorted.filter((windows) => windows <= 3).length * 100) / sorted.length;
  say(
    `${describe(scenario)}: ${name}: median ${at(0.5)}, 95 % ${at(0.95)}, most ${sorted.at(-1)}; within 3: ${within.toFixed(1)} %`,
  );
}

function cost(): void {
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
  say(`one window of one column: ${Math.min(...rounds).toFixed(2)} µs (${state!.past.length} bins)`);
}

say(`seed ${seed}; a normal column in ten bins, missing and unseen; alarm ${level}\n\nNo drift`);
const standard = { baselineRows: 100_000, rows: 1000, columns: 1, windows: 200, runs: 500 };
falseAlarms(standard);
falseAlarms({ ...standard, rows: 100 });
falseAlarms({ ...standard, tolerance: 0 });
falseAlarms({ ...standard, columns: 50, runs: 20 });
falseAlarms({ ...standard, baselineRows: 10_000, rows: 10_000, runs: 100 });
falseAlarms({ ...standard, baselineRows: 10_000, rows: 10_000, runs: 100, tolerance: 0 });
falseAlarms({ ...standard, baselineRows: 10_000, rows: 100_000, runs: 20 });

say(`\nDrift after ${quietBefore} quiet windows: windows until the alarm`);
const drifting = { ...standard, runs: 300 };
for (const shift of [0.1, 0.15, 0.2, 0.25, 0.3, 0.4]) power(drifting, `${shift} sd`, movedShares(shift));
power({ ...drifting, columns: 50, runs: 40 }, '0.3 sd of one column', movedShares(0.3));
power({ ...drifting, baselineRows: 10_000 }, '0.3 sd', movedShares(0.3));
power({ ...drifting, rows: 10_000, runs: 50 }, '0.2 sd', movedShares(0.2));
const tolerated = movedShares(0).map((share, i) => share * (i % 2 === 0 ? 1.1 : 0.9));
power(drifting, 'every share 10 % up or down, as tolerated', tolerated);
power(drifting, 'nulls from 0 to 2 %', movedShares(0, 0.02));

say('\nCost');
cost();
