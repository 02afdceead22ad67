// What kind of change a window shows, and what speaks for it: a broken pipeline, drifted data, shifted labels, another concept.
import type { Baseline } from '../profile/baseline.ts';
import { biasTail } from './estimator-bias.ts';
import { type MetricName, metrics } from './metric.ts';
import { type BreakKind, type PipelineBreak, pipelineBreaks, type WindowColumn } from './pipeline-break.ts';
import type { QualityPolicy, QualityResult } from './result.ts';
import type { ColumnShift, Shift } from './shift.ts';

/** What calls for the strongest answer first. */
export const findingKinds = [
  'pipeline_break',
  'concept_drift',
  'label_shift',
  'data_drift',
  'estimator_bias',
  'labelled_subset_bias',
] as const;

export type FindingKind = (typeof findingKinds)[number];

export interface Finding {
  readonly kind: FindingKind;
  /** What speaks for it, strongest first. */
  readonly evidence: readonly Evidence[];
}

export interface Evidence {
  /** The feature, metric or detector that it is about. */
  readonly subject: string;
  readonly value: number;
  /** What the value is measured against: a threshold, what was expected, or the baseline's own value. */
  readonly against: number;
  readonly text: string;
}

/** What is asked of the window's drift result: every `WindowResult` has it. */
export interface DriftEvidence {
  readonly columns: readonly (WindowColumn & {
    readonly measure: string;
    readonly score: number | null;
    readonly threshold: number;
  })[];
}

/** A detector of the error stream that fired: epoch milliseconds of the label at which it did, and the means around it. */
export interface DetectorEvidence {
  readonly detector: string;
  readonly at: number;
}

const evidenceMax = 5;

/** A bias of the estimate by less is of no interest. */
const leastBias = 0.05;

/** An effect beyond which the labelled rows are no sample of all. */
const subsetEffect = 0.1;

/**
 * The findings, in the order of `findingKinds`; none where nothing has changed. Detectors add to the evidence of another
 * concept but do not make one: they depend on the order in which labels came, and a result must not.
 *
 * The tests behind it compare three distributions with the baseline's: labels y, labels given the model's output s, and output
 * given labels. Labels that moved while P(s | y) did not are a shift of the labels, whatever it costs; P(y | s) that moved
 * together with P(s | y), or with a loss of quality, is another concept; features that moved alone are drifted data.
 */
export function diagnose(
  drift: DriftEvidence,
  quality: QualityResult | undefined,
  detectors: readonly DetectorEvidence[],
  baseline: Baseline,
  policy: QualityPolicy,
): Finding[] {
  const breaks = pipelineBreaks(drift.columns, baseline);
  const broken = new Set(breaks.map(({ column }) => column));
  const all: Record<FindingKind, readonly Evidence[]> = {
    pipeline_break: breaks.map(breakEvidence),
    concept_drift: quality === undefined ? [] : conceptEvidence(quality, detectors, policy),
    label_shift: quality === undefined ? [] : labelEvidence(quality, policy),
    data_drift: driftEvidence(drift, broken),
    estimator_bias: quality === undefined ? [] : biasEvidence(quality, policy),
    labelled_subset_bias: quality === undefined ? [] : subsetEvidence(quality, policy),
  };
  return findingKinds
    .map((kind) => ({ kind, evidence: all[kind].slice(0, evidenceMax) }))
    .filter(({ evidence }) => evidence.length > 0);
}

function digits(x: number): string {
  return String(Number(x.toPrecision(3)));
}

function percent(share: number): string {
  return `${digits(100 * share)} %`;
}

const breakTexts: Readonly<Record<BreakKind, (found: PipelineBreak) => string>> = {
  missing: ({ column, value, baseline }) =>
    `${column} is missing in ${percent(value)} of the rows (baseline ${percent(baseline)})`,
  type: ({ column, value, baseline }) =>
    `${column} is of another type, or no finite number, in ${percent(value)} of the rows (baseline ${percent(baseline)})`,
  unit: ({ column, value, offset }) =>
    `${column} looks as if its unit had changed: new = ${digits(value)} · old${offsetText(offset ?? 0)}`,
  stuck: ({ column, baseline }) =>
    `${column} has one single value, that of ${percent(baseline)} of the baseline's rows`,
  encoding: ({ column, value }) =>
    `${percent(value)} of the rows have categories of ${column} that the baseline does not know`,
};

function offsetText(offset: number): string {
  return offset === 0 ? '' : ` ${offset < 0 ? '-' : '+'} ${digits(Math.abs(offset))}`;
}

function breakEvidence(found: PipelineBreak): Evidence {
  return {
    subject: found.column,
    value: found.value,
    against: found.baseline,
    text: breakTexts[found.kind](found),
  };
}

function driftEvidence({ columns }: DriftEvidence, broken: ReadonlySet<string>): Evidence[] {
  return columns
    .filter(({ name, state }) => state === 'drifted' && !broken.has(name))
    .map(({ name, measure, score, threshold }) => ({
      subject: name,
      value: score ?? 0,
      against: threshold,
      text: `${name} has drifted: ${measure} ${digits(score ?? 0)} (threshold ${digits(threshold)})`,
    }))
    .sort((a, b) => b.value / b.against - a.value / a.against);
}

function hasMoved(shift: Shift | undefined, { alpha, leastEffect }: QualityPolicy): shift is Shift {
  return shift !== undefined && shift.p < alpha && shift.cramersV >= leastEffect;
}

function conceptEvidence(
  quality: QualityResult,
  detectors: readonly DetectorEvidence[],
  policy: QualityPolicy,
): Evidence[] {
  const { shifts, verdicts, status } = quality;
  const losses = verdicts.filter(({ state }) => state === 'degraded');
  if (status !== 'ok' || !hasMoved(shifts?.calibration, policy)) return [];
  const isLoss = losses.length > 0 && !hasMoved(shifts?.labels, policy);
  if (!hasMoved(shifts?.output, policy) && !isLoss) return [];
  return [
    shiftEvidence('labels given the output of the model', shifts!.calibration!, policy),
    ...losses
      .sort((a, b) => b.strength - a.strength)
      .slice(0, 2)
      .map(lossEvidence),
    ...detectors.slice(0, 1).map(detectorEvidence),
    ...movedFeatures(shifts!.features, policy),
  ];
}

function movedFeatures(features: readonly ColumnShift[], policy: QualityPolicy): Evidence[] {
  return features
    .filter((shift) => hasMoved(shift, policy) && shift.pAdjusted < policy.alpha)
    .map((shift) => shiftEvidence(`labels given ${shift.name}`, shift, policy, shift.name));
}

function shiftEvidence(what: string, shift: Shift, { leastEffect }: QualityPolicy, subject = what): Evidence {
  const { cramersV, p } = shift;
  return {
    subject,
    value: cramersV,
    against: leastEffect,
    text: `the distribution of ${what} is another one than in the baseline: Cramér's V ${digits(cramersV)}, p ${p < 1e-12 ? 'below 1e-12' : digits(p)}`,
  };
}

function lossEvidence({ metric, value, expected, strength }: QualityResult['verdicts'][number]): Evidence {
  return {
    subject: metric,
    value,
    against: expected,
    text: `${metric} is ${digits(value)} where ${digits(expected)} is expected, ${digits(strength)} standard deviations worse`,
  };
}

function detectorEvidence({ detector, at }: DetectorEvidence): Evidence {
  return {
    subject: detector,
    value: at,
    against: at,
    text: `${detector} found a change of the errors at ${new Date(at).toISOString()}`,
  };
}

function labelEvidence({ shifts, status }: QualityResult, policy: QualityPolicy): Evidence[] {
  if (status !== 'ok' || !hasMoved(shifts?.labels, policy) || hasMoved(shifts?.output, policy)) return [];
  return [shiftEvidence('the labels', shifts!.labels!, policy)];
}

/** Of the shares alone: the losses follow from the same rows, and have no common scale. */
function biasEvidence({ bias, status }: QualityResult, policy: QualityPolicy): Evidence[] {
  if (status !== 'ok') return [];
  return bias
    .filter(({ metric }) => (metrics[metric as MetricName].better as string) === 'higher')
    .filter((found) => Math.abs(found.bias) >= leastBias && biasTail(found, policy.z) < policy.alpha)
    .map(({ metric, estimated, realised }) => ({
      subject: metric,
      value: estimated,
      against: realised,
      text: `${metric} is estimated as ${digits(estimated)} and realised as ${digits(realised)}: the scores do not mean what they meant in the baseline`,
    }));
}

function subsetEvidence({ subset, coverage }: QualityResult, { alpha }: QualityPolicy): Evidence[] {
  if (subset === undefined || subset.p >= alpha || subset.cramersV < subsetEffect) return [];
  return [
    {
      subject: 'labelled rows',
      value: subset.cramersV,
      against: subsetEffect,
      text: `the ${percent(coverage ?? 0)} that are labelled are not like the others: Cramér's V ${digits(subset.cramersV)} between their outputs`,
    },
  ];
}
