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
  type WindowVotes,
} from './incident.ts';
import { afterRetrainWindow, emptyRetrain, type RetrainDecision } from './retrain.ts';
import { isCritical, isRaised, vote } from './vote.ts';
import { estimatedColumn, realisedColumn, type Span } from './window-facts.ts';

/** A decision together with every column that the incident holds after it. */
export interface FoldedDecision extends Decision {
  readonly columns: readonly string[];
}

export interface Fold {
  readonly state: FoldState;
  readonly decisions: readonly FoldedDecision[];
}

export const emptyState: FoldState = { columns: [], incidents: [], cooling: [], retrain: emptyRetrain };

/** The rule that a column votes for. */
export function ruleOf(column: string): Rule {
  if (column === realisedColumn || column === estimatedColumn) return 'quality_loss';
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
  let { incidents, cooling, retrain } = base;
  for (const window of windows) {
    if (window.votes === '') continue;
    for (let i = 0; i < states.length; i++) {
      states[i] = afterVote(states[i]!, window.votes[i] ?? vote.absent, policy);
    }
    const span = { start: window.start, end: window.end };
    const decided = decide({ incidents, cooling }, states, span, policy);
    incidents = decided.incidents;
    cooling = decided.cooling;
    const { silenced = [] } = window.facts;
    const trained = afterRetrainWindow(
      retrain,
      {
        window: span,
        facts: window.facts,
        features: columns.filter(
          (name, i) => ruleOf(name) === 'feature_drift' && (window.votes[i] ?? vote.absent) !== vote.absent,
        ),
        raised: states.flatMap(({ name, severity }) =>
          severity === 'none' || silenced.includes(name) ? [] : [name],
        ),
      },
      policy.retrain,
    );
    retrain = trained.state;
    decisions.push(...decided.decisions);
    if (trained.decision !== undefined) decisions.push(retrainDecision(trained.decision, span));
  }
  const silent = ({ severity, recent }: ColumnState) => severity === 'none' && recent === '';
  return {
    state: { columns: states.filter((state) => !silent(state)), incidents, cooling, retrain },
    decisions,
  };
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

type Openings = Pick<FoldState, 'incidents' | 'cooling'>;

function decide(
  before: Openings,
  states: readonly ColumnState[],
  window: Span,
  policy: AlertPolicy,
): Openings & { decisions: FoldedDecision[] } {
  const raised = states.filter(({ severity }) => severity !== 'none');
  const cooling = before.cooling.filter(({ until }) => window.end < until);
  if (raised.length === 0 && before.incidents.length === 0) return { ...before, cooling, decisions: [] };
  const incidents: OpenIncident[] = [];
  const decisions: FoldedDecision[] = [];
  for (const rule of rules) {
    const known = before.incidents.find((incident) => incident.rule === rule);
    const own = raised.filter(({ name }) => ruleOf(name) === rule);
    const isHeldBack =
      known === undefined &&
      cooling.some((ended) => ended.rule === rule) &&
      own.every(({ severity }) => severity !== 'critical');
    const after = isHeldBack ? undefined : incidentAfter(known, rule, own, window);
    if (after !== undefined) incidents.push(after);
    const decision = difference(known, after, window);
    if (decision !== undefined) decisions.push(decision);
    if (known !== undefined && after === undefined && policy.cooldownMs > 0) {
      cooling.push({ rule, until: window.end + policy.cooldownMs });
    }
  }
  return { incidents, cooling, decisions };
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
  const kind = (before ?? after)?.rule === 'quality_loss' ? 'quality' : 'drift';
  if (after === undefined) {
    return before && { ...before, type: `${kind}.cleared`, window, joined: [] };
  }
  if (before === undefined) return { ...after, type: `${kind}.raised`, window, joined: after.columns };
  const joined = after.columns.filter((name) => !before.columns.includes(name));
  if (joined.length === 0 && after.severity === before.severity) return undefined;
  return { ...after, type: `${kind}.escalated`, window, joined };
}

function retrainDecision(decision: RetrainDecision, window: Span): FoldedDecision {
  const { type, incident, grounds, features } = decision;
  return {
    type,
    rule: 'retrain',
    incident,
    window,
    severity: 'warning',
    joined: features,
    columns: features,
    grounds,
  };
}

const severities: readonly Severity[] = ['none', 'warning', 'critical'];

function worst(a: Severity, b: Severity): Severity {
  return severities.indexOf(a) >= severities.indexOf(b) ? a : b;
}
