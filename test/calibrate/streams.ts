// Simulated streams of a model with many features, through baseline, evaluation and incident history under the defaults:
// what is raised where nothing changes, and how soon a change of one feature is raised.
import { advance } from '../../src/alert/history.ts';
import type { AlertPolicy, IncidentHistory, Transition } from '../../src/alert/incident.ts';
import { alertPolicyOf } from '../../src/app/alert-policy.ts';
import { defaultSettings } from '../../src/config/settings.ts';
import { evaluateWindow } from '../../src/drift/evaluate.ts';
import { type PreparedBaseline, prepareBaseline } from '../../src/drift/prepared-baseline.ts';
import type { DriftPolicy } from '../../src/drift/result.ts';
import type { Column, ColumnKind } from '../../src/profile/column.ts';
import type { PredictionEvent } from '../../src/profile/event.ts';
import { emptyProfile, type Profile } from '../../src/profile/profile.ts';
import { observeCategory } from '../../src/sketch/category-summary.ts';
import { observeNumber } from '../../src/sketch/numeric-summary.ts';
import { type DependenceName, rowsOf } from '../drift/dependent-rows.ts';
import { uniform } from '../drift/random.ts';
import { builtBaseline, eventAt } from '../drift/reference-build.ts';
import { type Change, type ChangeCase, categories, shapes } from './features.ts';
import { normalsOf } from './normals.ts';

export const hourMs = 3_600_000;
export const baselineRows = 50_000;

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
  const columns = Array.from({ length: features }, (_, i) => {
    const { kind, shape } = shapes[i % shapes.length]!;
    const next = rowsOf(dependence, normalsOf(Math.floor(random() * 2 ** 32)));
    const draw = (values: Float64Array): void => {
      for (let row = 0; row < values.length; row++) values[row] = next();
      shape(values);
    };
    return { name: `feature ${i}`, kind, draw };
  });
  const baseline = prepareBaseline(builtBaseline(eventsOf(columns, rows)));
  return {
    baseline,
    window: (count, changed) => {
      const profile = emptyProfile(baseline.baseline.schema);
      const values = new Float64Array(count);
      profile.rows = count;
      profile.columns.forEach((column, i) => {
        columns[i]!.draw(values);
        if (changed?.feature === i) changed.change(values, random);
        observe(column, values);
      });
      return profile;
    },
  };
}

interface Feature {
  readonly name: string;
  readonly kind: ColumnKind;
  /** Fills with the next rows. */
  readonly draw: (values: Float64Array) => void;
}

function eventsOf(columns: readonly Feature[], rows: number): PredictionEvent[] {
  const values = columns.map(({ draw }) => {
    const drawn = new Float64Array(rows);
    draw(drawn);
    return drawn;
  });
  return Array.from({ length: rows }, (_, row) => {
    const features: Record<string, number | string | null> = {};
    columns.forEach(({ name, kind }, i) => {
      const value = values[i]![row]!;
      features[name] = Number.isNaN(value) ? null : kind === 'numeric' ? value : categories[value]!;
    });
    return eventAt(row, features);
  });
}

function observe(column: Column, values: Float64Array): void {
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    if (Number.isNaN(value)) column.missing += 1;
    else if (column.kind === 'numeric') observeNumber(column.summary, value);
    else observeCategory(column.summary, categories[value]!);
  }
}

const settings = defaultSettings();

const alerts: AlertPolicy = alertPolicyOf({ importance: new Map() }, settings);

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

/** A stationary stream of hourly windows, judged by each of these policies: what each raises. */
export function runQuiet(
  stream: Stream,
  features: number,
  rows: number,
  days: number,
  policies: readonly DriftPolicy[],
): Quiet[] {
  const histories: (IncidentHistory | undefined)[] = policies.map(() => undefined);
  const sums = policies.map(() => ({ incidents: 0, raises: 0, featureDays: features * days }));
  for (let index = 0; index < days * 24; index++) {
    const profile = stream.window(rows);
    policies.forEach((policy, k) => {
      const { history, transitions } = afterWindow(histories[k], stream, profile, index, policy);
      histories[k] = history;
      for (const { type, joined } of transitions) {
        if (type === 'drift.raised') sums[k]!.incidents += 1;
        if (type !== 'drift.cleared') sums[k]!.raises += joined.length;
      }
    });
  }
  return sums;
}

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
