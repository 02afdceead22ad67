// A result document as what alerts are decided by: the same as of the result that it was written from.
import type { JudgedWindow } from '../alert/vote.ts';
import type { WindowColumn } from '../quality/pipeline-break.ts';
import type { ResultDocument } from './result.ts';

/** Also with what tells a break from drift; names of categories are those that were published. */
export type DocumentWindow = Omit<JudgedWindow, 'columns'> & {
  readonly columns: readonly (JudgedWindow['columns'][number] & WindowColumn)[];
};

/** What was written as null because it is not finite is not finite again. */
export function judgedWindow(document: ResultDocument): DocumentWindow {
  return {
    model: document.model,
    segment: document.segment,
    start: Date.parse(document.window_start_time),
    end: Date.parse(document.window_end_time),
    status: document.status,
    columns: document.columns.map(judgedColumn),
  };
}

function judgedColumn(column: ResultDocument['columns'][number]): DocumentWindow['columns'][number] {
  const { n, missing, invalid, nonfinite, unseen, measure, state, severity, sequential, statistics } = column;
  return {
    ...{ n, missing, invalid, nonfinite, unseen, measure, state, severity },
    name: column.feature_name,
    score: column.drift_score,
    threshold: column.drift_threshold ?? Infinity,
    critical: column.critical ?? Infinity,
    noiseFloor: column.noise_floor,
    statistics:
      'top' in statistics
        ? { top: statistics.top.map(({ name = '', count }) => ({ name, count })) }
        : { std: statistics.std, quantiles: statistics.quantiles.map((value) => value ?? Number.NaN) },
    ...(sequential === undefined ? {} : { sequential: { alarm: sequential.alarm } }),
  };
}
