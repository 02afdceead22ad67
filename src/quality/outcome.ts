// A prediction and what became of it: the compact form that waits for labels, and the pair that accumulators count.
import { cellOf } from '../profile/cell.ts';
import type { PredictionEvent } from '../profile/event.ts';
import { classOf, countedScore, isScore, type ModelSchema } from '../profile/schema.ts';
import type { Grouping } from './grouping.ts';

/** What is remembered of a prediction until its label comes. */
export interface AwaitedPrediction {
  /** Event time, epoch milliseconds: it decides the window, and how old the label is. */
  readonly timestamp: number;
  readonly version: string;
  /** The predicted number; of a classification the place of the class in the schema, -1 for one that it does not know. */
  readonly value: number;
  /**
   * The probability of the positive class; of a multiclass model that of every class, or of the predicted one alone; empty
   * where there is none.
   */
  readonly scores: readonly number[];
  /** The group of every tracked feature (`Grouping`); empty where there is no grouping. */
  readonly groups: Uint8Array;
  /** Of the grouping; 0 where there is none. */
  readonly tag: number;
}

/** A label and when it became known. `value` is a number, or the place of a class, -1 for one that the schema does not know. */
export interface TimedLabel {
  readonly value: number;
  readonly timestamp: number;
}

/** A labelled prediction. The labels are the first and the latest that were known of it, by their own time. */
export interface Outcome {
  readonly prediction: AwaitedPrediction;
  readonly first: TimedLabel;
  readonly latest: TimedLabel;
}

/** Larger numbers are no predictions and no labels: sums of their fourth powers must stay finite. */
export const numberMax = 1e70;

/** The compact form of a prediction; undefined for one that says nothing that a label could be compared with. */
export function awaitedPrediction(
  event: PredictionEvent,
  schema: ModelSchema,
  grouping: Grouping | undefined,
): AwaitedPrediction | undefined {
  const value = outcomeValue(event.prediction, schema);
  if (value === undefined) return undefined;
  return {
    timestamp: event.timestamp,
    version: event.modelVersion,
    value,
    scores: scoresOf(event, schema),
    groups: grouping === undefined ? noGroups : groupsOf(event, grouping),
    tag: grouping?.tag ?? 0,
  };
}

const noGroups = new Uint8Array(0);

function groupsOf(event: PredictionEvent, { features }: Grouping): Uint8Array {
  return Uint8Array.from(features, ({ spec, coarsening }) => {
    const value = event.features[spec.name];
    // What an object inherits under the name of a feature is not a value of the event.
    return cellOf(spec, coarsening, Object.hasOwn(event.features, spec.name) ? value : undefined);
  });
}

/** A label as the accumulators take it; undefined for a value that is no label of this task. */
export function outcomeValue(value: unknown, schema: ModelSchema): number | undefined {
  if (schema.task === 'regression') {
    return typeof value === 'number' && Math.abs(value) <= numberMax ? value + 0 : undefined;
  }
  const isClass = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return isClass ? classOf(schema, value) : undefined;
}

function scoresOf(event: PredictionEvent, schema: ModelSchema): readonly number[] {
  if (schema.task === 'binary') return isScore(event.score) ? [countedScore(schema, event.score)] : [];
  if (schema.task === 'regression' || schema.classes === undefined) return [];
  const { scores } = event;
  if (typeof scores !== 'object' || scores === null)
    return leadingAlone(event, schema, schema.classes.names.length);
  const found = schema.classes.names.map((name) =>
    Object.hasOwn(scores, name) ? (scores as Record<string, unknown>)[name] : undefined,
  );
  return found.every(isScore) ? found.map((score) => countedScore(schema, score)) : [];
}

/** Of two classes one score would be taken for that of the positive one. */
function leadingAlone({ score }: PredictionEvent, schema: ModelSchema, classes: number): readonly number[] {
  return isScore(score) && classes > 2 ? [countedScore(schema, score)] : [];
}

/** The score that speaks for the prediction: P(positive), or the probability of the predicted class. */
export function leadingScore({ scores, value }: AwaitedPrediction): number | undefined {
  return scores.length === 1 ? scores[0] : scores[value];
}
