// The table of rows that depend on each other: what the null of independent rows and the one of the baseline's chunks make of them.
import { type PreparedBaseline, prepareBaseline } from '../../src/drift/prepared-baseline.ts';
import type { ColumnResult } from '../../src/drift/result.ts';
import { type DependenceName, dependences, rowsOf } from '../drift/dependent-rows.ts';
import { normals } from '../drift/random.ts';
import { withoutChunks } from '../drift/reference-build.ts';
import { driftlineBaseline, driftlineResult } from './rules/driftline.ts';
import { randomFor } from './study-draws.ts';
import { type Cell, type Column, percent, type Table } from './study-table.ts';

const baselineRows = 50_000;
const baselines = 10;
const shift = 0.4;

const names: Readonly<Record<DependenceName, string>> = {
  independent: 'independent rows',
  entity: 'each value five times',
  autoregressive: 'autocorrelation 0.9',
};

/** What is counted of windows, drifted or not. */
interface Tally {
  aboveFloor: number;
  drifted: number;
}

function count(tally: Tally, { score, noiseFloor, state }: ColumnResult): void {
  if (score! > noiseFloor!) tally.aboveFloor += 1;
  if (state === 'drifted') tally.drifted += 1;
}

const emptyTally = (): Tally => ({ aboveFloor: 0, drifted: 0 });

function cellsOf(dependence: DependenceName, rows: number, windows: number): Cell[] {
  const random = randomFor(`dependence ${dependence} ${rows}`);
  const quiet = { free: emptyTally(), calibrated: emptyTally() };
  const shifted = { free: emptyTally(), calibrated: emptyTally() };
  let effective = 0;
  for (let b = 0; b < baselines; b++) {
    const next = rowsOf(dependence, normals(random));
    const draw = (size: number, by = 0) => Float64Array.from({ length: size }, () => next() + by);
    const calibrated = driftlineBaseline(new Map([['x', draw(baselineRows)]]));
    const free = prepareBaseline(withoutChunks(calibrated.baseline));
    const judge = (baseline: PreparedBaseline, window: Float64Array) =>
      driftlineResult(baseline, [window]).columns[0]!;
    for (let w = 0; w < windows / baselines; w++) {
      const [same, moved] = [draw(rows), draw(rows, shift)];
      const column = judge(calibrated, same);
      effective += column.nEffective / rows / windows;
      count(quiet.calibrated, column);
      count(quiet.free, judge(free, same));
      count(shifted.calibrated, judge(calibrated, moved));
      count(shifted.free, judge(free, moved));
    }
  }
  const cell = (label: string, id: string, value: number): Cell => ({
    ...{ group: names[dependence], label, id: `${dependence}_${id}`, value, trials: windows },
  });
  const share = (of: number) => of / windows;
  return [
    cell(
      'above the noise floor without drift, rows as independent',
      'floor_free',
      share(quiet.free.aboveFloor),
    ),
    cell('above the noise floor without drift, calibrated', 'floor', share(quiet.calibrated.aboveFloor)),
    cell('drifted without drift, rows as independent', 'alarm_free', share(quiet.free.drifted)),
    cell('drifted without drift, calibrated', 'alarm', share(quiet.calibrated.drifted)),
    cell('drifted after 0.4 sd, rows as independent', 'power_free', share(shifted.free.drifted)),
    cell('drifted after 0.4 sd, calibrated', 'power', share(shifted.calibrated.drifted)),
    cell('`n_effective` of the rows', 'effective', effective),
  ];
}

function dependenceColumn(rows: number): Column {
  const windows = rows > 1_000 ? 1_000 : 2_000;
  return {
    label: rows.toLocaleString('en-US'),
    isQuick: rows === 300,
    compute: () => dependences.flatMap((dependence) => cellsOf(dependence, rows, windows)),
  };
}

const dependence: Table = {
  id: 'dependence',
  heading: ['rows', 'windows \\ rows a window'],
  columns: [300, 1_000, 5_000].map(dependenceColumn),
  format: percent,
};

export const dependenceTables: readonly Table[] = [dependence];
