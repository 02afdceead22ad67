// The history of a model's incidents: takes results in any order, and says what each one changes.
import type { Severity } from '../drift/result.ts';
import { announced } from './announce.ts';
import { isDeepEqual } from './equality.ts';
import { factsOf, qualityVotes, type WindowEvidence } from './evidence.ts';
import { emptyState, foldWindows } from './fold.ts';
import type { AlertPolicy, IncidentHistory, OpenIncident, Transition, WindowVotes } from './incident.ts';
import { type JudgedWindow, type Vote, vote, votesOf } from './vote.ts';

/**
 * The history after one more result, and the transitions to announce. A result may come again (a revision) or for a window
 * between older ones: the votes are folded anew, decisions that appear are announced as late, those that no longer follow
 * are retracted (latest first, before anything new). An equal result changes nothing. A window that has left the horizon
 * is decided for good.
 */
export function advance(
  history: IncidentHistory | undefined,
  result: JudgedWindow,
  policy: AlertPolicy,
  evidence: WindowEvidence = {},
): { history: IncidentHistory; transitions: readonly Transition[] } {
  const before = underPolicy(history ?? emptyHistory(result.model, result.segment, policy), policy);
  if (before.foldedTo !== null && result.end <= before.foldedTo) return { history: before, transitions: [] };
  const votes = evidence.isMaintenance === true ? undefined : votesOf(result, policy);
  for (const [name, letter] of votes === undefined ? [] : qualityVotes(evidence)) votes?.set(name, letter);
  const columns = withNames(before.columns, votes);
  const window: WindowVotes = {
    start: result.start,
    end: result.end,
    votes: votes === undefined ? '' : columns.map((name) => votes.get(name) ?? vote.absent).join(''),
    facts: votes === undefined ? {} : factsOf(evidence),
  };
  const aligned = realigned(before.windows, before.columns, columns);
  const known = aligned.find((other) => order(other, window) === 0);
  if (known !== undefined && saysTheSame(known, window)) return { history: before, transitions: [] };
  const newest = before.windows.at(-1);
  const late = newest !== undefined && order(window, newest) <= 0;
  const windows = [...aligned.filter((other) => other !== known), window].sort(order);
  const { decisions } = foldWindows(before.base, columns, windows, policy);
  const changed = announced({ ...before, columns, windows }, decisions, late);
  return { history: trimmed(changed.history), transitions: changed.transitions };
}

/** The history of a model and segment that has no windows yet. */
export function emptyHistory(model: string, segment: string, policy: AlertPolicy): IncidentHistory {
  return {
    model,
    segment,
    policy,
    columns: [],
    windows: [],
    base: emptyState,
    foldedTo: null,
    standing: [],
    withdrawn: [],
    jobs: [],
    sequence: 0,
  };
}

/** The incidents that are open after the newest window, and the columns that are raised then, by severity. */
export function currentState(history: IncidentHistory): {
  readonly incidents: readonly OpenIncident[];
  readonly raised: ReadonlyMap<string, Exclude<Severity, 'none'>>;
} {
  const { state } = foldWindows(history.base, history.columns, history.windows, history.policy);
  const raised = new Map<string, Exclude<Severity, 'none'>>();
  for (const { name, severity } of state.columns) if (severity !== 'none') raised.set(name, severity);
  return { incidents: state.incidents, raised };
}

/** What was decided under another policy stays decided: its windows are folded for good, by the policy of their time. */
function underPolicy(history: IncidentHistory, policy: AlertPolicy): IncidentHistory {
  if (sameDecisions(history.policy, policy)) return { ...history, policy };
  const last = history.windows.at(-1);
  return { ...foldedUpTo(history, last?.end ?? -Infinity), policy };
}

function sameDecisions({ horizonMs: _, ...a }: AlertPolicy, { horizonMs: __, ...b }: AlertPolicy): boolean {
  return isDeepEqual(a, b);
}

function saysTheSame(a: WindowVotes, b: WindowVotes): boolean {
  return a.votes === b.votes && isDeepEqual(a.facts, b.facts);
}

/** Windows that can no longer change move from the list into the base. */
function trimmed(history: IncidentHistory): IncidentHistory {
  const newest = history.windows.at(-1);
  return newest === undefined ? history : foldedUpTo(history, newest.end - history.policy.horizonMs);
}

function foldedUpTo(history: IncidentHistory, end: number): IncidentHistory {
  const count = history.windows.filter((window) => window.end <= end).length;
  const folded = history.windows.slice(0, count);
  const windows = history.windows.slice(count);
  const base =
    count === 0 ? history.base : foldWindows(history.base, history.columns, folded, history.policy).state;
  const remembered = new Set(base.columns.map(({ name }) => name));
  const columns = history.columns.filter(
    (name, i) =>
      remembered.has(name) || windows.some(({ votes }) => (votes[i] ?? vote.absent) !== vote.absent),
  );
  const foldedTo = folded.at(-1)?.end ?? history.foldedTo;
  const open = (span: { readonly end: number }) => foldedTo === null || span.end > foldedTo;
  return {
    ...history,
    columns,
    windows: realigned(windows, history.columns, columns),
    base,
    foldedTo,
    standing: history.standing.filter(({ window }) => open(window)),
    withdrawn: history.withdrawn.filter(open),
    jobs: history.jobs.filter(open),
  };
}

function withNames(
  columns: readonly string[],
  votes: ReadonlyMap<string, Vote> | undefined,
): readonly string[] {
  if (votes === undefined) return columns;
  const added = [...votes.keys()].filter((name) => !columns.includes(name));
  return added.length === 0 ? columns : [...columns, ...added].sort();
}

/** The same votes, written in the positions of another list of columns. */
function realigned(
  windows: readonly WindowVotes[],
  from: readonly string[],
  to: readonly string[],
): readonly WindowVotes[] {
  if (from.length === to.length && from.every((name, i) => name === to[i])) return windows;
  const positions = to.map((name) => from.indexOf(name));
  return windows.map((window) =>
    window.votes === ''
      ? window
      : { ...window, votes: positions.map((i) => window.votes[i] ?? vote.absent).join('') },
  );
}

function order(a: { start: number; end: number }, b: { start: number; end: number }): number {
  return a.end - b.end || a.start - b.start;
}
