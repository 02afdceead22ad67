// What the sequential detectors add to a window's result, and what they remember after it.
import { decodeDetectors, encodeDetectors } from '../codec/detectors.ts';
import { decodeResult } from '../codec/result.ts';
import type { SequentialScore, WindowResult } from '../drift/result.ts';
import { advanceDetectors, withSequentialScores } from '../drift/sequential.ts';
import type { ModelState, StoredResult } from '../ports.ts';
import type { MonitoredModel } from './model.ts';
import type { EvaluationSettings } from './settings.ts';

/**
 * The result with its evidence, and the detectors to be stored with it; undefined leaves them as they are. A window older
 * than the newest keeps the evidence that it was published with: what came after it rests on that. Windows that have no vote on incidents are left alone, or rows would count more than once.
 */
export function detected(
  model: MonitoredModel,
  result: WindowResult,
  state: ModelState,
  previous: StoredResult | undefined,
  settings: EvaluationSettings,
): { readonly result: WindowResult; readonly detectors: string | undefined } {
  const isWatched = result.end - result.start === settings.alertWindowMs;
  if (model.detectors === undefined || !isWatched) return { result, detectors: undefined };
  const memory = state.detectors === undefined ? undefined : decodeDetectors(state.detectors);
  const step = advanceDetectors(memory, result, model.detectors, model.drift.sequential);
  if (step !== undefined) return { result: step.result, detectors: encodeDetectors(step.memory) };
  const scores = previous === undefined ? new Map() : publishedScores(previous.document, result.baselineHash);
  return { result: withSequentialScores(result, scores), detectors: undefined };
}

/** By column; none where the document is about another baseline. */
function publishedScores(document: string, baselineHash: string): ReadonlyMap<string, SequentialScore> {
  const { baseline, columns } = decodeResult(document);
  if (baseline !== baselineHash) return new Map();
  return new Map(
    columns.flatMap(({ feature_name: name, sequential }) => {
      if (sequential === undefined) return [];
      const { log_e: logE, evidence, alarm } = sequential;
      return [[name, { logE, evidence, alarm }] as const];
    }),
  );
}
