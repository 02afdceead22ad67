// What a person reads of a baseline: where it came from, a row for every column, and how well the model did.
import type { Baseline } from '../profile/baseline.ts';
import type { Column } from '../profile/column.ts';
import { categoryCount, distinctCategories, topCategories } from '../sketch/category-summary.ts';
import { standardDeviation } from '../sketch/moments.ts';
import { readNumeric } from '../sketch/numeric-summary.ts';
import { printable } from './printable.ts';
import { type Cell, textTable } from './table.ts';

interface ColumnRow {
  readonly column: string;
  readonly kind: string;
  readonly n: number;
  readonly missing: number;
  readonly invalid: number;
  /** Categories, or different numbers where all are at hand; null where nobody counted. */
  readonly distinct: number | null;
  readonly mean: number | null;
  readonly std: number | null;
  readonly quantiles: readonly { readonly level: number; readonly value: number }[];
  readonly top: readonly { readonly name: string; readonly count: number }[];
}

const levels = [0.05, 0.5, 0.95] as const;
const topShown = 3;
const nameShown = 24;

function columnRow(name: string, { missing, ...column }: Column): ColumnRow {
  const common = { column: name, kind: column.kind, missing, invalid: column.invalid };
  if (column.kind === 'categorical') {
    const { summary } = column;
    return {
      ...common,
      n: categoryCount(summary),
      distinct: distinctCategories(summary) ?? null,
      ...{ mean: null, std: null, quantiles: [] },
      top: topCategories(summary, 10),
    };
  }
  const { n, moments, distinct, quantile } = readNumeric(column.summary);
  return {
    ...common,
    n,
    distinct: distinct ?? null,
    mean: n === 0 ? null : moments.mean,
    std: n === 0 ? null : standardDeviation(moments),
    quantiles: n === 0 ? [] : levels.map((level) => ({ level, value: quantile(level) })),
    top: [],
  };
}

function columnRows({ schema, profile }: Baseline): ColumnRow[] {
  return schema.columns.map(({ name }, i) => columnRow(name, profile.columns[i]!));
}

/** What `baseline show --json` prints. */
export function baselineSummary(baseline: Baseline) {
  const { schema, profile, period, provenance } = baseline;
  return {
    model: schema.model,
    task: schema.task,
    rows: profile.rows,
    period: { start: timeText(period.start), end: timeText(period.end) },
    hash: schema.baselineHash,
    provenance,
    classes: schema.classes?.names ?? null,
    quality: qualityRows(baseline),
    columns: columnRows(baseline),
  };
}

interface QualityRow {
  readonly metric: string;
  readonly value: number;
  /** Mean and standard deviation over chunks of neighbouring rows. */
  readonly mean: number;
  readonly deviation: number;
  readonly chunks: number;
}

/** How well the model did on the reference data; empty where they carry no labels. */
function qualityRows({ quality }: Baseline): QualityRow[] {
  return [...(quality?.metrics ?? [])].map(([metric, { value, mean, deviation, chunks }]) => ({
    ...{ metric, value, mean, deviation, chunks },
  }));
}

function qualityText(baseline: Baseline): string {
  const rows = qualityRows(baseline);
  if (rows.length === 0) return '';
  const headers = ['metric', 'value', 'mean of chunks', 'sd of chunks', 'chunks'];
  const lines = rows.map(({ metric, value, mean, deviation, chunks }) => [
    metric,
    ...[value, mean, deviation].map(rounded),
    chunks,
  ]);
  return `\n${textTable(headers, lines)}`;
}

/** What `baseline show` prints: a few lines, a table of the columns, and one of the quality where there are labels. */
export function baselineText(baseline: Baseline): string {
  const { schema, profile, period, provenance } = baseline;
  const between =
    period.start === null ? 'without time' : `${timeText(period.start)} to ${timeText(period.end)}`;
  const head = [
    `model   ${schema.model} (${schema.task})`,
    `rows    ${profile.rows.toLocaleString('en-US')}, ${between}`,
    `source  ${provenance.source}`,
    `built   ${provenance.builtAt} by ${provenance.builtBy}`,
    `hash    ${schema.baselineHash}`,
    ...(baseline.quality === undefined
      ? []
      : [`labels  ${baseline.quality.labelled.toLocaleString('en-US')}`]),
    ...(schema.classes === undefined ? [] : [`classes ${schema.classes.names.join(', ')}`]),
  ];
  const headers = [
    'column',
    'kind',
    'n',
    'missing',
    'invalid',
    'distinct',
    'mean',
    'sd',
    '5 %',
    '50 %',
    '95 %',
    'top',
  ];
  return `${head.map(printable).join('\n')}\n\n${textTable(headers, columnRows(baseline).map(cells))}${qualityText(baseline)}`;
}

function cells(row: ColumnRow): Cell[] {
  const top = row.top.slice(0, topShown).map(({ name, count }) => `${shortened(name)} (${count})`);
  return [
    ...[
      row.column,
      row.kind,
      row.n,
      row.missing,
      row.invalid,
      row.distinct,
      rounded(row.mean),
      rounded(row.std),
    ],
    ...levels.map((_, i) => rounded(row.quantiles[i]?.value ?? null)),
    top.join(', '),
  ];
}

function rounded(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(5));
}

function shortened(name: string): string {
  const points = [...name];
  return points.length <= nameShown ? name : `${points.slice(0, nameShown - 1).join('')}…`;
}

function timeText(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
