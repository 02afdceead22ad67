// Simulated streams of a model with many features, through baseline, evaluation and incident history under the defaults:
// what is raised where nothing changes, and how soon a change of one feature is raised.
import { advance } from '../../src/alert/history.ts';
import type { AlertPolicy, IncidentHistory, Transition } from '../../src/alert/incident.ts';
import { defaultSettings } from '../../src/config/settings.ts';
import { evaluateWindow } from '../../src/drift/evaluate.ts';
import { type PreparedBaseline, prepareBaseline } from '../../src/drift/prepared-baseline.ts';
import type { DriftPolicy } from '../../src/drift/result.ts';
import { emptyProfile, type Profile } from '../../src/profile/profile.ts';
import { observeCategory } from '../../src/sketch/category-summary.ts';
import { observeNumber } from '../../src/sketch/numeric-summary.ts';
import { type DependenceName, rowsOf } from '../drift/dependent-rows.ts';
import { uniform } from '../drift/random.ts';
import { builtBaseline, eventAt } from '../drift/reference-build.ts';

export const hourMs = 3_600_000;
export const baselineRows = 50_000;

/** A feature's value for a standard normal one, so that features of every kind depend on their past alike. */
type Shape = (z: number) => number | string | null;

const categories = Array.from({ length: 64 }, (_, i) => `category ${i}`);

const shapes: readonly Shape[] = [
  (z) => z,
  (z) => Math.exp(z),
  (z) => Math.floor(4 * z),
  (z) => (z < 0.25 ? 0 : z),
  (z) => categories[Math.floor(Math.abs(z) * 6)]!,
  (z) => (z > 2 ? null : z),
];

/** What a feature's rows become in a window: the value that they would have, and a uniform number. */
export type Change = (value: number | string | null, chance: number) => number | string | null;

export interface Stream {
  readonly baseline: PreparedBaseline;
  /** The next window of so many rows; `changed` applies to the feature of that index. */
  readonly window: (rows: number, changed?: { readonly feature: number; readonly change: Change }) => Profile;
}

/** Features of all shapes in turn, each with its own stationary rows, and the baseline of the first of them. */
export function streamOf(
  features: number,
  dependence: DependenceName,
  seed: number,
  rows = baselineRows,
): Stream {
  const random = uniform(seed);
  const draws = Array.from({ length: features }, (_, i) => {
    const shape = shapes[i % shapes.length]!;
    const next = rowsOf(dependence, uniform(Math.floor(random() * 2 ** 32)));
    return () => shape(next());
  });
  const names = draws.map((_, i) => `feature ${i}`);
  const events = Array.from({ length: rows }, (_, row) => {
    const values: Record<string, number | string | null> = {};
    for (let i = 0; i < features; i++) values[names[i]!] = draws[i]!();
    return eventAt(row, values);
  });
  const baseline = prepareBaseline(builtBaseline(events));
  return {
    baseline,
    window: (count, changed) => {
      const profile = emptyProfile(baseline.baseline.schema);
      profile.rows = count;
      profile.columns.forEach((column, i) => {
        const change = changed?.feature === i ? changed.change : undefined;
        for (let row = 0; row < count; row++) {
          const drawn = draws[i]!();
          const value = change === undefined ? drawn : change(drawn, random());
          if (value === null) column.missing += 1;
          else if (column.kind === 'numeric') observeNumber(column.summary, value as number);
          else observeCategory(column.summary, value);
        }
      });
      return profile;
    },
  };
}

const settings = defaultSettings();

const alerts: AlertPolicy = {
  raise: settings.alerts.raise,
  clear: settings.alerts.clear,
  horizonMs: settings.windows.revisionHorizonMs,
};

/** The defaults; `minCount` alone is changed where windows of fewer rows are to be judged. */
export function policyOf(minCount = settings.drift.minCount): DriftPolicy {
  return { ...settings.drift, minCount, columns: new Map() };
}

/** What one more window does to the incidents. */
export function afterWindow(
  history: IncidentHistory | undefined,
  { baseline }: Stream,
  profile: Profile,
  index: number,
  policy: DriftPolicy,
): { readonly history: IncidentHistory; readonly transitions: readonly Transition[] } {
  const result = evaluateWindow({
    model: 'model',
    segment: 'all',
    start: index * hourMs,
    end: (index + 1) * hourMs,
    profile,
    versions: [{ version: '1', rows: profile.rows }],
    schema: baseline.baseline.schema,
    baseline,
    policy,
  });
  return advance(history, result, alerts);
}

export interface Quiet {
  /** Incidents that were raised. */
  readonly incidents: number;
  /** Features that were raised, each as often as it was. */
  readonly raises: number;
  readonly featureDays: number;
}

/** A stationary stream of hourly windows. */
export function runQuiet(
  stream: Stream,
  features: number,
  rows: number,
  days: number,
  policy: DriftPolicy,
): Quiet {
  let history: IncidentHistory | undefined;
  let incidents = 0;
  let raises = 0;
  for (let index = 0; index < days * 24; index++) {
    const after = afterWindow(history, stream, stream.window(rows), index, policy);
    history = after.history;
    for (const { type, joined } of after.transitions) {
      if (type === 'drift.raised') incidents += 1;
      if (type !== 'drift.cleared') raises += joined.length;
    }
  }
  return { incidents, raises, featureDays: features * days };
}

export interface ChangeCase {
  readonly name: string;
  /** Which shape of feature changes. */
  readonly feature: number;
  readonly change: Change;
  /** Within so many windows it has to be raised. */
  readonly within: number;
}

function shifted(by: number): Change {
  return (value) => (value as number) + by;
}

export const changes: readonly ChangeCase[] = [
  { name: 'shift of 0.4 sd', feature: 0, change: shifted(0.4), within: 5 },
  { name: 'shift of 0.5 sd', feature: 0, change: shifted(0.5), within: 4 },
  {
    name: 'a new category at 10 %',
    feature: 4,
    change: (value, chance) => (chance < 0.1 ? 'new' : value),
    within: 5,
  },
  {
    name: 'nulls from 0 to 10 %',
    feature: 0,
    change: (value, chance) => (chance < 0.1 ? null : value),
    within: 5,
  },
];

/**
 * After how many windows of a change its feature is raised, five quiet windows before it; Infinity when it takes more than
 * the case allows.
 */
export function windowsToRaise(
  stream: Stream,
  { feature, change, within }: ChangeCase,
  rows: number,
  policy: DriftPolicy,
): number {
  const quiet = 5;
  let history: IncidentHistory | undefined;
  for (let index = 0; index < quiet + within; index++) {
    const profile = stream.window(rows, index < quiet ? undefined : { feature, change });
    const after = afterWindow(history, stream, profile, index, policy);
    history = after.history;
    const name = `feature ${feature}`;
    if (index >= quiet && after.transitions.some(({ joined }) => joined.includes(name)))
      return index - quiet + 1;
  }
  return Infinity;
}
