// The gauges of a window's quality on the page of /metrics/results.
import type { QualityDocument } from '../codec/result-quality.ts';
import type { MetricName } from '../metrics-table.ts';
import { findingKinds } from '../quality/diagnosis.ts';

type Labels = Readonly<Record<string, string>>;

/** Adds one series; a value that is null is left out. */
export type AddQuality = (metric: MetricName, labels: Labels, value: number | null) => void;

/** Adds what labels have shown of a window, what was expected before them, and how far they have come. */
export function addWindowQuality(add: AddQuality, labels: Labels, quality: QualityDocument): void {
  add('driftline_label_coverage_ratio', labels, quality.coverage);
  for (const { level, value } of quality.label_delay_seconds)
    add('driftline_label_delay_seconds', { ...labels, level: String(level) }, value);
  addScores(add, { ...labels, basis: 'realised' }, quality.realised);
  if (quality.estimated !== undefined) addScores(add, { ...labels, basis: 'estimated' }, quality.estimated);
  for (const { metric, state } of quality.verdicts) {
    if (state !== 'insufficient_data')
      add('driftline_quality_degraded', { ...labels, metric }, state === 'degraded' ? 1 : 0);
  }
  for (const { metric, bias } of quality.estimator_bias)
    add('driftline_quality_estimate_bias', { ...labels, metric }, bias);
  const found = new Set(quality.findings.map(({ kind }) => kind));
  for (const kind of findingKinds)
    add('driftline_quality_finding', { ...labels, kind }, found.has(kind) ? 1 : 0);
}

function addScores(add: AddQuality, labels: Labels, scores: QualityDocument['realised']): void {
  for (const [metric, score] of Object.entries(scores)) {
    if (score === undefined) continue;
    const of = { ...labels, metric };
    add('driftline_quality_score', of, score.value);
    add('driftline_quality_score_lower', of, score.lower ?? null);
    add('driftline_quality_score_upper', of, score.upper ?? null);
  }
}
