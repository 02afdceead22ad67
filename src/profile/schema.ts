// What a model's events look like to Driftline: its columns, and the bins and categories that its baseline froze.
import type { Binning } from '../sketch/binning.ts';
import type { Dictionary } from '../sketch/dictionary.ts';
import type { ColumnKind } from './column.ts';

export type Task = 'binary' | 'multiclass' | 'regression';

/** The columns of a prediction that are not features; a feature cannot begin with `@`. */
export const predictionColumn = '@prediction';
export const scoreColumn = '@score';

export interface ColumnSpec {
  /** The feature's name, or `@prediction`, `@score`. */
  readonly name: string;
  readonly kind: ColumnKind;
  /** Bins frozen by the baseline; undefined while there is none. */
  readonly binning?: Binning;
  /** Categories that the baseline has seen; undefined while there is none. */
  readonly dictionary?: Dictionary;
  /** Whether the distinct values of a numeric column are counted; those of a categorical one are in any case. */
  readonly countsDistinct?: boolean;
}

/**
 * The columns of one model in a fixed order: features in the order of the baseline, then `@prediction`, then
 * `@score` where the task has one. A profile's columns stand in the same order.
 */
export interface ModelSchema {
  readonly model: string;
  readonly task: Task;
  readonly columns: readonly ColumnSpec[];
  /** What a classification chooses from: the negative class, then the positive one; or all classes. Undefined where that is not known. */
  readonly classes?: Dictionary;
  /** Content hash of the baseline that froze bins and dictionaries; empty while there is none. */
  readonly baselineHash: string;
}

/** The place of a class among those of the schema; -1 for a value that names none of them. */
export function classOf({ classes }: ModelSchema, value: unknown): number {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return -1;
  return classes?.index.get(value) ?? -1;
}

/**
 * A score as it is counted: that of several classes in single precision, because that is how all of them wait for a label, and
 * a score must lie in the same group before and after.
 */
export function countedScore({ task }: ModelSchema, score: number): number {
  return (task === 'multiclass' ? Math.fround(score) : score) + 0;
}

/** Whether a value is a probability. */
export function isScore(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 1;
}
