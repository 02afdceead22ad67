// The tables of models with many features: how many alarms a day brings when nothing has drifted.
import { advance } from '../../src/alert/history.ts';
import type { IncidentHistory } from '../../src/alert/incident.ts';
import { logGamma } from '../../src/stats/gamma.ts';
import { defaults, driftlineBaseline, driftlineDefault, driftlineResult } from './rules/driftline.ts';
import { normals, randomFor } from './study-draws.ts';
import { vendorRules } from './study-rules.ts';
import { type Cell, type Column, percent, plain, type Table } from './study-table.ts';
import { baselineRows, flaggedShares, undrifted } from './study-vendors.ts';

const windowsPerDay = 24;
const days = 10;
const hourMs = 3_600_000;

/** Each rule's rate on one feature, Driftline's first: expected numbers of alarms are proportional to it. */
const rates = new Map<number, readonly Cell[]>();

function ratesAt(rows: number): readonly Cell[] {
  let known = rates.get(rows);
  if (known === undefined) {
    const trials = { baselines: 20, windowsPerBaseline: 200 };
    known = flaggedShares([driftlineDefault, ...vendorRules], undrifted(`rates ${rows}`, rows, trials));
    rates.set(rows, known);
  }
  return known;
}

interface Alarms {
  /** Verdicts `drifted` and incidents raised per day. */
  readonly verdicts: number;
  readonly incidents: number;
}

/** A model of undrifted features through verdicts, correction over its features, votes and incidents. */
function driftlineAlarms(features: number, rows: number): Alarms {
  const random = randomFor(`alarms ${features} ${rows}`);
  const names = Array.from({ length: features }, (_, i) => `feature ${String(i).padStart(3, '0')}`);
  const baseline = driftlineBaseline(new Map(names.map((name) => [name, normals(baselineRows, random)])));
  let history: IncidentHistory | undefined;
  let verdicts = 0;
  let incidents = 0;
  for (let window = 0; window < days * windowsPerDay; window++) {
    const result = driftlineResult(
      baseline,
      names.map(() => normals(rows, random)),
    );
    verdicts += result.driftedColumns;
    const dated = { ...result, start: window * hourMs, end: (window + 1) * hourMs };
    const advanced = advance(history, dated, defaults.alerts);
    history = advanced.history;
    incidents += advanced.transitions.filter(({ type }) => type === 'drift.raised').length;
  }
  return { verdicts: verdicts / days, incidents: incidents / days };
}

function alarmColumn(rows: number, features: number): Column {
  const compute = () => {
    const { verdicts, incidents } = driftlineAlarms(features, rows);
    const trials = days * windowsPerDay * features;
    return [
      { group: 'Driftline', label: 'verdicts `drifted`', id: 'driftline', value: verdicts, trials },
      { group: 'Driftline', label: 'incidents raised', id: 'driftline_incidents', value: incidents, trials },
      ...ratesAt(rows)
        .slice(1)
        .map((cell) => ({
          ...cell,
          value: cell.value === null ? null : cell.value * windowsPerDay * features,
        })),
    ];
  };
  return {
    label: `${features} × ${rows.toLocaleString('en-US')}`,
    isQuick: rows === 300 && features === 50,
    compute,
  };
}

const alarmsPerDay: Table = {
  id: 'alarms per day',
  heading: ['', 'rule \\ features × rows'],
  columns: [300, 1_000].flatMap((rows) => [50, 100, 200].map((features) => alarmColumn(rows, features))),
  format: plain,
};

/** P(X > 3) for a binomial X. */
export function moreThanThree(features: number, rate: number): number {
  if (rate === 0) return 0;
  let fewer = 0;
  for (let k = 0; k <= 3; k++) {
    const logChoose = logGamma(features + 1) - logGamma(k + 1) - logGamma(features - k + 1);
    fewer += Math.exp(logChoose + k * Math.log(rate) + (features - k) * Math.log1p(-rate));
  }
  return Math.max(0, 1 - fewer);
}

function countColumn(features: number): Column {
  return {
    label: `${features} features`,
    isQuick: features === 50,
    compute: () =>
      ratesAt(1_000).map((cell) => ({
        ...cell,
        value: cell.value === null ? null : moreThanThree(features, cell.value),
      })),
  };
}

const moreThanThreeDrifted: Table = {
  id: 'more than three',
  heading: ['', 'rule \\ daily evaluation of 1,000 rows'],
  columns: [20, 50, 100, 200].map(countColumn),
  format: percent,
};

export const manyFeatureTables: readonly Table[] = [alarmsPerDay, moreThanThreeDrifted];
