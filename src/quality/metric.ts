// The metrics of quality: which there are, for which task, and which way is better. One table for all.
import type { Task } from '../profile/schema.ts';
import { type Interval, normalInterval } from '../stats/interval.ts';

export interface MetricDefinition {
  readonly tasks: readonly Task[];
  /** `zero`: the nearer to 0 the better. */
  readonly better: 'higher' | 'lower' | 'zero';
  readonly meaning: string;
}

const classification: readonly Task[] = ['binary', 'multiclass'];

export const metrics = {
  accuracy: {
    tasks: classification,
    better: 'higher',
    meaning: 'Share of rows whose predicted class is the true one.',
  },
  precision: {
    tasks: ['binary'],
    better: 'higher',
    meaning: 'Share of the predicted positives that are positive.',
  },
  recall: { tasks: ['binary'], better: 'higher', meaning: 'Share of the positives that were predicted.' },
  f1: { tasks: ['binary'], better: 'higher', meaning: 'Harmonic mean of precision and recall.' },
  specificity: {
    tasks: ['binary'],
    better: 'higher',
    meaning: 'Share of the negatives that were predicted as such.',
  },
  roc_auc: {
    tasks: ['binary'],
    better: 'higher',
    meaning: 'Probability that a positive scores above a negative; ties count half.',
  },
  average_precision: {
    tasks: ['binary'],
    better: 'higher',
    meaning: 'Precision at the score of every positive, averaged; no interpolation.',
  },
  macro_precision: {
    tasks: ['multiclass'],
    better: 'higher',
    meaning: 'Mean of the precision over classes that occur; 0 for one that is never predicted.',
  },
  macro_recall: {
    tasks: ['multiclass'],
    better: 'higher',
    meaning: 'Mean of the recall over classes that occur.',
  },
  macro_f1: { tasks: ['multiclass'], better: 'higher', meaning: 'Mean of F1 over classes that occur.' },
  micro_f1: {
    tasks: ['multiclass'],
    better: 'higher',
    meaning: 'F1 of all classes taken together, which is the accuracy.',
  },
  weighted_precision: {
    tasks: ['multiclass'],
    better: 'higher',
    meaning: 'Precision per class, weighted with its true rows.',
  },
  weighted_recall: {
    tasks: ['multiclass'],
    better: 'higher',
    meaning: 'Recall per class, weighted with its true rows.',
  },
  weighted_f1: {
    tasks: ['multiclass'],
    better: 'higher',
    meaning: 'F1 per class, weighted with its true rows.',
  },
  roc_auc_ovr: {
    tasks: ['multiclass'],
    better: 'higher',
    meaning: 'Mean of the areas of every class against the rest; only where every class occurs.',
  },
  log_loss: {
    tasks: classification,
    better: 'lower',
    meaning: 'Mean of -ln of the probability that the true class was given, at least 1e-15.',
  },
  brier: {
    tasks: classification,
    better: 'lower',
    meaning:
      'Mean squared distance of the score from the truth; of several classes their squared distances add up.',
  },
  ece: {
    tasks: classification,
    better: 'lower',
    meaning:
      'Expected calibration error: distance of mean score and rate in ten bins of equal width, weighted.',
  },
  mae: { tasks: ['regression'], better: 'lower', meaning: 'Mean absolute error.' },
  rmse: { tasks: ['regression'], better: 'lower', meaning: 'Root of the mean squared error.' },
  bias: { tasks: ['regression'], better: 'zero', meaning: 'Mean error: prediction less label.' },
  mape: {
    tasks: ['regression'],
    better: 'lower',
    meaning: 'Mean of |error / label| over the labels that are not 0.',
  },
  r2: {
    tasks: ['regression'],
    better: 'higher',
    meaning: '1 less the squared errors over the squared deviations of the labels from their mean.',
  },
  interval_coverage: {
    tasks: ['regression'],
    better: 'higher',
    meaning: 'Share of the errors within the 5 % and 95 % quantiles of the errors in the baseline.',
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof metrics;

/** A metric of one set of rows. */
export interface Metric {
  /** Null where it is not defined for these rows. */
  readonly value: number | null;
  /** Ends of the confidence interval; null where there is none in closed form. */
  readonly lower: number | null;
  readonly upper: number | null;
  /** What the best constant answer would have scored on the same rows; null where that is not known. */
  readonly constant: number | null;
}

export type Metrics = Readonly<Partial<Record<MetricName, Metric>>>;

/** A metric from what may be undefined. */
export function metric(
  value: number | undefined,
  interval?: Interval | undefined,
  constant?: number | undefined,
): Metric {
  if (value === undefined) return { value: null, lower: null, upper: null, constant: constant ?? null };
  return {
    value,
    lower: interval?.lower ?? null,
    upper: interval?.upper ?? null,
    constant: constant ?? null,
  };
}

/** a / b; undefined where b is 0. */
export function ratio(a: number, b: number): number | undefined {
  return b === 0 ? undefined : a / b;
}

/** The mean of n values of which sum and sum of squares are known, with its normal interval. */
export function meanMetric(
  n: number,
  sum: number,
  squares: number,
  z: number,
  constant?: number | undefined,
): Metric {
  if (n === 0) return metric(undefined, undefined, constant);
  const mean = sum / n;
  const variance = n < 2 ? undefined : Math.max(0, squares - n * mean * mean) / (n - 1);
  return metric(
    mean,
    variance === undefined ? undefined : normalInterval(mean, Math.sqrt(variance / n), z),
    constant,
  );
}
