// What the reference values say of quality: the names that they have there, and how near they must be met.
import type { MetricName } from '../../src/quality/metric.ts';

export interface ExpectedQuality {
  readonly labeled: number;
  readonly confusion?: { readonly tp: number; readonly fp: number; readonly fn: number; readonly tn: number };
  readonly [metric: string]: unknown;
}

/** What the reference calls a metric, and how near it must be met. */
export const compared: Readonly<Partial<Record<MetricName, readonly [name: string, tolerance: number]>>> = {
  accuracy: ['accuracy', 1e-9],
  precision: ['precision', 1e-9],
  recall: ['recall', 1e-9],
  f1: ['f1', 1e-9],
  specificity: ['specificity', 1e-9],
  roc_auc: ['roc_auc', 2e-3],
  average_precision: ['pr_auc', 2e-3],
  log_loss: ['log_loss', 1e-9],
  brier: ['brier', 1e-9],
  ece: ['ece10', 1e-9],
  mae: ['mae', 1e-9],
  rmse: ['rmse', 1e-9],
  bias: ['bias', 1e-9],
  mape: ['mape', 1e-9],
  r2: ['r2', 1e-9],
};
