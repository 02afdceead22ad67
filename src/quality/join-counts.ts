// How many labels and predictions of a model met in a shard, and what became of the others: mergeable by adding.

import type { JoinFate } from './join.ts';

/** Why an event had no part in the join. */
export type Passed =
  /** Its id is not in the sample whose labels are joined. */
  | 'not_sampled'
  /** A value that is no label, or no prediction, of this task. */
  | 'unusable'
  /** A label of a prediction older than the horizon. */
  | 'beyond_horizon'
  /** There was no room to wait. */
  | 'no_room'
  /** Time is up: a label whose prediction never came, a prediction whose label never came. */
  | 'orphan'
  | 'unlabelled';

export const joinCountNames = [
  'awaiting',
  'waiting',
  'joined',
  'duplicate',
  'corrected',
  'antedated',
  'not_sampled',
  'unusable',
  'beyond_horizon',
  'no_room',
  'orphan',
  'unlabelled',
] as const satisfies readonly (JoinFate | Passed)[];

/** Events by what became of them; `awaiting` and `waiting` are those that ever waited. */
export type JoinCounts = Record<(typeof joinCountNames)[number], number>;

/** Counts of nothing. */
export function emptyJoinCounts(): JoinCounts {
  return Object.fromEntries(joinCountNames.map((name) => [name, 0])) as JoinCounts;
}

/** Adds `from` to `into`; `from` stays as it is. */
export function mergeJoinCounts(into: JoinCounts, from: JoinCounts): void {
  for (const name of joinCountNames) into[name] += from[name];
}
