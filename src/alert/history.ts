// The history of a model's incidents: takes results in any order, and says what each one changes.
import type { Severity, WindowResult } from '../drift/result.ts';
import { emptyState, type FoldedDecision, foldWindows } from './fold.ts';
import type {
  AlertPolicy,
  Decision,
  IncidentHistory,
  OpenIncident,
  Transition,
  WindowVotes,
} from './incident.ts';
import { type Vote, vote, votesOf } from './vote.ts';

/**
 * The history after one more result, and the transitions to announce. A result may come again (a revision) or for a window
 * between older ones: the votes are folded anew, decisions that appear are announced as late, those that no longer follow
 * are retracted (latest first, before anything new). An equal result changes nothing. A window that has left the horizon
 * is decided for good.
 */
export function advance(
  history: IncidentHistory | undefined,
  result: WindowResult,
  policy: AlertPolicy,
): { history: IncidentHistory; transitions: readonly Transition[] } {
  const before = underPolicy(history ?? emptyHistory(result.model, result.segment, policy), policy);
  if (before.foldedTo !== null && result.end <= before.foldedTo) return { history: before, transitions: [] };
  const votes = votesOf(result, policy);
  const columns = withNames(before.columns, votes);
  const window: WindowVotes = {
    start: result.start,
    end: result.end,
    votes: votes === undefined ? '' : columns.map((name) => votes.get(name) ?? vote.absent).join(''),
  };
  const aligned = realigned(before.windows, before.columns, columns);
  const known = aligned.find((other) => order(other, window) === 0);
  if (known?.votes === window.votes) return { history: before, transitions: [] };
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

function sameDecisions(a: AlertPolicy, b: AlertPolicy): boolean {
  return (
    a.raise.windows === b.raise.windows &&
    a.raise.of === b.raise.of &&
    a.raise.atOnce === b.raise.atOnce &&
    a.clear.below === b.clear.below &&
    a.clear.windows === b.clear.windows
  );
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
  };
}

/** Compares what was announced with what now follows; `decisions` become the standing ones. */
function announced(
  history: IncidentHistory,
  decisions: readonly FoldedDecision[],
  late: boolean,
): { history: IncidentHistory; transitions: readonly Transition[] } {
  const after = new Set(decisions.map(identity));
  const before = new Set(history.standing.map(identity));
  const withdrawn = new Map(history.withdrawn.map((entry) => [entry.decision, entry]));
  const transitions: Transition[] = [];
  const announce = (
    decision: Decision,
    rest: Pick<Transition, 'columns' | 'late'>,
    retracts?: Decision['type'],
  ) => {
    const { rule, incident, window, severity, joined } = decision;
    transitions.push({
      model: history.model,
      segment: history.segment,
      type: retracts === undefined ? decision.type : 'drift.retracted',
      ...{ rule, incident, window, severity, joined },
      ...rest,
      ...(retracts === undefined ? {} : { retracts }),
      occurrence: withdrawn.get(place(decision))?.times ?? 0,
      sequence: history.sequence + transitions.length + 1,
    });
  };
  for (const decision of history.standing.toReversed()) {
    if (after.has(identity(decision))) continue;
    announce(decision, { columns: decision.joined, late: true }, decision.type);
    const times = (withdrawn.get(place(decision))?.times ?? 0) + 1;
    withdrawn.set(place(decision), { decision: place(decision), end: decision.window.end, times });
  }
  for (const decision of decisions) {
    if (!before.has(identity(decision))) announce(decision, { columns: decision.columns, late });
  }
  const standing = decisions.map(({ columns: _, ...decision }) => decision);
  const sequence = history.sequence + transitions.length;
  return { history: { ...history, standing, withdrawn: [...withdrawn.values()], sequence }, transitions };
}

function place({ rule, type, window }: Decision): string {
  return `${rule} ${type} ${window.start} ${window.end}`;
}

function identity(decision: Decision): string {
  const { incident, severity, joined } = decision;
  return JSON.stringify([place(decision), incident.start, incident.end, severity, joined]);
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
