import { describe, expect, test } from 'vitest';
import { emptyProfile } from '../../src/profile/profile.ts';
import { evaluateQuality } from '../../src/quality/evaluate.ts';
import {
  countAwaited,
  countOutcome,
  emptyLabelled,
  knownTallies,
} from '../../src/quality/labelled-profile.ts';
import type { MetricName } from '../../src/quality/metric.ts';
import { awaitedPrediction, outcomeValue } from '../../src/quality/outcome.ts';
import { realisedMetrics } from '../../src/quality/realised.ts';
import { isotonicValue } from '../../src/stats/isotonic.ts';
import { dataSets, haveData, skipMessage } from '../drift/reference-data.ts';
import { type LabelledEvent, labelledBaseline, labelledWindow, policy, prepared } from './build.ts';
import { type QualityData, readQualityData } from './reference-data.ts';
import { compared, type ExpectedQuality } from './reference-metrics.ts';

function baselineOf(data: QualityData) {
  return labelledBaseline(data.baseline, {
    model: data.model,
    task: data.task,
    kinds: data.kinds,
    features: [...data.kinds.keys()],
  });
}

function expectQuality(
  realised: ReturnType<typeof realisedMetrics>,
  confusion: readonly number[],
  expected: ExpectedQuality,
  what: string,
): number {
  if (expected.confusion !== undefined) {
    const { tn, fp, fn, tp } = expected.confusion;
    expect(confusion, what).toEqual([tn, fp, fn, tp]);
  }
  let count = 0;
  for (const [name, [reference, tolerance]] of Object.entries(compared)) {
    const value = realised[name as MetricName]?.value;
    if (value === undefined) continue;
    const wanted = expected[reference] as number | null;
    count += 1;
    if (wanted === null) expect(value, `${what} ${name}`).toBeNull();
    else {
      // References are rounded to 12 digits.
      const scale = Math.max(1, Math.abs(wanted));
      expect(Math.abs(value! - wanted), `${what} ${name}`).toBeLessThanOrEqual(tolerance * scale);
    }
  }
  return count;
}

describe.skipIf(!haveData)(haveData ? 'quality equals the reference' : skipMessage, () => {
  describe.each(dataSets)('of %s', (name) => {
    const data = haveData ? readQualityData(name) : undefined;
    const baseline = data && baselineOf(data);
    const ready = baseline && prepared(baseline);

    test('in every window, and in the baseline', () => {
      const { spec } = ready!;
      let count = 0;
      for (const { expected, rows } of data!.windows) {
        const { profile, labelled } = labelledWindow(rows, spec);
        const result = evaluateQuality(profile, labelled, ready!, policy);
        expect(result.labelled).toBe(expected.quality.labeled);
        count += expectQuality(
          result.realised,
          result.confusion,
          expected.quality,
          `${name} ${expected.start_ms}`,
        );
      }
      const metrics = baseline!.quality!.metrics;
      const whole = Object.fromEntries(
        [...metrics].map(([metric, { value }]) => [
          metric,
          { value, lower: null, upper: null, constant: null },
        ]),
      );
      count += expectQuality(
        whole,
        baseline!.quality!.confusion,
        data!.expectedBaseline.quality,
        `${name} baseline`,
      );
      expect(count).toBeGreaterThanOrEqual(5 * data!.windows.length);
    });

    test('by what was known at the cut-off of the labels', () => {
      const { spec } = ready!;
      for (const { expected, rows } of data!.windows) {
        for (const [cutoff, quality] of Object.entries(expected.quality_cutoff ?? {})) {
          const isKnown = ({ event, labelledAt }: LabelledEvent) =>
            labelledAt - event.timestamp <= Number(cutoff);
          const { labelled } = labelledWindow(rows.filter(isKnown), spec);
          expect(labelled.labelled).toBe(quality.labeled);
          if (quality.labeled === 0) continue;
          const realised = realisedMetrics(labelled, data!.task, undefined, policy.z);
          const { confusion } = knownTallies(labelled).now as { confusion: Float64Array };
          expectQuality(realised, [...confusion], quality, `${name} ${expected.start_ms} at ${cutoff}`);
        }
      }
    });

    test('with the least and the greatest delay of the labels to 1 %', () => {
      for (const { expected, rows } of data!.windows) {
        const { labelled, profile } = labelledWindow(rows, ready!.spec);
        const { delays } = evaluateQuality(profile, labelled, ready!, policy);
        const { min, max } = expected.label_delay_ms!;
        expect(delays[0]![1]).toBeGreaterThanOrEqual(0.99 * min);
        expect(delays.at(-1)![1]).toBeLessThanOrEqual(1.01 * max);
      }
    });
  });

  // A regression is not estimated.
  describe.each(dataSets.filter((name) => name !== 'bike_sharing'))('of %s', (name) => {
    const data = haveData ? readQualityData(name) : undefined;
    const baseline = data && baselineOf(data);
    const ready = baseline && prepared(baseline);

    test('estimated before the labels, to 2e-3', () => {
      for (const { expected, rows } of data!.windows) {
        const { profile } = labelledWindow(rows, ready!.spec);
        const { estimated } = evaluateQuality(profile, emptyLabelled(ready!.spec), ready!, policy);
        for (const metric of ['accuracy', 'precision', 'recall', 'f1', 'specificity', 'roc_auc'] as const) {
          const { value, lower, upper } = estimated!.metrics[metric]!;
          const wanted = expected.cbpe!.isotonic[metric]!;
          if (wanted === null) expect(value).toBeNull();
          else {
            expect(Math.abs(value! - wanted), `${name} ${expected.start_ms} ${metric}`).toBeLessThanOrEqual(
              2e-3,
            );
            expect(lower!).toBeLessThanOrEqual(value!);
            expect(upper!).toBeGreaterThanOrEqual(value!);
          }
        }
        const [tn, fp, fn, tp] = estimated!.confusion;
        expect([tn, fp, fn, tp].map((x) => Number(x!.toPrecision(9)))).toEqual(
          [
            expected.cbpe!.isotonic.tn,
            expected.cbpe!.isotonic.fp,
            expected.cbpe!.isotonic.fn,
            expected.cbpe!.isotonic.tp,
          ].map((x) => Number(x!.toPrecision(9))),
        );
      }
    });

    test.skipIf(data?.expectedBaseline.isotonic === undefined)(
      'calibrated by the map of scikit-learn',
      () => {
        const [map] = baseline!.quality!.calibration!;
        const { x, y } = data!.expectedBaseline.isotonic!;
        x.forEach((score, i) => {
          expect(isotonicValue(map!, score)).toBeCloseTo(y[i]!, 9);
        });
      },
    );
  });

  test("hotel_booking's 125 labels without a prediction are orphans", () => {
    expect(readQualityData('hotel_booking').orphans).toBe(125);
  });

  test('hotel_booking on the grid, all windows together: area and average precision to 2e-3, the estimate too', () => {
    const data = readQualityData('hotel_booking');
    const ready = prepared(baselineOf(data));
    const { spec } = ready;
    const profile = emptyProfile(spec.schema);
    const labelled = emptyLabelled(spec);
    const exact: [score: number, truth: number][] = [];
    for (const { event, label } of data.windows.flatMap(({ rows }) => rows)) {
      const prediction = awaitedPrediction(event, spec.schema, spec.grouping)!;
      const value = outcomeValue(label, spec.schema)!;
      countAwaited(labelled);
      const known = { value, timestamp: event.timestamp };
      countOutcome(labelled, spec, { prediction, first: known, latest: known });
      exact.push([prediction.scores[0]!, value]);
    }
    expect(labelled.scores!.grid).toBeDefined();
    const { realised } = evaluateQuality(profile, labelled, ready, policy);
    const { area, precision } = exactRanking(exact);
    expect(Math.abs(realised.roc_auc!.value! - area)).toBeLessThan(2e-3);
    expect(Math.abs(realised.average_precision!.value! - precision)).toBeLessThan(2e-3);
  });
});

/** Row by row, for scores that are all different or nearly so. */
function exactRanking(rows: readonly (readonly [number, number])[]): { area: number; precision: number } {
  const descending = [...rows].sort(([a], [b]) => b - a);
  let [positives, pairs, precision] = [0, 0, 0];
  descending.forEach(([, truth], i) => {
    if (truth === 1) {
      positives += 1;
      precision += positives / (i + 1);
    } else pairs += positives;
  });
  return { area: pairs / (positives * (rows.length - positives)), precision: precision / positives };
}
