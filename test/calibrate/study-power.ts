// The tables of what Driftline's defaults find: in one window, within five, and which change is the least for a size.
import { advance } from '../../src/alert/history.ts';
import type { IncidentHistory } from '../../src/alert/incident.ts';
import type { PreparedBaseline } from '../../src/drift/prepared-baseline.ts';
import {
  type ColumnValues,
  categoryName,
  defaults,
  driftlineBaseline,
  driftlineResult,
} from './rules/driftline.ts';
import { normals, randomFor } from './study-draws.ts';
import { type Cell, type Column, percent, type Table } from './study-table.ts';
import { baselineRows } from './study-vendors.ts';

const categories = 10;
const windowsToRaise = 5;
const hourMs = 3_600_000;

/** What an undrifted row is made of, so that the same rows can be changed by more or less. */
interface Draw {
  readonly normal: Float64Array;
  readonly uniform: Float64Array;
}

interface Change {
  readonly id: string;
  readonly label: string;
  /** The rows after a change of this size; 0 is no change. */
  readonly rows: (draw: Draw, size: number) => ColumnValues;
}

const shift: Change = {
  id: 'shift',
  label: 'shift of the mean',
  rows: ({ normal }, size) => normal.map((value) => value + size),
};

const widening: Change = {
  id: 'widening',
  label: 'standard deviation × (1 + …)',
  rows: ({ normal }, size) => normal.map((value) => value * (1 + size)),
};

const newCategory: Change = {
  id: 'new_category',
  label: 'share of a new category',
  rows: ({ uniform }, size) =>
    Array.from(uniform, (u) =>
      u < size ? 'new' : categoryName(Math.floor((categories * (u - size)) / (1 - size))),
    ),
};

const nulls: Change = {
  id: 'nulls',
  label: 'share of nulls, none before',
  rows: ({ normal, uniform }, size) => Array.from(normal, (value, i) => (uniform[i]! < size ? null : value)),
};

function draw(count: number, random: () => number): Draw {
  return { normal: normals(count, random), uniform: Float64Array.from({ length: count }, () => random()) };
}

function isDrifted(baseline: PreparedBaseline, rows: ColumnValues): boolean {
  return driftlineResult(baseline, [rows]).driftedColumns > 0;
}

const cases: readonly { readonly change: Change; readonly size: number; readonly label: string }[] = [
  ...[0.1, 0.2, 0.3, 0.4, 0.5].map((size) => ({ change: shift, size, label: `mean shifted by ${size} sd` })),
  ...[0.02, 0.05, 0.1].map((size) => ({
    change: newCategory,
    size,
    label: `new category, ${100 * size} %`,
  })),
  ...[0.02, 0.05, 0.1].map((size) => ({ change: nulls, size, label: `nulls from 0 to ${100 * size} %` })),
];

const powerBaselines = 10;

/** The share of drifted windows, and of runs of five windows in which an incident is raised. */
function power({ rows: changed, id }: Change, size: number, rows: number, runs: number) {
  const random = randomFor(`power ${id} ${size} ${rows}`);
  let drifted = 0;
  let raised = 0;
  for (let b = 0; b < powerBaselines; b++) {
    const baseline = driftlineBaseline(new Map([['x', changed(draw(baselineRows, random), 0)]]));
    for (let run = 0; run < runs / powerBaselines; run++) {
      let history: IncidentHistory | undefined;
      let isRaised = false;
      for (let window = 0; window < windowsToRaise; window++) {
        const result = driftlineResult(baseline, [changed(draw(rows, random), size)]);
        drifted += result.driftedColumns;
        const dated = { ...result, start: window * hourMs, end: (window + 1) * hourMs };
        const advanced = advance(history, dated, defaults.alerts);
        history = advanced.history;
        isRaised ||= advanced.transitions.some(({ type }) => type === 'drift.raised');
      }
      if (isRaised) raised += 1;
    }
  }
  return { drifted: drifted / (runs * windowsToRaise), raised: raised / runs };
}

function powerColumn(rows: number): Column {
  const runs = rows > 1_000 ? 100 : 200;
  const compute = () =>
    cases.flatMap(({ change, size, label }): Cell[] => {
      const { drifted, raised } = power(change, size, rows, runs);
      const id = `${change.id}_${size}`;
      return [
        { group: label, label: 'window drifted', id, value: drifted, trials: runs * windowsToRaise },
        { group: label, label: 'raised within 5 windows', id: `${id}_raised`, value: raised, trials: runs },
      ];
    });
  return { label: rows.toLocaleString('en-US'), isQuick: rows === 300, compute };
}

const powers: Table = {
  id: 'power',
  heading: ['change', 'what \\ rows a window'],
  columns: [300, 1_000, 5_000].map(powerColumn),
  format: percent,
};

const bisections = 9;

/** The least size of a change that makes these rows drifted, among those of the same rows changed more and more. */
function leastSize(
  baseline: PreparedBaseline,
  { rows: changed }: Change,
  drawn: Draw,
  greatest: number,
): number {
  let low = 0;
  let high = greatest;
  for (let step = 0; step < bisections; step++) {
    const middle = (low + high) / 2;
    if (isDrifted(baseline, changed(drawn, middle))) high = middle;
    else low = middle;
  }
  return high;
}

const detectable: readonly { readonly change: Change; readonly greatest: number }[] = [
  { change: shift, greatest: 1.5 },
  { change: widening, greatest: 1.5 },
  { change: newCategory, greatest: 0.4 },
  { change: nulls, greatest: 0.4 },
];

const detectionTrials = 100;

function detectableColumn(rows: number): Column {
  const compute = () =>
    detectable.flatMap(({ change, greatest }): Cell[] => {
      const random = randomFor(`detectable ${change.id} ${rows}`);
      const sizes: number[] = [];
      for (let b = 0; b < powerBaselines; b++) {
        const baseline = driftlineBaseline(new Map([['x', change.rows(draw(baselineRows, random), 0)]]));
        for (let trial = 0; trial < detectionTrials / powerBaselines; trial++)
          sizes.push(leastSize(baseline, change, draw(rows, random), greatest));
      }
      sizes.sort((a, b) => a - b);
      return [0.5, 0.95].map((share) => ({
        group: change.label,
        label: `in ${100 * share} % of the windows`,
        id: `${change.id}_${share}`,
        value: sizes[Math.ceil(share * detectionTrials) - 1]!,
        trials: detectionTrials,
      }));
    });
  return { label: rows.toLocaleString('en-US'), isQuick: rows === 300, compute };
}

const smallestDetectable: Table = {
  id: 'detectable',
  heading: ['change', 'found \\ rows a window'],
  columns: [300, 500, 1_000, 2_000, 5_000, 10_000].map(detectableColumn),
  format: (value) => value.toFixed(3),
};

export const powerTables: readonly Table[] = [smallestDetectable, powers];
