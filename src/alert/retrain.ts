// When a model is worth training again: what speaks for it, what speaks against it now, and once for each time it does.
import {
  estimatedColumn,
  type LabelCounts,
  realisedColumn,
  type Span,
  type WindowFacts,
} from './window-facts.ts';

/** What speaks for training again. */
export const retrainTriggers = ['drifted_features', 'importance', 'quality_loss', 'schedule'] as const;

/** What keeps a recommendation back. */
export const retrainGates = [
  'pipeline_break',
  'labelled_rows',
  'label_coverage',
  'label_sanity',
  'cooldown',
  'dry_run',
] as const;

export type RetrainTrigger = (typeof retrainTriggers)[number];
export type RetrainGate = (typeof retrainGates)[number];

/** Which quality counts: as labels show it, as it is estimated without them, either, or none. */
export const qualitySources = ['any', 'realised', 'estimated', 'off'] as const;

/** Plain data: it is stored with the history that it was applied to. */
export interface RetrainPolicy {
  /** `dry_run` says what would have been recommended, and recommends nothing. */
  readonly mode: 'off' | 'dry_run' | 'on';
  /** More features than this raised within `withinMs`; null does not count them. */
  readonly driftedFeatures: number | null;
  /** Or features that carry more than this share of the importance of all; null does not weigh them. */
  readonly importance: number | null;
  /** Importance by feature, sorted by name; a feature that is not listed has 1. */
  readonly weights: readonly (readonly [feature: string, weight: number])[];
  readonly withinMs: number;
  readonly quality: (typeof qualitySources)[number];
  /** The schedule as it is written; when it strikes stands in the facts of each window. */
  readonly schedule: string | null;
  /** After a recommendation, none for so long. */
  readonly cooldownMs: number;
  readonly gates: {
    readonly pipelineBreak: boolean;
    /** Of the windows within `withinMs`: fewer labelled rows are too few to train on, */
    readonly labelledRows: number;
    /** a smaller labelled share as well, */
    readonly labelCoverage: number;
    /** and labels of one class beyond this share are no labels to learn from; 1 lets all pass but one single class. */
    readonly largestClass: number;
  };
}

/** Why a recommendation was made, or kept back. */
export interface RetrainGrounds {
  readonly triggers: readonly RetrainTrigger[];
  /** What speaks against it; none of a recommendation. */
  readonly gates: readonly RetrainGate[];
}

/** What the fold remembers between windows; times are the ends of windows, event time. */
export interface RetrainState {
  /** Features that were raised within `withinMs`, by name, and when last. */
  readonly raised: readonly (readonly [feature: string, end: number])[];
  readonly brokenAt: number | null;
  /** Label counts of the windows within `withinMs`, oldest first. */
  readonly labels: readonly (readonly [end: number, counts: LabelCounts])[];
  /** End of the newest window, where there is a schedule: it is due when it has struck since. */
  readonly seenTo: number | null;
  /** What speaks for training now, since when, whether it was recommended, and which gates were told. */
  readonly episode: {
    readonly incident: Span;
    readonly done: boolean;
    readonly told: readonly RetrainGate[];
  } | null;
  readonly recommendedAt: number | null;
}

export const emptyRetrain: RetrainState = {
  raised: [],
  brokenAt: null,
  labels: [],
  seenTo: null,
  episode: null,
  recommendedAt: null,
};

/** What is asked of one window. */
export interface RetrainWindow {
  readonly window: Span;
  readonly facts: WindowFacts;
  /** Features that were compared, and of all columns those that are raised and not silenced. */
  readonly features: readonly string[];
  readonly raised: readonly string[];
}

export interface RetrainDecision {
  readonly type: 'retrain.recommended' | 'retrain.suppressed';
  readonly incident: Span;
  readonly grounds: RetrainGrounds;
  /** The features that were raised within the policy's time, sorted. */
  readonly features: readonly string[];
}

/**
 * The state after one more window, and what is to be told. What speaks for training opens an episode, which lasts as long
 * as any of it does: it is recommended once, in the first window in which no gate is shut, and a gate is told once. A
 * schedule is an episode of its window.
 */
export function afterRetrainWindow(
  state: RetrainState,
  seen: RetrainWindow,
  policy: RetrainPolicy,
): { readonly state: RetrainState; readonly decision: RetrainDecision | undefined } {
  if (policy.mode === 'off') return { state: emptyRetrain, decision: undefined };
  const { window, facts } = seen;
  const known = remembered(state, seen, policy);
  const { scheduledAt } = facts;
  const isScheduled = state.seenTo !== null && scheduledAt !== undefined && scheduledAt > state.seenTo;
  const lasting = lastingTriggers(known, seen, policy);
  const open = lasting.length === 0 ? null : (state.episode ?? { incident: window, done: false, told: [] });
  const triggers = isScheduled ? [...lasting, 'schedule' as const] : lasting;
  const episode = open ?? (isScheduled ? { incident: window, done: false, told: [] } : null);
  if (episode === null || (episode.done && !isScheduled)) {
    return { state: { ...known, episode: open }, decision: undefined };
  }
  const incident = isScheduled ? window : episode.incident;
  const gates = shutGates(known, window.end, policy);
  const isDue = gates.length === 0;
  const told = isDue && policy.mode === 'dry_run' ? (['dry_run'] as const) : gates;
  const isNews = isDue || isScheduled || told.some((gate) => !episode.told.includes(gate));
  const after: RetrainState = {
    ...known,
    episode: open && { ...open, done: open.done || isDue, told: union(open.told, told) },
    recommendedAt: isDue ? window.end : known.recommendedAt,
  };
  if (!isNews) return { state: after, decision: undefined };
  const type = told.length === 0 ? 'retrain.recommended' : 'retrain.suppressed';
  const features = known.raised.map(([name]) => name);
  return { state: after, decision: { type, incident, grounds: { triggers, gates: told }, features } };
}

/** What this window adds, without what has left the policy's time. */
function remembered(
  state: RetrainState,
  { window, facts, raised, features }: RetrainWindow,
  policy: RetrainPolicy,
) {
  const oldest = window.end - policy.withinMs;
  const last = new Map(state.raised.filter(([, end]) => end > oldest));
  for (const name of raised) if (features.includes(name)) last.set(name, window.end);
  const labels = facts.labels === undefined ? [] : [[window.end, facts.labels] as const];
  const brokenAt = facts.broken === true ? window.end : state.brokenAt;
  const { recommendedAt } = state;
  return {
    raised: [...last].sort(([a], [b]) => (a < b ? -1 : 1)),
    brokenAt: brokenAt !== null && brokenAt > oldest ? brokenAt : null,
    labels: [...state.labels.filter(([end]) => end > oldest), ...labels],
    seenTo: policy.schedule === null ? null : window.end,
    recommendedAt: isCooling(recommendedAt, window.end, policy) ? recommendedAt : null,
  };
}

type Remembered = ReturnType<typeof remembered>;

function isCooling(recommendedAt: number | null, end: number, { cooldownMs }: RetrainPolicy): boolean {
  return recommendedAt !== null && end < recommendedAt + cooldownMs;
}

function lastingTriggers(
  { raised }: Remembered,
  seen: RetrainWindow,
  policy: RetrainPolicy,
): RetrainTrigger[] {
  const names = raised.map(([name]) => name);
  const { driftedFeatures, importance, quality } = policy;
  const losses = [
    ...(quality === 'any' || quality === 'realised' ? [realisedColumn] : []),
    ...(quality === 'any' || quality === 'estimated' ? [estimatedColumn] : []),
  ];
  const isLost = losses.some((column) => seen.raised.includes(column));
  return [
    ...(driftedFeatures !== null && names.length > driftedFeatures ? ['drifted_features' as const] : []),
    ...(importance !== null && importanceOf(names, seen.features, policy) > importance
      ? ['importance' as const]
      : []),
    ...(isLost ? ['quality_loss' as const] : []),
  ];
}

/** The share that the raised features have of the importance of all. */
function importanceOf(
  raised: readonly string[],
  features: readonly string[],
  { weights }: RetrainPolicy,
): number {
  const weightOf = new Map(weights);
  const sum = (names: readonly string[]) =>
    names.reduce((total, name) => total + (weightOf.get(name) ?? 1), 0);
  const all = sum([...new Set([...features, ...raised])].sort());
  return all > 0 ? sum(raised) / all : 0;
}

function shutGates(known: Remembered, end: number, policy: RetrainPolicy): RetrainGate[] {
  const { pipelineBreak, labelledRows, labelCoverage, largestClass } = policy.gates;
  let [awaited, labelled, ofClasses, largest] = [0, 0, 0, 0];
  for (const [, counts] of known.labels) {
    awaited += counts.awaited;
    labelled += counts.labelled;
    if (counts.largestClass === null) continue;
    ofClasses += counts.labelled;
    largest += counts.largestClass;
  }
  const isOneSided = ofClasses > 0 && (largest === ofClasses || largest / ofClasses > largestClass);
  return [
    ...(pipelineBreak && known.brokenAt !== null ? ['pipeline_break' as const] : []),
    ...(labelled < labelledRows ? ['labelled_rows' as const] : []),
    ...(labelCoverage > 0 && (awaited === 0 || labelled < labelCoverage * awaited)
      ? ['label_coverage' as const]
      : []),
    ...(isOneSided ? ['label_sanity' as const] : []),
    ...(isCooling(known.recommendedAt, end, policy) ? ['cooldown' as const] : []),
  ];
}

function union(told: readonly RetrainGate[], more: readonly RetrainGate[]): readonly RetrainGate[] {
  return retrainGates.filter((gate) => told.includes(gate) || more.includes(gate));
}
