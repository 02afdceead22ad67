// The quality that the pipeline found in a reference data set, value by value beside what scikit-learn computed.
import type { ResultDocument } from '../../src/codec/result.ts';
import type { QualityDocument } from '../../src/codec/result-quality.ts';
import type { MetricName } from '../../src/quality/metric.ts';
import { compared, type ExpectedQuality } from '../quality/reference-metrics.ts';
import { type Comparison, check, exact, relativeError } from './check.ts';
import type { Replayed } from './replayed.ts';

export interface ExpectedQualityWindow {
  readonly start: string;
  readonly quality: ExpectedQuality;
  /** By the greatest age of a label, milliseconds. */
  readonly quality_cutoff?: Readonly<Record<string, ExpectedQuality>>;
  readonly cbpe?: { readonly isotonic: Readonly<Record<string, number | null>> };
}

const estimated = ['accuracy', 'precision', 'recall', 'f1', 'specificity', 'roc_auc'] as const;

/** Compares every window of a model; `expectedOf` chooses what it is compared with, undefined where there is nothing. */
export function compareQuality(
  into: Comparison,
  what: string,
  model: string,
  windows: readonly ExpectedQualityWindow[],
  found: Replayed,
  expectedOf: (window: ExpectedQualityWindow) => ExpectedQuality | undefined,
): void {
  for (const window of windows) {
    const expected = expectedOf(window);
    const quality = qualityOf(model, window, found);
    const where = `${what} ${window.start.slice(0, 10)}`;
    exact(into, 'with quality', where, quality !== undefined, true);
    if (quality !== undefined && expected !== undefined) compareRealised(into, where, quality, expected);
  }
}

function qualityOf(
  model: string,
  { start }: ExpectedQualityWindow,
  { results }: Replayed,
): QualityDocument | undefined {
  const isOf = (result: ResultDocument) => result.model === model && result.window_start_time === start;
  return results.find(isOf)?.quality;
}

function compareRealised(
  into: Comparison,
  where: string,
  { labelled, confusion, realised }: QualityDocument,
  expected: ExpectedQuality,
): void {
  exact(into, 'labelled', where, labelled, expected.labeled);
  if (expected.labeled === 0) return;
  if (expected.confusion !== undefined) {
    const { tn, fp, fn, tp } = expected.confusion;
    exact(into, 'confusion', where, confusion.join(' '), [tn, fp, fn, tp].join(' '));
  }
  for (const [name, [reference, tolerance]] of Object.entries(compared)) {
    const value = realised[name as MetricName]?.value;
    const wanted = expected[reference] as number | null | undefined;
    if (wanted === undefined) continue;
    const at = `${where} ${name}`;
    if (wanted === null) exact(into, name, at, value ?? null, null);
    else check(into, name, at, relativeError(value, wanted), tolerance);
  }
}

/** Compares the estimate before labels with that of an isotonic map fitted by scikit-learn. */
export function compareEstimate(
  into: Comparison,
  what: string,
  model: string,
  windows: readonly ExpectedQualityWindow[],
  found: Replayed,
): void {
  for (const window of windows) {
    const wanted = window.cbpe?.isotonic;
    const metrics = qualityOf(model, window, found)?.estimated;
    if (wanted === undefined) continue;
    for (const name of estimated) {
      const [value, expected] = [metrics?.[name]?.value, wanted[name]];
      const at = `${what} ${window.start.slice(0, 10)} estimated ${name}`;
      if (expected === null) exact(into, `estimated ${name}`, at, value ?? null, null);
      else check(into, `estimated ${name}`, at, relativeError(value, expected!), 2e-3);
    }
  }
}
