import { describe, expect, test } from 'vitest';
import type { Task } from '../../src/profile/schema.ts';
import {
  countOutcome,
  emptyLabelled,
  knownTallies,
  type LabelledProfile,
  type LabelledSpec,
} from '../../src/quality/labelled-profile.ts';
import { metrics as definitions, type MetricName } from '../../src/quality/metric.ts';
import type { AwaitedPrediction } from '../../src/quality/outcome.ts';
import { realisedMetrics, tallyMetrics } from '../../src/quality/realised.ts';
import { residualQuantiles } from '../../src/quality/regression-metrics.ts';
import { compileDictionary } from '../../src/sketch/dictionary.ts';
import golden from '../golden/quality.json' with { type: 'json' };
import { seededRandom } from '../laws/summary-samples.ts';

const z = 1.959963984540054;

function specOf(task: Task, classes: readonly string[] = []): LabelledSpec {
  const dictionary = task === 'regression' ? {} : { classes: compileDictionary(classes) };
  return {
    schema: { model: 'm', task, columns: [], baselineHash: '', ...dictionary },
    grouping: undefined,
    median: 0,
  };
}

interface Row {
  readonly value: number;
  readonly scores?: readonly number[];
  readonly label: number;
}

function labelled(spec: LabelledSpec, rows: readonly Row[]): LabelledProfile {
  const profile = emptyLabelled(spec);
  for (const { value, scores = [], label } of rows) {
    const prediction: AwaitedPrediction = {
      timestamp: 0,
      version: '',
      value,
      scores,
      groups: new Uint8Array(0),
      tag: 0,
    };
    const known = { value: label, timestamp: 0 };
    countOutcome(profile, spec, { prediction, first: known, latest: known });
  }
  return profile;
}

const binary = specOf('binary', ['0', '1']);

describe.each(golden.multiclass)(
  'multiclass metrics of $name',
  ({ truth, predicted, scores, ...expected }) => {
    const classes = expected.name === 'four classes' ? 4 : 5;
    const spec = specOf(
      'multiclass',
      Array.from({ length: classes }, (_, i) => `class ${i}`),
    );
    const rows = truth.map((label, i) => ({ value: predicted[i]!, scores: scores[i]!, label }));
    const profile = labelled(spec, rows);
    const found = realisedMetrics(profile, 'multiclass', undefined, z);

    test('have the confusion matrix of scikit-learn', () => {
      expect([...(knownTallies(profile).now as { confusion: Float64Array }).confusion]).toEqual(
        expected.confusion,
      );
    });

    test.each([
      'accuracy',
      'macro_precision',
      'macro_recall',
      'macro_f1',
      'weighted_precision',
      'weighted_recall',
      'weighted_f1',
      'micro_f1',
      'log_loss',
      'brier',
      'roc_auc_ovr',
    ] as const)('have its %s', (name) => {
      const reference = expected[name];
      if (reference === null) expect(found[name]!.value).toBeNull();
      else expect(found[name]!.value).toBeCloseTo(reference, 12);
    });

    test('have an interval that holds the value wherever one is defined', () => {
      for (const { value, lower, upper } of Object.values(found)) {
        if (value === null || lower === null) continue;
        expect(lower).toBeLessThanOrEqual(value);
        expect(upper).toBeGreaterThanOrEqual(value);
      }
    });
  },
);

describe('regression metrics', () => {
  const { labels, predictions, quantiles, ...expected } = golden.regression;
  const rows = labels.map((label, i) => ({ value: predictions[i]!, label }));
  const profile = labelled(specOf('regression'), rows);
  const found = realisedMetrics(profile, 'regression', undefined, z);

  test.each(['mae', 'rmse', 'bias', 'mape', 'r2'] as const)('have the %s of NumPy', (name) => {
    expect(found[name]!.value! / expected[name]).toBeCloseTo(1, 11);
  });

  test('have the quantiles of the residuals to 1 %', () => {
    for (const [i, [level, value]] of residualQuantiles(profile.residuals!).entries()) {
      expect(level).toBe(quantiles[i]![0]);
      expect(Math.abs(value - quantiles[i]![1]!)).toBeLessThanOrEqual(0.01001 * Math.abs(quantiles[i]![1]!));
    }
  });
});

describe('what is not defined is null', () => {
  test('without a prediction of the positive class there is no precision, without a positive no recall', () => {
    const negative = { value: 0, scores: [0.2], label: 0 };
    const found = realisedMetrics(labelled(binary, [negative, negative]), 'binary', undefined, z);
    expect(found.precision!.value).toBeNull();
    expect(found.recall!.value).toBeNull();
    expect(found.f1!.value).toBeNull();
    expect(found.roc_auc!.value).toBeNull();
    expect(found.average_precision!.value).toBeNull();
    expect(found.specificity!.value).toBe(1);
    expect(found.accuracy!.value).toBe(1);
  });

  test('without rows nothing is defined', () => {
    for (const [task, spec] of [
      ['binary', binary],
      ['multiclass', specOf('multiclass', ['a', 'b', 'c'])],
      ['regression', specOf('regression')],
    ] as const) {
      const found = realisedMetrics(labelled(spec, []), task, undefined, z);
      expect(Object.values(found).every(({ value }) => value === null)).toBe(true);
    }
  });

  test('without scores there are shares alone', () => {
    const found = realisedMetrics(labelled(binary, [{ value: 1, label: 1 }]), 'binary', undefined, z);
    expect(found.accuracy!.value).toBe(1);
    expect(found.log_loss!.value).toBeNull();
    expect(found.roc_auc!.value).toBeNull();
    expect(found.ece!.value).toBeNull();
  });

  test('labels that are all the same have no R², labels of 0 no relative error', () => {
    const found = realisedMetrics(
      labelled(specOf('regression'), [
        { value: 1, label: 0 },
        { value: 2, label: 0 },
      ]),
      'regression',
      undefined,
      z,
    );
    expect(found.r2!.value).toBeNull();
    expect(found.mape!.value).toBeNull();
    expect(found.mae!.value).toBe(1.5);
  });
});

describe('the table of metrics', () => {
  test.each(['binary', 'multiclass', 'regression'] as const)(
    'names every metric of a %s task, and no other',
    (task) => {
      const spec = specOf(task, task === 'binary' ? ['0', '1'] : ['a', 'b', 'c']);
      const found = Object.keys(realisedMetrics(labelled(spec, []), task, undefined, z)).sort();
      const named = (Object.keys(definitions) as MetricName[]).filter((name) =>
        (definitions[name].tasks as readonly Task[]).includes(task),
      );
      expect(found).toEqual(named.sort());
    },
  );
});

describe('the best constant answer', () => {
  const rows = Array.from({ length: 100 }, (_, i) => ({ value: 1, scores: [0.9], label: Number(i < 20) }));
  const found = realisedMetrics(labelled(binary, rows), 'binary', undefined, z);

  test('of a binary task is the majority, always yes, or the share of positives', () => {
    expect(found.accuracy!.constant).toBe(0.8);
    expect(found.f1!.constant).toBeCloseTo((2 * 0.2) / 1.2, 12);
    expect(found.average_precision!.constant).toBe(0.2);
    expect(found.brier!.constant).toBeCloseTo(0.16, 12);
    expect(found.log_loss!.constant).toBeCloseTo(-0.2 * Math.log(0.2) - 0.8 * Math.log(0.8), 12);
    // This model is worse than a constant.
    expect(found.accuracy!.value).toBeLessThan(found.accuracy!.constant!);
  });

  test('of a multiclass task is the most frequent class, or the shares of the classes', () => {
    const spec = specOf('multiclass', ['a', 'b', 'c']);
    const [a, b] = [
      { value: 0, scores: [1, 0, 0], label: 0 },
      { value: 1, scores: [0, 1, 0], label: 1 },
    ];
    const { accuracy, macro_recall, log_loss, brier } = realisedMetrics(
      labelled(spec, [a, a, a, b]),
      'multiclass',
      undefined,
      z,
    );
    expect(accuracy!.constant).toBe(0.75);
    expect(macro_recall!.constant).toBe(0.5);
    expect(brier!.constant).toBeCloseTo(1 - 0.75 ** 2 - 0.25 ** 2, 12);
    expect(log_loss!.constant).toBeCloseTo(-0.75 * Math.log(0.75) - 0.25 * Math.log(0.25), 12);
  });

  test('of a regression is the mean of the labels', () => {
    const spec = specOf('regression');
    const { rmse, r2, bias } = realisedMetrics(
      labelled(spec, [
        { value: 1, label: 2 },
        { value: 3, label: 6 },
      ]),
      'regression',
      undefined,
      z,
    );
    expect(rmse!.constant).toBe(2);
    expect([r2!.constant, bias!.constant]).toEqual([0, 0]);
  });
});

describe('intervals hold the truth in about 95 of 100 samples', () => {
  const random = seededRandom(21);
  const samples = 400;

  function coverage(name: MetricName, truth: number, draw: () => LabelledProfile, task: Task): number {
    let inside = 0;
    for (let i = 0; i < samples; i++) {
      const { lower, upper } = realisedMetrics(draw(), task, undefined, z)[name]!;
      if (lower! <= truth && truth <= upper!) inside += 1;
    }
    return inside / samples;
  }

  /** True and false positives and negatives with these shares. */
  const cells = [0.3, 0.1, 0.15, 0.45] as const;
  const drawBinary = () =>
    labelled(
      binary,
      Array.from({ length: 200 }, () => {
        const u = random();
        const cell = u < 0.3 ? 0 : u < 0.4 ? 1 : u < 0.55 ? 2 : 3;
        return { value: Number(cell < 2), label: Number(cell === 0 || cell === 2) };
      }),
    );

  test.each([
    ['accuracy', cells[0] + cells[3]],
    ['precision', 0.75],
    ['recall', 0.3 / 0.45],
    ['specificity', 0.45 / 0.55],
    ['f1', 0.6 / 0.85],
  ] as const)('%s', (name, truth) => {
    const share = coverage(name, truth, drawBinary, 'binary');
    expect(share).toBeGreaterThan(0.92);
    expect(share).toBeLessThan(0.98);
  });

  test('macro F1', () => {
    const spec = specOf('multiclass', ['a', 'b', 'c']);
    const shares = [
      [0.3, 0.05, 0.05],
      [0.1, 0.2, 0.05],
      [0.02, 0.03, 0.2],
    ];
    const f1 = shares.map((row, i) => {
      const predicted = shares.reduce((sum, other) => sum + other[i]!, 0);
      return (2 * row[i]!) / (predicted + row.reduce((sum, share) => sum + share, 0));
    });
    const draw = () =>
      labelled(
        spec,
        Array.from({ length: 200 }, () => {
          let u = random();
          const cell = shares.flat().findIndex((share) => {
            u -= share;
            return u < 0;
          });
          return { value: Math.max(0, cell) % 3, label: Math.floor(Math.max(0, cell) / 3) };
        }),
      );
    const share = coverage('macro_f1', (f1[0]! + f1[1]! + f1[2]!) / 3, draw, 'multiclass');
    expect(share).toBeGreaterThan(0.92);
    expect(share).toBeLessThan(0.98);
  });

  test('root mean squared error', () => {
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const spec = specOf('regression');
    const draw = () =>
      labelled(
        spec,
        Array.from({ length: 200 }, () => ({ value: 5 + 2 * normal(), label: 5 })),
      );
    const share = coverage('rmse', 2, draw, 'regression');
    expect(share).toBeGreaterThan(0.92);
    expect(share).toBeLessThan(0.98);
  });
});

test('what was known at an age follows from the tally alone, and lacks what needs the scores', () => {
  const profile = labelled(binary, [{ value: 1, scores: [0.8], label: 1 }]);
  expect(Object.keys(tallyMetrics(knownTallies(profile).byAge[0]!, 'binary', z)).sort()).toEqual([
    'accuracy',
    'brier',
    'f1',
    'log_loss',
    'precision',
    'recall',
  ]);
});
