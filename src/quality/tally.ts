// What a set of labelled predictions adds up to: confusion matrix or errors, and losses as exact sums.
//
// Every contribution is a function of one outcome, and is added without rounding: any order gives the same tally, and what
// was added can be taken away.
import { addExactly, addProduct, copySum, type ExactSum, emptySum, mergeSums } from '../sketch/exact-sum.ts';
import type { AwaitedPrediction } from './outcome.ts';

export interface ClassTally {
  readonly kind: 'classes';
  readonly classes: number;
  /** Rows by true class, then by predicted class. */
  readonly confusion: Float64Array;
  /** Rows with scores, which the losses are of. */
  scored: number;
  readonly sums: Readonly<Record<'logLoss' | 'logLossSquares' | 'brier' | 'brierSquares', ExactSum>>;
}

export interface NumberTally {
  readonly kind: 'numbers';
  n: number;
  /** Rows whose label is not 0: those have a relative error. */
  ratios: number;
  readonly sums: Readonly<Record<NumberSum, ExactSum>>;
}

/** Of the error e (prediction less label) and of the label y. */
type NumberSum =
  | 'error'
  | 'absolute'
  | 'square'
  | 'fourth'
  | 'label'
  | 'labelSquare'
  | 'ratio'
  | 'ratioSquare';

export type Tally = ClassTally | NumberTally;

export const classSums = ['logLoss', 'logLossSquares', 'brier', 'brierSquares'] as const;
export const numberSums = [
  'error',
  'absolute',
  'square',
  'fourth',
  'label',
  'labelSquare',
  'ratio',
  'ratioSquare',
] as const;

/** Probabilities are kept this far from 0 and 1, as the logarithm demands. */
const leastProbability = 1e-15;
/** A label near 0 makes a relative error without bound. */
const ratioMax = 1e60;

/** A tally of nothing; of numbers where there are no classes. */
export function emptyTally(classes: number | undefined): Tally {
  if (classes === undefined) {
    return { kind: 'numbers', n: 0, ratios: 0, sums: emptySums(numberSums) };
  }
  const confusion = new Float64Array(classes * classes);
  return { kind: 'classes', classes, confusion, scored: 0, sums: emptySums(classSums) };
}

function emptySums<Name extends string>(names: readonly Name[]): Record<Name, ExactSum> {
  return Object.fromEntries(names.map((name) => [name, emptySum()])) as Record<Name, ExactSum>;
}

/** Counts a prediction with a label, or takes it away where `times` is -1. Classes are known ones. */
export function countInTally(
  tally: Tally,
  prediction: AwaitedPrediction,
  label: number,
  times: 1 | -1,
): void {
  if (tally.kind === 'classes') countClass(tally, prediction, label, times);
  else countNumber(tally, prediction.value, label, times);
}

function countClass(
  tally: ClassTally,
  { value, scores }: AwaitedPrediction,
  label: number,
  times: 1 | -1,
): void {
  tally.confusion[label * tally.classes + value]! += times;
  const loss = lossOf(scores, label, tally.classes);
  if (loss === undefined) return;
  const { logLoss, brier } = loss;
  tally.scored += times;
  const { sums } = tally;
  addExactly(sums.logLoss, times * logLoss);
  addExactly(sums.logLossSquares, times * logLoss * logLoss);
  addExactly(sums.brier, times * brier);
  addExactly(sums.brierSquares, times * brier * brier);
}

interface Loss {
  readonly logLoss: number;
  readonly brier: number;
}

/** Undefined where the scores do not say what the true class was given. */
function lossOf(scores: readonly number[], label: number, classes: number): Loss | undefined {
  if (scores.length === classes) return classLoss(scores, label);
  return scores.length === 1 && classes === 2 ? binaryLoss(scores[0]!, label) : undefined;
}

function binaryLoss(score: number, label: number): Loss {
  const clipped = Math.min(1 - leastProbability, Math.max(leastProbability, score));
  return { logLoss: -Math.log(label === 1 ? clipped : 1 - clipped), brier: (score - label) ** 2 };
}

function classLoss(scores: readonly number[], label: number): Loss {
  let brier = 0;
  scores.forEach((score, i) => {
    brier += (score - (i === label ? 1 : 0)) ** 2;
  });
  return { logLoss: -Math.log(Math.max(scores[label]!, leastProbability)), brier };
}

function countNumber(tally: NumberTally, value: number, label: number, times: 1 | -1): void {
  const error = value - label;
  const square = error * error;
  const { sums } = tally;
  tally.n += times;
  addExactly(sums.error, times * error);
  addExactly(sums.absolute, times * Math.abs(error));
  addExactly(sums.square, times * square);
  addExactly(sums.fourth, times * square * square);
  addExactly(sums.label, times * label);
  addProduct(sums.labelSquare, times * label, label);
  if (label === 0) return;
  const ratio = Math.min(ratioMax, Math.abs(error / label));
  tally.ratios += times;
  addExactly(sums.ratio, times * ratio);
  addExactly(sums.ratioSquare, times * ratio * ratio);
}

/** Adds `from` to `into`; `from` stays as it is. Both are of the same classes. */
export function mergeTallies(into: Tally, from: Tally): void {
  if (into.kind === 'classes' && from.kind === 'classes') {
    for (let i = 0; i < into.confusion.length; i++) into.confusion[i]! += from.confusion[i]!;
    into.scored += from.scored;
    for (const name of classSums) mergeSums(into.sums[name], from.sums[name]);
  } else if (into.kind === 'numbers' && from.kind === 'numbers') {
    into.n += from.n;
    into.ratios += from.ratios;
    for (const name of numberSums) mergeSums(into.sums[name], from.sums[name]);
  }
}

/** A tally of its own with the same content. */
export function copyTally(tally: Tally): Tally {
  const sums = Object.fromEntries(Object.entries(tally.sums).map(([name, sum]) => [name, copySum(sum)]));
  return tally.kind === 'classes'
    ? { ...tally, confusion: tally.confusion.slice(), sums: sums as ClassTally['sums'] }
    : { ...tally, sums: sums as NumberTally['sums'] };
}

/** Rows in a tally. */
export function tallied(tally: Tally): number {
  return tally.kind === 'numbers' ? tally.n : tally.confusion.reduce((sum, rows) => sum + rows, 0);
}
