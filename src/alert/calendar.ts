// Times that somebody has something to say about: silences, maintenance, and the schedule of retraining.
import type { WindowEvidence } from './evidence.ts';
import { ruleOf } from './fold.ts';
import type { Rule } from './incident.ts';
import type { JudgedWindow } from './vote.ts';
import { estimatedColumn, realisedColumn, retrainColumn, type Span } from './window-facts.ts';

/** Of one model. Times are event time, epoch milliseconds. */
export interface Calendar {
  readonly silences: readonly Silence[];
  readonly maintenance: readonly MarkedTime[];
  /** When the schedule last struck at or before a time; undefined where there is no schedule. */
  readonly lastStrike: ((time: number) => number | undefined) | undefined;
}

export interface MarkedTime {
  readonly fromMs: number;
  readonly untilMs: number;
}

export interface Silence extends MarkedTime {
  /** Empty is all. */
  readonly rules: readonly Rule[];
  readonly features: readonly string[];
}

export const emptyCalendar: Calendar = { silences: [], maintenance: [], lastStrike: undefined };

/** What the calendar says of a window. */
export function marksOf(
  calendar: Calendar,
  window: JudgedWindow,
): Pick<WindowEvidence, 'silenced' | 'isMaintenance' | 'scheduledAt'> {
  const silences = calendar.silences.filter((silence) => touches(silence, window));
  const names = [...window.columns.map(({ name }) => name), realisedColumn, estimatedColumn, retrainColumn];
  return {
    isMaintenance: calendar.maintenance.some((marked) => touches(marked, window)),
    silenced: names.filter((name) => silences.some((silence) => isAbout(silence, name))),
    scheduledAt: calendar.lastStrike?.(window.end),
  };
}

function touches({ fromMs, untilMs }: MarkedTime, { start, end }: Span): boolean {
  return start < untilMs && end > fromMs;
}

function isAbout({ rules, features }: Silence, column: string): boolean {
  const rule = column === retrainColumn ? 'retrain' : ruleOf(column);
  return (rules.length === 0 || rules.includes(rule)) && (features.length === 0 || features.includes(column));
}
