// The quality of a window that has a bit of everything.
import type { QualityDocument } from '../../src/codec/result-quality.ts';

export const quality: QualityDocument = {
  ...{ status: 'ok', awaited: 400, labelled: 300, coverage: 0.75, corrected: 2, unknown: 0 },
  label_delay_seconds: [{ level: 0.5, value: 3600 }],
  realised: { accuracy: { value: 0.8, lower: 0.75, upper: 0.85 }, roc_auc: { value: null } },
  estimated: { accuracy: { value: 0.9, lower: 0.88, upper: 0.92 } },
  estimator_bias: [
    { metric: 'accuracy', estimated: 0.9, realised: 0.8, bias: 0.1, lower: 0.05, upper: 0.15 },
  ],
  ...{ classes: [], confusion: [], residuals: [], reliability: [], by_age: [] },
  verdicts: [
    { metric: 'accuracy', value: 0.8, expected: 0.9, limit: 0.85, state: 'degraded' },
    { metric: 'roc_auc', value: 0.8, expected: 0.9, limit: 0.85, state: 'insufficient_data' },
  ],
  findings: [{ kind: 'concept_drift', evidence: [] }],
};
