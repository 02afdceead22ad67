// What the history has to tell: decisions that now follow and were not announced, and those that no longer do.
import type { FoldedDecision } from './fold.ts';
import type { Decision, IncidentHistory, Job, Transition, TransitionType } from './incident.ts';
import { retrainColumn } from './window-facts.ts';

type Standing = IncidentHistory['jobs'][number];

/**
 * Compares what was announced with what now follows; `decisions` become the standing ones. Retractions come first, the
 * latest first. A recommendation that is made again after one was withdrawn is of the same job: in another window, but to be
 * started once.
 */
export function announced(
  history: IncidentHistory,
  decisions: readonly FoldedDecision[],
  late: boolean,
): { history: IncidentHistory; transitions: readonly Transition[] } {
  const after = new Set(decisions.map(identity));
  const before = new Set(history.standing.map(identity));
  const withdrawn = new Map(history.withdrawn.map((entry) => [entry.decision, entry]));
  let jobs = history.jobs;
  const transitions: Transition[] = [];
  const announce = (
    decision: Decision,
    type: TransitionType,
    rest: Pick<Transition, 'columns' | 'late' | 'job' | 'retracts'>,
  ) => {
    const { rule, incident, window, severity, joined, grounds } = decision;
    transitions.push({
      ...{ model: history.model, segment: history.segment, type, rule, incident, window, severity, joined },
      ...(grounds === undefined ? {} : { grounds }),
      ...rest,
      silenced: isSilenced(decision, rest.columns, history),
      occurrence: withdrawn.get(place(decision))?.times ?? 0,
      sequence: history.sequence + transitions.length + 1,
    });
  };
  for (const decision of history.standing.toReversed()) {
    if (after.has(identity(decision))) continue;
    const at = place(decision);
    const job = jobs.find((known) => known.decision === at);
    announce(decision, retractionOf(decision), {
      ...{ columns: decision.joined, late: true, retracts: decision.type },
      ...(job === undefined ? {} : { job: job.job }),
    });
    jobs = jobs.map((known) => (known === job ? { ...known, decision: null } : known));
    withdrawn.set(at, { decision: at, end: decision.window.end, times: (withdrawn.get(at)?.times ?? 0) + 1 });
  }
  for (const decision of decisions) {
    if (before.has(identity(decision))) continue;
    const job = jobOf(decision, jobs, withdrawn.get(place(decision))?.times ?? 0);
    if (job !== undefined) jobs = [...jobs.filter((known) => known.job !== job.job), job];
    announce(decision, decision.type, {
      ...{ columns: decision.columns, late },
      ...(job === undefined ? {} : { job: job.job }),
    });
  }
  const standing = decisions.map(({ columns: _, ...decision }) => decision);
  const sequence = history.sequence + transitions.length;
  return {
    history: { ...history, standing, withdrawn: [...withdrawn.values()], jobs, sequence },
    transitions,
  };
}

/** Of a recommendation: the job nearest in time whose own recommendation was withdrawn, or one of its own. */
function jobOf(decision: Decision, jobs: readonly Standing[], occurrence: number): Standing | undefined {
  if (decision.type !== 'retrain.recommended') return undefined;
  const { incident, window } = decision;
  const distance = ({ job }: Standing) => Math.abs(job.window.end - window.end);
  const [nearest] = jobs.filter((known) => known.decision === null).sort((a, b) => distance(a) - distance(b));
  const job: Job = nearest?.job ?? { incident, window, occurrence };
  return { decision: place(decision), end: window.end, job };
}

/** Silenced are windows: an incident is told of again when a window that is not changes it. */
function isSilenced(
  { rule, window }: Decision,
  columns: readonly string[],
  { windows }: IncidentHistory,
): boolean {
  const { silenced = [] } =
    windows.find(({ start, end }) => start === window.start && end === window.end)?.facts ?? {};
  if (rule === 'retrain') return silenced.includes(retrainColumn);
  return columns.length > 0 && columns.every((name) => silenced.includes(name));
}

function retractionOf({ rule }: Decision): TransitionType {
  if (rule === 'retrain') return 'retrain.retracted';
  return rule === 'quality_loss' ? 'quality.retracted' : 'drift.retracted';
}

function place({ rule, type, window }: Decision): string {
  return `${rule} ${type} ${window.start} ${window.end}`;
}

function identity(decision: Decision): string {
  const { incident, severity, joined, grounds } = decision;
  return JSON.stringify([place(decision), incident.start, incident.end, severity, joined, grounds]);
}
