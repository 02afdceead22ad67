// What one window says about one column, as one character: a history holds a day of them for every column.
import { measures } from '../drift/measures.ts';
import type { ColumnResult, WindowResult } from '../drift/result.ts';
import type { AlertPolicy } from './incident.ts';

/**
 * `absent`: the window was compared without this column (a baseline without it). `abstain`: too few rows, or no score.
 * `middle`: neither drifted nor well below the threshold. `severe`: drifted so far that one window is enough.
 */
export const vote = {
  absent: ' ',
  abstain: '.',
  clear: 'c',
  middle: 'm',
  warning: 'w',
  critical: 'k',
  severe: 's',
} as const;

export type Vote = (typeof vote)[keyof typeof vote];

/** What is asked of a column, and of a window: every `WindowResult` has it, and every stored document. */
export type JudgedColumn = Pick<
  ColumnResult,
  'name' | 'measure' | 'score' | 'threshold' | 'critical' | 'noiseFloor' | 'state' | 'severity'
> & { readonly sequential?: { readonly alarm: boolean } };

export type JudgedWindow = Pick<WindowResult, 'model' | 'segment' | 'start' | 'end' | 'status'> & {
  readonly columns: readonly JudgedColumn[];
};

/**
 * The vote of a column in one window. The clear level is a share of the threshold that applied in this window: of the
 * noise floor where that is the greater, because on few rows an undrifted score lies above the warning level itself.
 *
 * An alarm of the sequential detector is a warning whatever the window alone says, also on few rows: its evidence is
 * that of many windows.
 */
export function voteOf(column: JudgedColumn, policy: AlertPolicy): Vote {
  const letter = voteOfScore(column, policy);
  return column.sequential?.alarm === true && !isRaised(letter) ? vote.warning : letter;
}

function voteOfScore(column: JudgedColumn, policy: AlertPolicy): Vote {
  const { score, state } = column;
  if (state === 'insufficient_data' || score === null || Number.isNaN(score)) return vote.abstain;
  if (state === 'drifted') {
    if (score > severeLevel(column, policy)) return vote.severe;
    return column.severity === 'critical' ? vote.critical : vote.warning;
  }
  return score < policy.clear.below * column.threshold ? vote.clear : vote.middle;
}

/**
 * What one window alone has to exceed. Its noise floor is exceeded now and then, and where rows depend on each other the tail
 * beyond it is long: a window that alone is enough lies as many times further out, of squared measures by the square.
 */
function severeLevel({ critical, noiseFloor, measure }: JudgedColumn, { raise }: AlertPolicy): number {
  const further = measures[measure].isSquared ? raise.atOnce ** 2 : raise.atOnce;
  return Math.max(raise.atOnce * critical, further * (noiseFloor ?? 0));
}

/** Votes by column name; undefined when the window was not compared with a baseline at all. */
export function votesOf(result: JudgedWindow, policy: AlertPolicy): Map<string, Vote> | undefined {
  if (result.status === 'no_baseline' || result.columns.length === 0) return undefined;
  return new Map(result.columns.map((column) => [column.name, voteOf(column, policy)]));
}

/** Whether a vote counts towards raising its column. */
export function isRaised(letter: string): boolean {
  return letter === vote.warning || isCritical(letter);
}

/** Whether a vote counts towards making its column critical. */
export function isCritical(letter: string): boolean {
  return letter === vote.critical || letter === vote.severe;
}
