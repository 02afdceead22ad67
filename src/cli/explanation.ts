// Why a feature is held for drifted, or not, in a window: the words and bars of `explain`.
import type { ResultDocument } from '../codec/result.ts';

type Column = ResultDocument['columns'][number];
type Mover = NonNullable<Column['moved']>[number];

const barWidth = 24;

/** The text about one column of a result. Ends with a line break. */
export function explanation(result: ResultDocument, column: Column): string {
  return [
    `${result.model} / ${column.feature_name}, ${result.window_start_time} to ${result.window_end_time}, revision ${result.revision}`,
    '',
    ...verdict(column),
    ...moved(column.moved ?? []),
    ...otherMeasures(column),
    ...rows(column),
    '',
  ].join('\n');
}

function verdict(column: Column): string[] {
  const { state, severity, n, measure, drift_score: score, drift_threshold: threshold } = column;
  if (state === 'insufficient_data')
    return [`No verdict: ${count(n)} rows are fewer than drift.min_count asks for.`];
  if (score === null || threshold === null) return ['No verdict: no measure is defined for these data.'];
  const head =
    state === 'drifted'
      ? `Drifted (${severity}): ${measure} is ${number(score)} and exceeds ${number(threshold)}.`
      : `Not drifted: ${measure} is ${number(score)}, the threshold is ${number(threshold)}.`;
  return [head, ...thresholdOrigin(column), ...significance(column)];
}

function thresholdOrigin({ drift_threshold: threshold, warning, noise_floor: floor }: Column): string[] {
  if (warning === null) return [];
  const chance =
    floor === null
      ? ''
      : ` Chance alone makes ${number(floor)} in one undrifted window of a thousand of this size.`;
  const origin =
    threshold === floor
      ? 'The threshold is what chance makes, which is more than the warning level'
      : threshold === warning
        ? 'The threshold is the warning level'
        : 'The threshold was learnt from chunks of the reference; the warning level is';
  return [`${origin}${threshold === warning ? '' : ` ${number(warning)}`}.${chance}`];
}

function significance({
  state,
  p_value_adjusted: p,
  drift_score: score,
  drift_threshold: threshold,
}: Column): string[] {
  if (p === null) return [];
  const exceeds = score !== null && threshold !== null && score > threshold;
  const why =
    state !== 'drifted' && exceeds ? ': too likely among so many features, so that there is no alarm' : '';
  return [`Adjusted over the features of the window its p-value is ${number(p)}${why}.`];
}

function moved(movers: readonly Mover[]): string[] {
  if (movers.length === 0) return [];
  const greatest = Math.max(...movers.flatMap((mover) => [mover.baseline_share, mover.window_share]));
  return [
    ...['', 'What moved, the greatest part of the score first:'],
    ...movers.flatMap((mover) => [
      `  ${mover.text}`,
      `    baseline ${bar(mover.baseline_share, greatest)} ${percent(mover.baseline_share)}`,
      `    window   ${bar(mover.window_share, greatest)} ${percent(mover.window_share)}`,
    ]),
  ];
}

function bar(share: number, greatest: number): string {
  const filled = greatest > 0 ? Math.round((share / greatest) * barWidth) : 0;
  return '█'.repeat(filled).padEnd(barWidth, '·');
}

function otherMeasures({ measures, measure: decisive }: Column): string[] {
  const lines = Object.entries(measures).flatMap(([name, { score, noise_floor: floor }]) =>
    name === decisive || score === null || floor === null
      ? []
      : [`  ${name.padEnd(20)} ${number(score).padStart(9)}   by chance up to ${number(floor)}`],
  );
  return lines.length === 0 ? [] : ['', 'By the other measures:', ...lines];
}

function rows(column: Column): string[] {
  const {
    n,
    n_effective: effective,
    n_baseline: baseline,
    missing,
    invalid,
    nonfinite,
    unseen,
    chunks,
  } = column;
  const worth =
    effective === undefined || effective >= n
      ? ''
      : `, worth ${count(Math.round(effective))} independent ones by ${chunks} chunks of the reference`;
  const without = Object.entries({ missing, invalid, nonfinite, unseen }).filter(([, rows]) => rows > 0);
  return [
    '',
    `${count(n)} rows${worth}; ${count(baseline)} in the baseline.`,
    ...without.map(([what, rows]) => `${count(rows)} of them ${what} (${percent(rows / n)}).`),
  ];
}

function number(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(2))} %`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
