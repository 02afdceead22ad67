// The tables in which Driftline's defaults stand beside the rules of others: false alarms, sensitivity, outliers, seasons.
import { driftlineDefault, driftlineShuffled } from './rules/driftline.ts';
import { type Sample, sampleOf } from './rules/rule.ts';
import { normalScores, normals, randomFor, shuffled, uniformCounts } from './study-draws.ts';
import { categoryRules, numericRules, vendorRules } from './study-rules.ts';
import { type Cell, type Column, percent, plain, type Table } from './study-table.ts';

export const baselineRows = 10_000;

/** Bins that follow the extremes make the rate depend on the baseline: many baselines, not one. */
const baselines = 20;

function cellOf(
  { vendor, label, id }: { readonly vendor: string; readonly label: string; readonly id: string },
  value: number | null,
  trials?: number,
): Cell {
  return { group: vendor, label, id, value, ...(trials === undefined ? {} : { trials }) };
}

export interface Trials {
  readonly baselines: number;
  readonly windowsPerBaseline: number;
}

/** A rule for whatever the columns are drawn as. */
interface AnyRule<Drawn> {
  readonly id: string;
  readonly vendor: string;
  readonly label: string;
  readonly prepare: (baseline: Drawn, windowRows: number) => ((window: Drawn) => boolean) | undefined;
}

export interface Experiment<Drawn> {
  /** Names the seed. */
  readonly name: string;
  /** Rows of a window. */
  readonly rows: number;
  readonly trials: Trials;
  readonly drawBaseline: (random: () => number) => Drawn;
  readonly drawWindow: (random: () => number) => Drawn;
}

/**
 * How many windows of each baseline every rule flags, rule by rule; null where it makes no statement. All rules see the
 * same baselines and windows.
 */
export function flaggedByBaseline<Drawn>(
  rules: readonly AnyRule<Drawn>[],
  { name, rows, trials, drawBaseline, drawWindow }: Experiment<Drawn>,
): (number[] | null)[] {
  const random = randomFor(name);
  const flagged = rules.map((): number[] | null => []);
  for (let b = 0; b < trials.baselines; b++) {
    const baseline = drawBaseline(random);
    const flags = rules.map((rule) => rule.prepare(baseline, rows));
    flags.forEach((flag, r) => {
      if (flag === undefined) flagged[r] = null;
      else flagged[r]!.push(0);
    });
    for (let w = 0; w < trials.windowsPerBaseline; w++) {
      const window = drawWindow(random);
      flags.forEach((flag, r) => {
        if (flag?.(window)) flagged[r]![b]! += 1;
      });
    }
  }
  return flagged;
}

/** The share of windows that each rule flags. */
export function flaggedShares<Drawn>(
  rules: readonly AnyRule<Drawn>[],
  experiment: Experiment<Drawn>,
): readonly Cell[] {
  const trials = experiment.trials.baselines * experiment.trials.windowsPerBaseline;
  return flaggedByBaseline(rules, experiment).map((counts, r) =>
    counts === null
      ? cellOf(rules[r]!, null)
      : cellOf(rules[r]!, counts.reduce((sum, count) => sum + count, 0) / trials, trials),
  );
}

/** Undrifted windows of a standard normal column. */
export function undrifted(name: string, rows: number, trials: Trials): Experiment<Sample> {
  return {
    name,
    rows,
    trials,
    drawBaseline: (random) => sampleOf(normals(baselineRows, random)),
    drawWindow: (random) => sampleOf(normals(rows, random)),
  };
}

/** Undrifted windows of a column of equally likely categories. */
export function undriftedCategories(
  name: string,
  categories: number,
  rows: number,
  trials: Trials,
): Experiment<Float64Array> {
  return {
    name,
    rows,
    trials,
    drawBaseline: (random) => uniformCounts(categories, baselineRows, random),
    drawWindow: (random) => uniformCounts(categories, rows, random),
  };
}

function windowsFor(rows: number): Trials {
  return { baselines, windowsPerBaseline: rows <= 1_000 ? 200 : rows <= 5_000 ? 100 : 50 };
}

function falseAlarmColumn(rows: number): Column {
  return {
    label: rows.toLocaleString('en-US'),
    isQuick: rows <= 300,
    compute: () => flaggedShares(numericRules, undrifted(`false alarms ${rows}`, rows, windowsFor(rows))),
  };
}

const falseAlarms: Table = {
  id: 'false alarms',
  heading: ['', 'rule \\ rows a window'],
  columns: [100, 300, 1_000, 5_000, 10_000].map(falseAlarmColumn),
  format: percent,
};

function categoryColumn(categories: number, rows: number): Column {
  const name = `categories ${categories} ${rows}`;
  return {
    label: `${categories} × ${rows.toLocaleString('en-US')}`,
    isQuick: categories === 10 && rows === 100,
    compute: () =>
      flaggedShares(categoryRules, undriftedCategories(name, categories, rows, windowsFor(rows))),
  };
}

const falseAlarmsOfCategories: Table = {
  id: 'false alarms of categories',
  heading: ['', 'rule \\ categories × rows'],
  columns: [10, 50].flatMap((categories) =>
    [100, 300, 1_000].map((rows) => categoryColumn(categories, rows)),
  ),
  format: percent,
};

const greatestShift = 4;

/** The least multiple of 0.01 sd that is flagged, first looked for in steps of a tenth; null where nothing up to 4 sd is. */
function smallestShift(flag: (window: Sample) => boolean, scores: Float64Array): number | null {
  const isFlagged = (hundredths: number) => flag(sampleOf(scores.map((score) => score + hundredths / 100)));
  for (let coarse = 0; coarse <= 100 * greatestShift; coarse += 10) {
    if (!isFlagged(coarse)) continue;
    for (let fine = Math.max(0, coarse - 9); fine < coarse; fine++) if (isFlagged(fine)) return fine / 100;
    return coarse / 100;
  }
  return null;
}

function shiftColumn(rows: number): Column {
  const compute = () => {
    const baseline = sampleOf(shuffled(normalScores(baselineRows), randomFor(`shift ${rows}`)));
    const scores = normalScores(rows);
    return numericRules.map((rule) => {
      const flag = rule.prepare(baseline, rows);
      return cellOf(rule, flag === undefined ? null : smallestShift(flag, scores));
    });
  };
  return { label: rows.toLocaleString('en-US'), isQuick: rows === 300, compute };
}

const smallestShifts: Table = {
  id: 'smallest shift',
  heading: ['', 'rule \\ rows a window'],
  columns: [300, 1_000, 10_000].map(shiftColumn),
  format: plain,
};

function outlierColumn(rows: number, hasOutlier: boolean): Column {
  const trials = { baselines, windowsPerBaseline: 20 };
  return {
    label: `${rows.toLocaleString('en-US')}${hasOutlier ? ', one value 1000' : ''}`,
    isQuick: rows === 1_000,
    compute: () =>
      flaggedShares(numericRules, {
        // The same name with and without: the windows differ in the outlier alone.
        ...undrifted(`outlier ${rows}`, rows, trials),
        drawWindow: (random) => {
          const values = normals(rows, random, 0.5);
          if (hasOutlier) values[rows >> 1] = 1_000;
          return sampleOf(values);
        },
      }),
  };
}

const outliers: Table = {
  id: 'outlier',
  heading: ['', 'rule \\ rows a window'],
  columns: [1_000, 5_000].flatMap((rows) => [outlierColumn(rows, false), outlierColumn(rows, true)]),
  format: percent,
};

const hours = 24;
const rowsPerHour = 1_000;
const baselineDays = 7;
const watchedDays = 10;

function day(random: () => number, shift = 0): Float64Array[] {
  return Array.from({ length: hours }, (_, hour) =>
    normals(rowsPerHour, random, Math.sin((2 * Math.PI * hour) / hours) + shift),
  );
}

function joined(parts: readonly Float64Array[]): Float64Array {
  return Float64Array.from(parts.flatMap((part) => Array.from(part)));
}

/** The baseline is whole days in their order; the days after them are like them, or shifted. */
function seasonColumn(label: string, span: 'hour' | 'day', shift: number): Column {
  const compute = () => {
    const random = randomFor(`season ${span} ${shift}`);
    const baseline = sampleOf(joined(Array.from({ length: baselineDays }, () => day(random)).flat()));
    const windows = Array.from({ length: watchedDays }, () => day(random, shift)).flatMap((hourly) =>
      (span === 'hour' ? hourly : [joined(hourly)]).map(sampleOf),
    );
    return [driftlineDefault, driftlineShuffled, ...vendorRules].map((rule) => {
      const flag = rule.prepare(baseline, windows[0]!.values.length);
      if (flag === undefined) return cellOf(rule, null);
      return cellOf(rule, windows.filter(flag).length / windows.length, windows.length);
    });
  };
  return { label, isQuick: span === 'hour' && shift === 0, compute };
}

const season: Table = {
  id: 'season',
  heading: ['', 'rule \\ windows'],
  columns: [
    seasonColumn('hours', 'hour', 0),
    seasonColumn('hours, all shifted by 0.5 sd', 'hour', 0.5),
    seasonColumn('days', 'day', 0),
    seasonColumn('days, all shifted by 0.5 sd', 'day', 0.5),
  ],
  format: percent,
};

export const vendorTables: readonly Table[] = [
  falseAlarms,
  falseAlarmsOfCategories,
  smallestShifts,
  outliers,
  season,
];
