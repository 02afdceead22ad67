// The join of a prediction with its labels: what is remembered of both, as a function of what has come, in any order.
//
// Of the labels the first and the latest by their own time are kept; a tie goes to the smaller, or the greater, value. That
// is all that a label can change, so repeats change nothing and the order of arrival does not matter. Of predictions with
// one id the first in the log counts: both are in one partition.
import type { AwaitedPrediction, Outcome, TimedLabel } from './outcome.ts';

/** What the shard remembers of one prediction id. At least one of the two sides is there. */
export interface JoinEntry {
  readonly prediction: AwaitedPrediction | undefined;
  readonly labels: LabelHistory | undefined;
}

export interface LabelHistory {
  readonly first: TimedLabel;
  readonly latest: TimedLabel;
}

/** What became of an event. */
export type JoinFate =
  /** A prediction that waits for its label; a label that waits for its prediction. */
  | 'awaiting'
  | 'waiting'
  /** Both are there for the first time. */
  | 'joined'
  /** The label, or the prediction, has been seen before: nothing changes. */
  | 'duplicate'
  /** The latest label has another value now. */
  | 'corrected'
  /** An earlier label than those that were known: only what was known when changes. */
  | 'antedated';

export interface JoinStep {
  readonly fate: JoinFate;
  readonly entry: JoinEntry;
  /** What accumulators take away, and what they count instead. */
  readonly removed: Outcome | undefined;
  readonly added: Outcome | undefined;
}

/** A prediction comes; `entry` is what was remembered of its id. */
export function joinPrediction(entry: JoinEntry | undefined, prediction: AwaitedPrediction): JoinStep {
  if (entry?.prediction !== undefined)
    return { fate: 'duplicate', entry, removed: undefined, added: undefined };
  const next: JoinEntry = { prediction, labels: entry?.labels };
  const added = outcomeOf(next);
  return { fate: added === undefined ? 'awaiting' : 'joined', entry: next, removed: undefined, added };
}

/** A label comes; `entry` is what was remembered of its prediction. */
export function joinLabel(entry: JoinEntry | undefined, label: TimedLabel): JoinStep {
  const before = entry?.labels;
  const labels = withLabel(before, label);
  const next: JoinEntry = { prediction: entry?.prediction, labels };
  if (before === labels) return { fate: 'duplicate', entry: next, removed: undefined, added: undefined };
  const removed = entry && outcomeOf(entry);
  const added = outcomeOf(next);
  return { fate: fateOf(before, labels, next), entry: next, removed, added };
}

function fateOf(before: LabelHistory | undefined, after: LabelHistory, entry: JoinEntry): JoinFate {
  if (before === undefined) return entry.prediction === undefined ? 'waiting' : 'joined';
  if (before.latest.value !== after.latest.value) return 'corrected';
  // The same value once more, known to hold at a later time.
  return before.first === after.first ? 'duplicate' : 'antedated';
}

/** The history with one more label; the same object where that changes nothing. */
function withLabel(history: LabelHistory | undefined, label: TimedLabel): LabelHistory {
  if (history === undefined) return { first: label, latest: label };
  const first = isBefore(label, history.first) ? label : history.first;
  const latest = isBefore(history.latest, label) ? label : history.latest;
  return first === history.first && latest === history.latest ? history : { first, latest };
}

function isBefore(a: TimedLabel, b: TimedLabel): boolean {
  return a.timestamp < b.timestamp || (a.timestamp === b.timestamp && a.value < b.value);
}

function outcomeOf({ prediction, labels }: JoinEntry): Outcome | undefined {
  if (prediction === undefined || labels === undefined) return undefined;
  return { prediction, ...labels };
}

/** What an entry is that nothing can come for any more: a prediction without label, a label without prediction, or a pair. */
export function expiryOf({ prediction, labels }: JoinEntry): 'unlabelled' | 'orphan' | 'labelled' {
  if (labels === undefined) return 'unlabelled';
  return prediction === undefined ? 'orphan' : 'labelled';
}

/**
 * Whether a prediction is one of those whose labels are joined: the same for prediction and label, since both are chosen by
 * the hash of the id. `high` are bits 32 to 63 of it, `rate` the share that is chosen.
 */
export function isSampled(high: number, rate: number): boolean {
  return high < rate * 2 ** 32;
}
