// The quality part of a result document: what labels have shown of a window, what was expected before them, and what has changed.
import { z } from 'zod';
import { predictionColumn } from '../profile/schema.ts';
import { type Finding, findingKinds } from '../quality/diagnosis.ts';
import { type MetricName, type Metrics, metrics as metricDefinitions } from '../quality/metric.ts';
import type { QualityResult } from '../quality/result.ts';
import type { Shift } from '../quality/shift.ts';
import type { TableTest } from '../stats/contingency.ts';

const count = z.int().nonnegative();
const number = z.number().nullable();
const metricNames = Object.keys(metricDefinitions) as [MetricName, ...MetricName[]];

const metric = z.object({
  value: number.describe('null where it is not defined for these rows'),
  lower: number.optional().describe('Ends of the confidence interval, where there is one'),
  upper: number.optional(),
  constant: number.optional().describe('What the best constant answer would have scored on the same rows'),
});

const metricTable = z.partialRecord(z.enum(metricNames), metric);

const test = z.object({
  statistic: number.describe("Pearson's chi-squared, divided by what chunks of the reference differ by"),
  p_value: number,
  cramers_v: number.describe('Effect size: 0 where nothing has changed, 1 at the most'),
});

const quantiles = z.array(z.object({ level: z.number(), value: number }));

export const qualitySchema = z
  .object({
    status: z.enum(['ok', 'insufficient_labels', 'no_labels']),
    awaited: count.describe('Predictions that labels are joined with'),
    labelled: count,
    coverage: number.describe('Labelled predictions as a share of the awaited ones'),
    corrected: count.describe('Labelled predictions whose latest label is not the first'),
    unknown: count.describe('Labelled predictions of a class that the baseline does not know: in no metric'),
    label_delay_seconds: quantiles.describe('From the prediction to its first label'),
    realised: metricTable.describe('Of the labelled predictions'),
    estimated: metricTable
      .optional()
      .describe('Of all predictions, by their calibrated scores alone (CBPE); absent for a regression'),
    estimator_bias: z
      .array(
        z.object({
          metric: z.enum(metricNames),
          estimated: number,
          realised: number,
          bias: number,
          lower: number,
          upper: number,
        }),
      )
      .describe('Estimated less realised, both of the labelled predictions'),
    classes: z.array(z.string().nullable()).describe('null where the name of the class is not to be shown'),
    confusion: z.array(count).describe('Rows by true class, then by predicted class'),
    residuals: quantiles.describe('Of a regression: prediction less label'),
    reliability: z
      .array(z.object({ from: number, to: number, rows: count, mean_score: number, rate: number }))
      .describe('Scores and what came true, in ten bins'),
    verdicts: z.array(
      z.object({
        metric: z.enum(metricNames),
        value: number,
        expected: number,
        limit: number.describe('Beyond this it is worse than the reference lets expect'),
        state: z.enum(['ok', 'degraded', 'insufficient_data']),
      }),
    ),
    by_age: z
      .array(z.object({ age_seconds: z.number(), labelled: count, metrics: metricTable }))
      .describe('What was known of the window so long after its predictions'),
    shifts: z
      .object({
        labels: test.optional(),
        labels_given_output: test.optional(),
        output_given_labels: test.optional(),
        labels_given_feature: z.array(test.extend({ feature_name: z.string(), p_value_adjusted: number })),
      })
      .optional()
      .describe('Distributions of the labelled predictions against those of the reference'),
    labelled_subset: test.optional().describe('Output of labelled predictions against that of the others'),
    findings: z
      .array(
        z.object({
          kind: z.enum(findingKinds),
          evidence: z.array(
            z.object({ subject: z.string(), value: number, against: number, text: z.string() }),
          ),
        }),
      )
      .describe('What kind of change the window shows, and what speaks for it'),
  })
  .describe('Absent where labels are not joined');

export type QualityDocument = z.infer<typeof qualitySchema>;

/** The quality of a window with its diagnosis. */
export interface WindowQuality {
  readonly quality: QualityResult;
  readonly findings: readonly Finding[];
}

/** Quality as its document; `nameOf` says what classes are called outside. */
export function qualityDocument(
  { quality, findings }: WindowQuality,
  nameOf: (feature: string, category: string) => string | undefined,
): QualityDocument {
  const { estimated, shifts, subset } = quality;
  return {
    status: quality.status,
    awaited: quality.awaited,
    labelled: quality.labelled,
    coverage: quality.coverage,
    corrected: quality.corrected,
    unknown: quality.unknown,
    label_delay_seconds: quality.delays.map(([level, ms]) => ({ level, value: ms / 1000 })),
    realised: metricRows(quality.realised),
    ...(estimated === undefined ? {} : { estimated: metricRows(estimated.metrics) }),
    estimator_bias: quality.bias.map((found) => ({ ...found })),
    classes: quality.classes.map((name) => nameOf(predictionColumn, name) ?? null),
    confusion: [...quality.confusion],
    residuals: quality.residuals.map(([level, value]) => ({ level, value: finite(value) })),
    reliability: quality.reliability.map(({ from, to, n, meanScore, rate }) => ({
      ...{ from, to, rows: n, mean_score: meanScore, rate },
    })),
    verdicts: quality.verdicts.map(({ metric: name, value, expected, limit, state }) => ({
      ...{ metric: name, value: finite(value), expected: finite(expected), limit: finite(limit), state },
    })),
    by_age: quality.byAge.map(({ ageMs, labelled, metrics }) => ({
      ...{ age_seconds: ageMs / 1000, labelled, metrics: metricRows(metrics) },
    })),
    ...(shifts === undefined ? {} : { shifts: shiftRows(shifts) }),
    ...(subset === undefined ? {} : { labelled_subset: testRow(subset) }),
    findings: findings.map(({ kind, evidence }) => ({
      kind,
      evidence: evidence.map(({ subject, value, against, text }) => ({
        ...{ subject, value: finite(value), against: finite(against), text },
      })),
    })),
  };
}

function metricRows(found: Metrics): z.infer<typeof metricTable> {
  const rows: z.infer<typeof metricTable> = {};
  for (const name of metricNames) {
    const one = found[name];
    if (one === undefined) continue;
    const { value, lower, upper, constant } = one;
    rows[name] = {
      value: finite(value),
      ...(lower === null ? {} : { lower: finite(lower) }),
      ...(upper === null ? {} : { upper: finite(upper) }),
      ...(constant === null ? {} : { constant: finite(constant) }),
    };
  }
  return rows;
}

function shiftRows({ labels, calibration, output, features }: NonNullable<QualityResult['shifts']>) {
  const row = (shift: Shift | undefined) => shift && testRow(shift);
  return {
    labels: row(labels),
    labels_given_output: row(calibration),
    output_given_labels: row(output),
    labels_given_feature: features.map((shift) => ({
      ...{ feature_name: shift.name, ...testRow(shift), p_value_adjusted: finite(shift.pAdjusted) },
    })),
  };
}

function testRow({ statistic, p, cramersV }: TableTest): z.infer<typeof test> {
  return { statistic: finite(statistic), p_value: finite(p), cramers_v: finite(cramersV) };
}

function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}
