// Signs that not the world has changed but what brings its values: values that are not there, of another type or unit, or
// stuck.
//
// A model that is trained again on such values learns the break. So these come before any talk of drift.
import type { Baseline } from '../profile/baseline.ts';
import type { Column } from '../profile/column.ts';
import { categoryCount } from '../sketch/category-summary.ts';
import { readNumeric } from '../sketch/numeric-summary.ts';

/** What is asked of a column of a drift result: every `ColumnResult` has it. */
export interface WindowColumn {
  readonly name: string;
  readonly n: number;
  readonly missing: number;
  readonly invalid: number;
  readonly nonfinite: number;
  readonly unseen: number;
  readonly state: string;
  readonly statistics: {
    readonly std?: number | null;
    /** At 0.01, 0.05, 0.25, 0.5, 0.75, 0.95 and 0.99. */
    readonly quantiles?: readonly number[];
    readonly top?: readonly { readonly name: string; readonly count: number }[];
  };
}

export type BreakKind = 'missing' | 'type' | 'unit' | 'stuck' | 'encoding';

export interface PipelineBreak {
  readonly kind: BreakKind;
  readonly column: string;
  /** The share, or for a unit the factor, that the column has now, and what it had in the baseline. */
  readonly value: number;
  readonly baseline: number;
  /** What a unit added, beside its factor. */
  readonly offset?: number;
}

/** Shares that rise by more than this are no drift of the world. */
const missingRise = 0.1;
const invalidRise = 0.02;
/** So many rows of categories that the baseline does not know at all: they are written in another way. */
const unseenShare = 0.5;
/** A value that all rows have now and less than this share had before. */
const stuckBefore = 0.5;

/** The first sign of a break in every drifted column, in the order of the columns. */
export function pipelineBreaks(columns: readonly WindowColumn[], baseline: Baseline): PipelineBreak[] {
  const before = new Map(baseline.schema.columns.map(({ name }, i) => [name, baseline.profile.columns[i]!]));
  return columns.flatMap((column) => {
    const reference = before.get(column.name);
    // The model's own output follows from its features; a break there is found in them.
    if (reference === undefined || column.state !== 'drifted' || column.name.startsWith('@')) return [];
    const found =
      lostValues(column, reference) ??
      stuckValue(column, reference) ??
      (reference.kind === 'numeric' ? otherUnit(column, reference) : otherEncoding(column, reference));
    return found === undefined ? [] : [found];
  });
}

interface Shares {
  readonly missing: number;
  readonly invalid: number;
}

function sharesOf(column: Column): Shares {
  const values = column.kind === 'numeric' ? readNumeric(column.summary).n : categoryCount(column.summary);
  const nonfinite = column.kind === 'numeric' ? column.nonfinite : 0;
  const n = Math.max(1, values + column.missing + column.invalid + nonfinite);
  return { missing: column.missing / n, invalid: (column.invalid + nonfinite) / n };
}

function lostValues(column: WindowColumn, reference: Column): PipelineBreak | undefined {
  const before = sharesOf(reference);
  const invalid = (column.invalid + column.nonfinite) / column.n;
  if (invalid > before.invalid + invalidRise)
    return { kind: 'type', column: column.name, value: invalid, baseline: before.invalid };
  const missing = column.missing / column.n;
  if (missing > before.missing + missingRise)
    return { kind: 'missing', column: column.name, value: missing, baseline: before.missing };
  return undefined;
}

function stuckValue(
  { name, statistics, ...column }: WindowColumn,
  reference: Column,
): PipelineBreak | undefined {
  const values = column.n - column.missing - column.invalid - column.nonfinite;
  if (values === 0) return undefined;
  const isStuck = reference.kind === 'numeric' ? statistics.std === 0 : statistics.top?.[0]?.count === values;
  if (!isStuck) return undefined;
  const before = shareBefore(statistics, reference);
  return before < stuckBefore ? { kind: 'stuck', column: name, value: 1, baseline: before } : undefined;
}

/** The share that the one value of a window had in the baseline. */
function shareBefore(statistics: WindowColumn['statistics'], reference: Column): number {
  if (reference.kind === 'categorical') {
    const { summary } = reference;
    const place = summary.dictionary?.index.get(statistics.top![0]!.name);
    return place === undefined ? 0 : summary.counts[place]! / Math.max(1, categoryCount(summary));
  }
  const { rank, n } = readNumeric(reference.summary);
  const { below, atOrBelow } = rank(statistics.quantiles![0]!);
  return (atOrBelow - below) / Math.max(1, n);
}

function otherEncoding(column: WindowColumn, reference: Column): PipelineBreak | undefined {
  const unseen = column.unseen / column.n;
  if (unseen < unseenShare || reference.kind !== 'categorical') return undefined;
  const before = reference.summary.unseen / Math.max(1, categoryCount(reference.summary));
  return before < unseenShare / 2
    ? { kind: 'encoding', column: column.name, value: unseen, baseline: before }
    : undefined;
}

/** The quantiles that a unit is read from: those at the ends are too few rows. */
const inner = [0.05, 0.25, 0.5, 0.75, 0.95] as const;

/** A line through the quantiles of both sides has to fit this well. */
const leastCorrelation = 0.99;

/** The world seldom multiplies by so much and leaves the shape as it is. */
const leastFactor = 3;

/** Factors of units that are mistaken for each other, and what is added. */
const oneWay: readonly (readonly [factor: number, offset: number])[] = [
  ...[10, 100, 1000, 60, 3600, 24, 7, 12, 1024].map((factor) => [factor, 0] as const),
  // Inch, foot, mile, pound, ounce, gallon, calorie, knot, metre a second in kilometres an hour.
  ...[2.54, 3.2808, 1.6093, 2.2046, 28.3495, 3.7854, 4.184, 1.852, 3.6].map((factor) => [factor, 0] as const),
  [1.8, 32],
];

const conversions: typeof oneWay = [
  ...oneWay,
  ...oneWay.map(([factor, offset]) => [1 / factor, -offset / factor] as const),
];

/**
 * Whether the quantiles of the window are those of the baseline times a factor that is known as one of units, or that is
 * so large that nothing else explains it.
 */
function otherUnit({ name, statistics }: WindowColumn, reference: Column): PipelineBreak | undefined {
  if (reference.kind !== 'numeric' || statistics.quantiles?.length !== 7) return undefined;
  const before = inner.map(readNumeric(reference.summary).quantile);
  const after = statistics.quantiles.slice(1, 6);
  if (new Set(before).size < 4) return undefined;
  const line = lineThrough(before, after);
  if (line === undefined || line.correlation < leastCorrelation) return undefined;
  const { factor, offset } = line;
  const spread = before[4]! - before[0]!;
  const known = conversions.find(([by, added]) => isNear(factor, offset, by, added, spread));
  if (known !== undefined)
    return { kind: 'unit', column: name, value: known[0], baseline: 1, offset: known[1] };
  const isPure = Math.abs(offset) < 0.1 * factor * spread;
  const isLarge = factor >= leastFactor || factor <= 1 / leastFactor;
  return isPure && isLarge
    ? { kind: 'unit', column: name, value: factor, baseline: 1, offset: 0 }
    : undefined;
}

/**
 * Within 1 % of a factor: prices and the like do move by a half. Where something is added too, both have to fit, and 5 % is
 * near enough.
 */
function isNear(factor: number, offset: number, known: number, added: number, spread: number): boolean {
  const tolerance = added === 0 ? 0.01 : 0.05;
  return Math.abs(factor / known - 1) < tolerance && Math.abs(offset - added) < tolerance * known * spread;
}

function lineThrough(
  x: readonly number[],
  y: readonly number[],
): { factor: number; offset: number; correlation: number } | undefined {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(x), mean(y)];
  let [xx, xy, yy] = [0, 0, 0];
  x.forEach((value, i) => {
    xx += (value - meanX) ** 2;
    xy += (value - meanX) * (y[i]! - meanY);
    yy += (y[i]! - meanY) ** 2;
  });
  if (xx === 0 || yy === 0) return undefined;
  const factor = xy / xx;
  return { factor, offset: meanY - factor * meanX, correlation: xy / Math.sqrt(xx * yy) };
}
