// The nouns of alerting: rules, the votes of windows, what an incident is, and its history.
import type { Severity } from '../drift/result.ts';
import type { RetrainGrounds, RetrainPolicy, RetrainState } from './retrain.ts';
import type { Span, WindowFacts } from './window-facts.ts';

/** What an incident is about. Every column votes for one rule; what to retrain for follows from all of them. */
export const rules = ['feature_drift', 'prediction_drift', 'quality_loss', 'retrain'] as const;

export type Rule = (typeof rules)[number];

/** When a column counts as drifting for good, and when it no longer does. */
export interface AlertPolicy {
  readonly raise: {
    /** Raised when this many … */
    readonly windows: number;
    /** … of the last so many voting windows were raised, */
    readonly of: number;
    /** or at once when the score exceeds this many times the critical level. */
    readonly atOnce: number;
  };
  readonly clear: {
    /** A window votes clear when its score lies below this share of the threshold, */
    readonly below: number;
    /** and so many consecutive votes clear the column. */
    readonly windows: number;
  };
  /** For so long after the end of an incident's last window no other of its rule opens, unless it is critical. */
  readonly cooldownMs: number;
  readonly retrain: RetrainPolicy;
  /** How long after its end a window's votes may still change, event-time milliseconds. */
  readonly horizonMs: number;
}

/** What each kind of incident can come to. */
export const decisionTypes = [
  ...(['drift.raised', 'drift.escalated', 'drift.cleared'] as const),
  ...(['quality.raised', 'quality.escalated', 'quality.cleared'] as const),
  ...(['retrain.recommended', 'retrain.suppressed'] as const),
] as const;

/** The withdrawal of what no longer follows, by the kind of the incident. */
export const retractionTypes = ['drift.retracted', 'quality.retracted', 'retrain.retracted'] as const;

export type DecisionType = (typeof decisionTypes)[number];
export type TransitionType = DecisionType | (typeof retractionTypes)[number];

/** What happened to an incident in one window, as the fold of all votes says. */
export interface Decision {
  readonly type: DecisionType;
  readonly rule: Rule;
  /** The window in which the incident was raised: its name. */
  readonly incident: Span;
  readonly window: Span;
  /** The worst severity of the incident so far. */
  readonly severity: Exclude<Severity, 'none'>;
  /** Columns that joined the incident here, by name; none when only the severity rose or the incident cleared. */
  readonly joined: readonly string[];
  /** Why to retrain, and what speaks against it now; of the rule `retrain` alone. */
  readonly grounds?: RetrainGrounds;
}

/** A decision, or the withdrawal of one, as it is announced. */
export interface Transition {
  readonly model: string;
  readonly segment: string;
  readonly type: TransitionType;
  readonly rule: Rule;
  readonly incident: Span;
  readonly window: Span;
  readonly severity: Exclude<Severity, 'none'>;
  readonly joined: readonly string[];
  /** Every column that the incident has held so far; of a retraction, those that the withdrawn decision brought. */
  readonly columns: readonly string[];
  /** True where somebody has silenced every column of it in its window. */
  readonly silenced: boolean;
  /** True when a revised or delayed window changed the past. */
  readonly late: boolean;
  /** What a retraction withdraws. */
  readonly retracts?: DecisionType;
  readonly grounds?: RetrainGrounds;
  /** Of a recommendation: the one that the job was first recommended by. It is this one, unless that was withdrawn. */
  readonly job?: Job;
  /** How often this decision (rule, type, window) was withdrawn before: tells a second announcement from a repeat. */
  readonly occurrence: number;
  /** Counts the transitions of this model and segment from 1. */
  readonly sequence: number;
}

/** Names a recommendation: the job that it starts is to be started once, however often it moves to another window. */
export interface Job {
  readonly incident: Span;
  readonly window: Span;
  readonly occurrence: number;
}

/** The votes of one window: one character per column of the history (`vote.ts`); empty when nothing was compared. */
export interface WindowVotes extends Span {
  readonly votes: string;
  readonly facts: WindowFacts;
}

/** What the fold remembers of a column between windows. */
export interface ColumnState {
  readonly name: string;
  /** `none` while the column is not raised. */
  readonly severity: Severity;
  /** The last votes that counted, oldest first. */
  readonly recent: string;
}

/** An incident that is open at some point of the fold. */
export interface OpenIncident {
  readonly rule: Rule;
  readonly incident: Span;
  readonly severity: Exclude<Severity, 'none'>;
  /** Every column that was raised since the incident opened, sorted. */
  readonly columns: readonly string[];
}

/** Columns that no longer say anything have no state; all lists are sorted, so that equal states are equal text. */
export interface FoldState {
  readonly columns: readonly ColumnState[];
  readonly incidents: readonly OpenIncident[];
  /** Rules whose last incident ended so lately that no other opens before `until`, event time. */
  readonly cooling: readonly { readonly rule: Rule; readonly until: number }[];
  readonly retrain: RetrainState;
}

/**
 * All that is known of the incidents of one model and segment, safe for JSON. Its content (`columns`, `windows`, `base`,
 * `foldedTo`, `standing`) depends on the final results alone; `withdrawn`, `jobs` and `sequence` tell how it came about.
 */
export interface IncidentHistory {
  readonly model: string;
  readonly segment: string;
  /** The policy that the windows are folded by. */
  readonly policy: AlertPolicy;
  /** Names behind the positions of the vote strings, sorted. */
  readonly columns: readonly string[];
  /** Windows within the revision horizon, in order of end, then start. */
  readonly windows: readonly WindowVotes[];
  /** The fold of everything before those windows. */
  readonly base: FoldState;
  /** End of the newest window in `base`; null when there is none. Windows that end here or before no longer count. */
  readonly foldedTo: number | null;
  /** Decisions in these windows that have been announced and not withdrawn, in order of window, then rule. */
  readonly standing: readonly Decision[];
  /** How often a decision in these windows was withdrawn. */
  readonly withdrawn: readonly { readonly decision: string; readonly end: number; readonly times: number }[];
  /** The jobs recommended in these windows, and where their recommendation stands; null while it is withdrawn. */
  readonly jobs: readonly { readonly decision: string | null; readonly end: number; readonly job: Job }[];
  readonly sequence: number;
}
