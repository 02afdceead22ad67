// Models of every task with seeded predictions and labels.
import type { PredictionEvent } from '../../src/profile/event.ts';
import type { FreezeOptions } from '../../src/profile/freeze.ts';
import type { Task } from '../../src/profile/schema.ts';
import { seededRandom } from '../laws/summary-samples.ts';

export const tasks = ['binary', 'multiclass', 'regression'] as const satisfies readonly Task[];

const classNames = ['cat', 'dog', 'owl', 'yak'];

export function optionsOf(task: Task): FreezeOptions {
  return { model: 'model', task };
}

/** How the world differs from the one that the model knows. */
export interface World {
  /** Shift of the feature that decides. */
  readonly shift?: number;
  /** What the truth is off what the model thinks, on the scale of the feature. */
  readonly concept?: number;
  /** Labels are thinned out so that this share of the positives is left. */
  readonly positivesKept?: number;
}

/**
 * Labelled predictions, `spacingMs` apart from time 0 on. The truth follows from the feature `x`; the model knows how, and
 * gives the right probabilities as long as the world does not differ. `noise` and `city` mean nothing.
 */
export function labelledEvents(
  task: Task,
  n: number,
  seed: number,
  world: World = {},
  spacingMs = 60_000,
): PredictionEvent[] {
  const random = seededRandom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const events: PredictionEvent[] = [];
  while (events.length < n) {
    const x = normal() + (world.shift ?? 0);
    const features = { x, noise: normal(), city: `city ${Math.floor(5 * random())}` };
    const outcome = outcomes[task](x, x + (world.concept ?? 0), random, normal);
    const isThinned = world.positivesKept !== undefined && outcome.label === 1;
    if (isThinned && random() > world.positivesKept!) continue;
    events.push({
      kind: 'prediction',
      predictionId: String(events.length),
      model: 'model',
      modelVersion: '1',
      timestamp: events.length * spacingMs,
      features,
      ...outcome,
    });
  }
  return events;
}

type Outcome = Pick<PredictionEvent, 'prediction' | 'score' | 'scores' | 'label'>;

const outcomes: Readonly<
  Record<Task, (x: number, truth: number, random: () => number, normal: () => number) => Outcome>
> = {
  binary: (x, truth, random) => {
    const probability = (at: number) => 1 / (1 + Math.exp(-(2 * at - 0.5)));
    const score = probability(x);
    return { prediction: Number(score >= 0.5), score, label: Number(random() < probability(truth)) };
  },
  multiclass: (x, truth, random) => {
    const shares = (at: number) => {
      const weights = classNames.map((_, i) => Math.exp(-((at - (i - 1.5)) ** 2)));
      const sum = weights.reduce((total, weight) => total + weight, 0);
      return weights.map((weight) => weight / sum);
    };
    const scores = shares(x);
    const best = scores.indexOf(Math.max(...scores));
    let u = random();
    const drawn = shares(truth).findIndex((share) => {
      u -= share;
      return u < 0;
    });
    return {
      prediction: classNames[best],
      score: scores[best],
      scores: Object.fromEntries(classNames.map((name, i) => [name, scores[i]])),
      label: classNames[drawn < 0 ? 0 : drawn],
    };
  },
  regression: (x, truth, _, normal) => ({
    prediction: 100 + 20 * x,
    score: undefined,
    label: 100 + 20 * truth + 10 * normal(),
  }),
};
