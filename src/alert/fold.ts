// The fold of votes, window by window: which columns are raised, which incidents are open, and what changed.
import type { Severity } from '../drift/result.ts';
import { predictionColumn, scoreColumn } from '../profile/schema.ts';
import {
  type AlertPolicy,
  type ColumnState,
  type Decision,
  type FoldState,
  type OpenIncident,
  type Rule,
  rules,
  type Span,
  type WindowVotes,
} from './incident.ts';
import { isCritical, isRaised, vote } from './vote.ts';

/** A decision together with every column that the incident holds after it. */
export interface FoldedDecision extends Decision {
  readonly columns: readonly string[];
}

export interface Fold {
  readonly state: FoldState;
  readonly decisions: readonly FoldedDecision[];
}

export const emptyState: FoldState = { columns: [], incidents: [] };

/** The rule that a column votes for. */
export function ruleOf(column: string): Rule {
  return column === predictionColumn || column === scoreColumn ? 'prediction_drift' : 'feature_drift';
}

/** Folds windows, in their order, onto a state. `columns` names the positions of the vote strings, sorted. */
export function foldWindows(
  base: FoldState,
  columns: readonly string[],
  windows: readonly WindowVotes[],
  policy: AlertPolicy,
): Fold {
  const known = new Map(base.columns.map((state) => [state.name, state]));
  const states = columns.map((name) => known.get(name) ?? { name, severity: 'none' as const, recent: '' });
  const decisions: FoldedDecision[] = [];
  let incidents = base.incidents;
  for (const window of windows) {
    if (window.votes === '') continue;
    for (let i = 0; i < states.length; i++) {
      states[i] = afterVote(states[i]!, window.votes[i] ?? vote.absent, policy);
    }
    const decided = decide(incidents, states, { start: window.start, end: window.end });
    incidents = decided.incidents;
    decisions.push(...decided.decisions);
  }
  const silent = ({ severity, recent }: ColumnState) => severity === 'none' && recent === '';
  return { state: { columns: states.filter((state) => !silent(state)), incidents }, decisions };
}

/**
 * A column after one more window. Raised by `windows` of the last `of` votes, or by one severe vote; critical by as many
 * critical votes, so that one bad window does not escalate. A column that clears starts from nothing, else the votes that
 * raised it would raise it again.
 */
export function afterVote(state: ColumnState, letter: string, policy: AlertPolicy): ColumnState {
  if (letter === vote.abstain) return state;
  const { name } = state;
  if (letter === vote.absent) return { name, severity: 'none', recent: '' };
  const { raise, clear } = policy;
  const recent = (state.recent + letter).slice(-Math.max(raise.of, clear.windows));
  if (letter === vote.clear) {
    const cleared = state.severity !== 'none' && recent.endsWith(vote.clear.repeat(clear.windows));
    return cleared ? { name, severity: 'none', recent: '' } : { name, severity: state.severity, recent };
  }
  if (!isRaised(letter)) return { name, severity: state.severity, recent };
  const counted = [...recent.slice(-raise.of)];
  const critical = letter === vote.severe || counted.filter(isCritical).length >= raise.windows;
  const raised = critical || counted.filter(isRaised).length >= raise.windows;
  return {
    name,
    severity: worst(state.severity, critical ? 'critical' : raised ? 'warning' : 'none'),
    recent,
  };
}

function decide(
  open: readonly OpenIncident[],
  states: readonly ColumnState[],
  window: Span,
): { incidents: readonly OpenIncident[]; decisions: FoldedDecision[] } {
  const raised = states.filter(({ severity }) => severity !== 'none');
  if (raised.length === 0 && open.length === 0) return { incidents: open, decisions: [] };
  const incidents: OpenIncident[] = [];
  const decisions: FoldedDecision[] = [];
  for (const rule of rules) {
    const before = open.find((incident) => incident.rule === rule);
    const after = incidentAfter(
      before,
      rule,
      raised.filter(({ name }) => ruleOf(name) === rule),
      window,
    );
    if (after !== undefined) incidents.push(after);
    const decision = difference(before, after, window);
    if (decision !== undefined) decisions.push(decision);
  }
  return { incidents, decisions };
}

/** An incident lasts while any column of its rule is raised; it keeps the columns and the severity that it has had. */
function incidentAfter(
  before: OpenIncident | undefined,
  rule: Rule,
  raised: readonly ColumnState[],
  window: Span,
): OpenIncident | undefined {
  if (raised.length === 0) return undefined;
  return {
    rule,
    incident: before?.incident ?? window,
    severity: raised.some(({ severity }) => severity === 'critical')
      ? 'critical'
      : (before?.severity ?? 'warning'),
    columns: [...new Set([...(before?.columns ?? []), ...raised.map(({ name }) => name)])].sort(),
  };
}

function difference(
  before: OpenIncident | undefined,
  after: OpenIncident | undefined,
  window: Span,
): FoldedDecision | undefined {
  if (after === undefined) {
    return before && { ...before, type: 'drift.cleared', window, joined: [] };
  }
  if (before === undefined) return { ...after, type: 'drift.raised', window, joined: after.columns };
  const joined = after.columns.filter((name) => !before.columns.includes(name));
  if (joined.length === 0 && after.severity === before.severity) return undefined;
  return { ...after, type: 'drift.escalated', window, joined };
}

const severities: readonly Severity[] = ['none', 'warning', 'critical'];

function worst(a: Severity, b: Severity): Severity {
  return severities.indexOf(a) >= severities.indexOf(b) ? a : b;
}
