// Reference data into a schema: the kind, the bins and the categories of every column, as one pass over the data shows them.
import { binCount, binOf, compileBinning, freezeEdges } from '../sketch/binning.ts';
import { compileDictionary, type Dictionary } from '../sketch/dictionary.ts';
import type { ColumnKind } from './column.ts';
import {
  type ColumnSample,
  emptyColumnSample,
  inferredKind,
  namedCounts,
  rankedNames,
  sampleValue,
  sortedNumbers,
} from './column-sample.ts';
import type { PredictionEvent } from './event.ts';
import {
  type ColumnSpec,
  isScore,
  type ModelSchema,
  predictionColumn,
  scoreColumn,
  type Task,
} from './schema.ts';

/** Categories that a baseline knows by name; rarer ones are unseen to it, in the reference data as in the windows. */
export const dictionaryMax = 10_000;

/** Classes of a multiclass task; with more there is no quality: what waits for a label would be too large. */
export const classesMax = 50;

/** Columns of one model. */
export const columnsMax = 5000;

export interface FreezeOptions {
  readonly model: string;
  /** Inferred from predictions and scores when absent. */
  readonly task?: Task;
  /** Kinds that are known; the others are inferred. */
  readonly kinds?: ReadonlyMap<string, ColumnKind>;
  /** The features that become columns, in this order; all in order of first appearance when absent. */
  readonly features?: readonly string[];
  /** The positive class of a binary task; the one that is predicted at the higher scores when absent. */
  readonly positive?: string;
}

/** What the first pass over reference data has seen. */
export interface Reference {
  readonly options: FreezeOptions;
  rows: number;
  readonly features: Map<string, ColumnSample>;
  readonly prediction: ColumnSample;
  readonly score: ColumnSample;
  readonly label: ColumnSample;
  /** Sum and number of the scores by predicted class, as far as those are few. */
  readonly classScores: Map<string, { sum: number; n: number }>;
  readonly times: ColumnSample;
  /** The greatest event time so far; whether the events have come in the order of theirs. */
  newest: number;
  isInTimeOrder: boolean;
  /** Features beyond the greatest number of columns. */
  surplus: number;
}

/** The state before the first event of the reference data. */
export function emptyReference(options: FreezeOptions): Reference {
  const reference: Reference = {
    options,
    rows: 0,
    features: new Map(),
    prediction: emptyColumnSample(true),
    score: emptyColumnSample(false),
    label: emptyColumnSample(true),
    classScores: new Map(),
    times: emptyColumnSample(false),
    newest: -Infinity,
    isInTimeOrder: true,
    surplus: 0,
  };
  for (const name of options.features ?? []) addFeature(reference, name);
  return reference;
}

function addFeature(reference: Reference, name: string): ColumnSample {
  const sample = emptyColumnSample(reference.options.kinds?.get(name) === 'categorical');
  reference.features.set(name, sample);
  return sample;
}

/** Takes one event of the reference data. */
export function sampleEvent(reference: Reference, event: PredictionEvent): void {
  reference.rows += 1;
  sampleValue(reference.times, event.timestamp);
  if (event.timestamp < reference.newest) reference.isInTimeOrder = false;
  reference.newest = Math.max(reference.newest, event.timestamp);
  sampleValue(reference.prediction, event.prediction);
  sampleValue(reference.score, event.score);
  sampleValue(reference.label, event.label);
  sampleClassScore(reference.classScores, event);
  for (const name of Object.keys(event.features)) {
    let sample = reference.features.get(name);
    if (sample === undefined) {
      if (reference.options.features !== undefined) continue;
      if (reference.features.size >= columnsMax) {
        reference.surplus += 1;
        continue;
      }
      sample = addFeature(reference, name);
    }
    sampleValue(sample, event.features[name]);
  }
}

function sampleClassScore(scores: Reference['classScores'], { prediction, score }: PredictionEvent): void {
  if (!isScore(score) || typeof prediction === 'object' || prediction === undefined) return;
  const name = String(prediction);
  const seen = scores.get(name) ?? { sum: 0, n: 0 };
  // Only a binary task asks for them, and that has two.
  if (seen.n === 0 && scores.size >= 2) return;
  scores.set(name, { sum: seen.sum + score, n: seen.n + 1 });
}

/** Why no schema can be frozen from the data, in sentences for a person; empty when one can. */
export function freezeProblems(reference: Reference): string[] {
  const { features, options } = reference;
  if (reference.rows === 0) return [`There are no events of model "${options.model}".`];
  const problems: string[] = [];
  const reserved = [...features.keys()].filter((name) => name.startsWith('@'));
  if (reserved.length > 0)
    problems.push(`Features must not begin with "@": ${reserved.slice(0, 5).join(', ')}.`);
  const unknown = [...(options.kinds?.keys() ?? [])].filter((name) => !features.has(name));
  if (unknown.length > 0)
    problems.push(`A kind is given for features that are not there: ${unknown.join(', ')}.`);
  const empty = (options.features ?? []).filter((name) => isEmpty(features.get(name)!));
  if (empty.length > 0) problems.push(`The data hold no value of these features: ${empty.join(', ')}.`);
  if (reference.surplus > 0) problems.push(`The data have more than ${columnsMax} features.`);
  return problems;
}

function isEmpty(sample: ColumnSample): boolean {
  return sample.numeric === 0 && sample.names.size === 0;
}

/**
 * The task that predictions and scores speak of. With a score it is a classification; without one, numeric predictions
 * of more than two values are a regression. A classification of more than two values is multiclass.
 */
export function inferredTask(reference: Reference): Task {
  if (reference.options.task !== undefined) return reference.options.task;
  const { prediction, score } = reference;
  if (prediction.names.size <= 2) return 'binary';
  return score.numeric === 0 && inferredKind(prediction) === 'numeric' ? 'regression' : 'multiclass';
}

/** The frozen schema; the data must have no `freezeProblems`. Its hash is empty: it belongs to the finished baseline. */
export function freezeSchema(reference: Reference): ModelSchema {
  const { options, features, prediction, score } = reference;
  const task = inferredTask(reference);
  const columns = [...features].map(([name, sample]) =>
    freezeColumn(name, options.kinds?.get(name) ?? inferredKind(sample), sample),
  );
  // Data without predictions say nothing about them: a column that knows none would call every one of them unseen.
  if (!isEmpty(prediction)) {
    columns.push(
      freezeColumn(predictionColumn, task === 'regression' ? 'numeric' : 'categorical', prediction),
    );
  }
  if (task !== 'regression' && score.numeric > 0) columns.push(freezeColumn(scoreColumn, 'numeric', score));
  const classes = task === 'regression' ? undefined : frozenClasses(reference, task);
  return {
    model: options.model,
    task,
    columns,
    ...(classes === undefined ? {} : { classes }),
    baselineHash: '',
  };
}

/** Classes that predictions and labels name, in the order of their text; of a binary task the positive one last. */
function frozenClasses(reference: Reference, task: Task): Dictionary | undefined {
  const { prediction, label, options } = reference;
  const names = [...new Set([...namedCounts(prediction).keys(), ...namedCounts(label).keys()])].sort();
  if (task === 'multiclass') {
    return names.length >= 2 && names.length <= classesMax ? compileDictionary(names) : undefined;
  }
  if (names.length !== 2) return undefined;
  const positive = options.positive ?? positiveOf(reference, names);
  const negative = names.find((name) => name !== positive)!;
  return names.includes(positive) ? compileDictionary([negative, positive]) : undefined;
}

/** The class that is predicted at the higher scores; where one is never predicted, the other is judged by its own. */
function positiveOf({ classScores }: Reference, names: readonly string[]): string {
  const means = names.map((name) => {
    const { sum, n } = classScores.get(name) ?? { sum: 0, n: 0 };
    return n === 0 ? undefined : sum / n;
  });
  const [first, second] = means;
  // Nothing to go by: 1 after 0, true after false, Yes after No.
  if (first === undefined && second === undefined) return names[1]!;
  return (first ?? 1 - second!) > (second ?? 1 - first!) ? names[0]! : names[1]!;
}

function freezeColumn(name: string, kind: ColumnKind, sample: ColumnSample): ColumnSpec {
  if (kind === 'categorical') {
    return { name, kind, dictionary: compileDictionary(rankedNames(sample, dictionaryMax)) };
  }
  // A column without a number has nothing to be cut into bins.
  if (sample.sampled === 0) return { name, kind };
  return { name, kind, binning: compileBinning(freezeEdges(sortedNumbers(sample))) };
}

/** Rows per frozen bin or category, column by column: exact but for numbers beyond what a sample keeps. */
export function sampledCounts(reference: Reference, schema: ModelSchema): readonly Float64Array[] {
  return schema.columns.map(({ name, binning, dictionary }) => {
    const sample = sampleOf(reference, name);
    if (dictionary !== undefined) {
      const counts = namedCounts(sample);
      return Float64Array.from(dictionary.names, (category) => counts.get(category) ?? 0);
    }
    if (binning === undefined) return new Float64Array(0);
    const counts = new Float64Array(binCount(binning));
    for (let i = 0; i < sample.sampled; i++) counts[binOf(binning, sample.numbers[i]!)]! += 1;
    return counts;
  });
}

function sampleOf(reference: Reference, name: string): ColumnSample {
  if (name === predictionColumn) return reference.prediction;
  return name === scoreColumn ? reference.score : reference.features.get(name)!;
}
