// The page of /metrics/results: the newest window of every model and size as plain gauges without timestamps.
// Text format 0.0.4; a gauge with a timestamp would go on being shown or vanish while it is still true.
import { currentState } from '../alert/history.ts';
import { type IncidentHistory, rules } from '../alert/incident.ts';
import { decodeResult, type ResultDocument } from '../codec/result.ts';
import type { QualityDocument } from '../codec/result-quality.ts';
import type { MeasureName } from '../drift/result.ts';
import { Fault } from '../fault.ts';
import { type MetricName, metrics } from '../metrics-table.ts';
import type { ResultKey, StoredResult } from '../ports.ts';
import { addWindowQuality } from './results-quality.ts';

export interface ResultsPageOptions {
  /** Wall clock that windows are held against, epoch milliseconds; undefined shows them for ever (replayed history). */
  readonly expireBy: number | undefined;
  /** After so many of its lengths (and at least 15 minutes) a window is no longer shown: a gap says more than an old number. */
  readonly exposeForWindows: number;
  readonly maxSeries: number;
}

export interface ResultsPage {
  readonly text: string;
  readonly series: number;
  readonly dropped: number;
  /** When the next window expires: until then equal inputs make an equal page. */
  readonly validUntil: number;
}

/** What is kept when the budget is short, from what is always kept to what goes first. */
const tiers = [
  'window',
  'active',
  'score',
  'quality',
  'threshold',
  'sequential',
  'missing',
  'new_category',
  'other_statistic',
] as const;

type Tier = (typeof tiers)[number];
type Labels = Readonly<Record<string, string>>;
type Add = (tier: Tier, metric: MetricName, labels: Labels, value: number | null) => void;
type ColumnDocument = ResultDocument['columns'][number];

type FoldedHistory = { readonly history: IncidentHistory } & ReturnType<typeof currentState>;

interface Series {
  readonly tier: Tier;
  readonly metric: MetricName;
  readonly text: string;
}

const exposeMsMin = 900_000;
/** The versions of a model are judged together. */
const version = 'all';
const wholeTraffic = 'all';

/**
 * Renders the newest results (`ResultStore.latest`) and the incident histories of all models. Where the series exceed the
 * budget, whole tiers are left out in a fixed order, and counted.
 */
export function renderResults(
  results: readonly StoredResult[],
  histories: readonly IncidentHistory[],
  options: ResultsPageOptions,
): ResultsPage {
  const series: Series[] = [];
  const add: Add = (tier, metric, labels, value) => {
    if (value === null || !Number.isFinite(value)) return;
    series.push({ tier, metric, text: `${metric}${labelText(metric, labels)} ${value}\n` });
  };
  const folded = histories.map((history) => ({ history, ...currentState(history) }));
  let validUntil = Infinity;
  for (const { key, document } of results) {
    const result = decodeResult(document);
    if (result.segment !== wholeTraffic) continue;
    const expiry = key.start + key.size + Math.max(options.exposeForWindows * key.size, exposeMsMin);
    const expired = options.expireBy !== undefined && options.expireBy >= expiry;
    if (!expired) validUntil = Math.min(validUntil, expiry);
    addWindow(add, key, result, expired);
    if (expired) continue;
    for (const column of result.columns) addColumn(add, key, result, column);
    if (result.quality !== undefined) addQuality(add, key, result.model, result.quality);
    const current = folded.find(
      ({ history }) => history.model === result.model && history.segment === wholeTraffic,
    );
    if (current !== undefined) addActive(add, key, result, current);
  }
  for (const current of folded) addIncidents(add, current);
  const kept = withinBudget(series, options.maxSeries);
  const counts: readonly Series[] = [
    { tier: 'window', metric: 'driftline_result_series', text: `driftline_result_series ${kept.length}\n` },
    {
      tier: 'window',
      metric: 'driftline_result_series_dropped',
      text: `driftline_result_series_dropped ${series.length - kept.length}\n`,
    },
  ];
  return {
    text: pageText([...kept, ...counts]),
    series: kept.length,
    dropped: series.length - kept.length,
    validUntil,
  };
}

function addWindow(add: Add, { start, size }: ResultKey, result: ResultDocument, expired: boolean): void {
  const labels = { model: result.model, version, window: windowName(size) };
  add('window', 'driftline_window_end_timestamp_seconds', labels, (start + size) / 1000);
  add('window', 'driftline_window_duration_seconds', labels, size / 1000);
  if (expired) return;
  add('window', 'driftline_window_revision', labels, result.revisions);
  add('window', 'driftline_window_rows', labels, result.rows);
  for (const reason of ['ok', 'insufficient_data', 'no_baseline'] as const) {
    add('window', 'driftline_window_status', { ...labels, reason }, result.status === reason ? 1 : 0);
  }
  const features = result.columns.filter(({ feature_name }) => !isPrediction(feature_name));
  const judged = features.filter(({ state }) => state !== 'insufficient_data');
  const drifted = features.filter(({ state }) => state === 'drifted');
  add('window', 'driftline_drifted_features_ratio', labels, drifted.length / judged.length);
}

function addColumn(add: Add, { size }: ResultKey, result: ResultDocument, column: ColumnDocument): void {
  const { feature_name: feature, measure } = column;
  const of = { model: result.model, window: windowName(size), feature };
  const prediction = isPrediction(feature);
  const score = prediction ? 'driftline_prediction_drift_score' : 'driftline_feature_drift_score';
  const threshold = prediction ? 'driftline_prediction_drift_threshold' : 'driftline_feature_drift_threshold';
  // A score on too few rows is noise, and a rule that reads it would not know.
  if (column.state !== 'insufficient_data') {
    add(prediction ? 'window' : 'score', score, { ...of, version, statistic: measure }, column.drift_score);
    const critical = Math.max(column.critical ?? Number.NaN, column.noise_floor ?? 0);
    const tier = prediction ? 'window' : 'threshold';
    add(tier, threshold, { ...of, statistic: measure, severity: 'warning' }, column.drift_threshold);
    add(tier, threshold, { ...of, statistic: measure, severity: 'critical' }, critical);
    for (const [statistic, other] of Object.entries(column.measures)) {
      if (other === undefined || (statistic as MeasureName) === measure) continue;
      add('other_statistic', score, { ...of, version, statistic }, other.score);
    }
  }
  const labels = { ...of, version };
  add('missing', 'driftline_feature_null_ratio', labels, column.missing / result.rows);
  if (column.kind === 'categorical') {
    add('new_category', 'driftline_feature_new_category_ratio', labels, column.unseen / result.rows);
  }
  if (column.sequential !== undefined) addSequential(add, labels, column.sequential);
}

/** Also of windows with few rows: evidence counts the rows that there are. */
function addSequential(
  add: Add,
  labels: Labels,
  { evidence, log_e: logE, alarm }: NonNullable<ColumnDocument['sequential']>,
): void {
  add('sequential', 'driftline_feature_sequential_evidence', labels, evidence);
  add('sequential', 'driftline_feature_sequential_log_e_value', labels, logE);
  add('sequential', 'driftline_feature_sequential_alarm', labels, alarm ? 1 : 0);
}

function addQuality(add: Add, { size }: ResultKey, model: string, quality: QualityDocument): void {
  const labels = { model, version, window: windowName(size) };
  addWindowQuality((metric, own, value) => add('quality', metric, own, value), labels, quality);
}

/** Only windows of the size that votes have a state after hysteresis. */
function addActive(
  add: Add,
  { size }: ResultKey,
  result: ResultDocument,
  { history, raised }: FoldedHistory,
): void {
  const newest = history.windows.at(-1);
  if (newest === undefined || newest.end - newest.start !== size) return;
  for (const { feature_name: feature } of result.columns) {
    for (const severity of ['warning', 'critical'] as const) {
      const labels = { model: result.model, version, window: windowName(size), feature, severity };
      add('active', 'driftline_feature_drift_active', labels, raised.get(feature) === severity ? 1 : 0);
    }
  }
}

function addIncidents(add: Add, { history, incidents }: FoldedHistory): void {
  for (const rule of rules) {
    const open = incidents.find((incident) => incident.rule === rule);
    for (const severity of ['warning', 'critical'] as const) {
      const labels = { model: history.model, segment: history.segment, rule, severity };
      add('window', 'driftline_incident_active', labels, open?.severity === severity ? 1 : 0);
    }
  }
}

/** Whole tiers as long as they fit; a first tier that does not fit is cut. */
function withinBudget(series: readonly Series[], maxSeries: number): readonly Series[] {
  if (series.length <= maxSeries) return series;
  let kept: Series[] = [];
  for (const tier of tiers) {
    const next = series.filter((one) => one.tier === tier);
    if (kept.length + next.length > maxSeries) break;
    kept = kept.concat(next);
  }
  return kept.length > 0 ? kept : series.filter(({ tier }) => tier === 'window').slice(0, maxSeries);
}

/** The text format wants all series of a family together, under one HELP and TYPE. */
function pageText(series: readonly Series[]): string {
  const families = Map.groupBy(series, ({ metric }) => metric);
  let text = '';
  for (const [metric, { help, type }] of Object.entries(metrics)) {
    const family = families.get(metric as MetricName);
    if (family === undefined) continue;
    text += `# HELP ${metric} ${help}\n# TYPE ${metric} ${type}\n`;
    for (const one of family) text += one.text;
  }
  return text;
}

/** Labels in the order of the table, whichever order they were given in. */
function labelText(metric: MetricName, labels: Labels): string {
  const pairs = metrics[metric].labels.map((label) => {
    const value = labels[label];
    if (value === undefined) throw new Fault('BUG', `${metric} needs the label ${label}.`);
    return `${label}="${escaped(value)}"`;
  });
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function isPrediction(name: string): boolean {
  return name.startsWith('@');
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
] as const;

/** A window's size as a label: `5m`, `1h`, `1d`; seconds where no larger unit divides it. */
function windowName(sizeMs: number): string {
  for (const [unit, ms] of units) if (sizeMs % ms === 0) return `${sizeMs / ms}${unit}`;
  return `${sizeMs / 1000}s`;
}
