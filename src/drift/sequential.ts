// The sequential detectors of all columns of a model: what they remember, and what they say about one more window.
import type { ChunkSize } from '../profile/baseline.ts';
import { rejectedByEBenjaminiHochberg } from '../stats/e-values.ts';
import { type Grouping, regrouped } from './coarse-level.ts';
import { windowDependence } from './dependence.ts';
import {
  advanceDetector,
  type Detection,
  type DetectorOptions,
  type DetectorReference,
  type DetectorState,
  prepareDetector,
} from './e-detector.ts';
import type { PreparedBaseline } from './prepared-baseline.ts';
import type { ColumnResult, SequentialPolicy, SequentialScore, WindowResult } from './result.ts';

export type DetectorStates = ReadonlyMap<string, DetectorState>;

/** What the detectors of one model remember: as of the newest window, and as of the one before it. */
export interface DetectorMemory {
  /** The baseline that the evidence is about. */
  readonly baselineHash: string;
  /** End of the newest window, epoch milliseconds. */
  readonly newestEnd: number;
  /** By column name. */
  readonly before: DetectorStates;
  readonly after: DetectorStates;
}

/** The detector of one column, and how it counts. */
export interface ColumnDetector {
  readonly grouping: Grouping;
  /** How rows of the baseline depend on each other. */
  readonly chunks: readonly ChunkSize[];
  readonly reference: DetectorReference;
}

/**
 * The detectors of a baseline's columns, by name, on the fewest bins: the shares of the null are free for every bin and fit
 * its noise, so that on 32 bins a shift of 0.3 standard deviations takes twice as many windows of 1,000 rows. Rows count as
 * the independent ones that they are worth.
 */
export function prepareDetectors(
  { baseline, columns }: PreparedBaseline,
  policy: SequentialPolicy,
): ReadonlyMap<string, ColumnDetector> {
  return new Map(
    baseline.schema.columns.flatMap(({ name }, i) => {
      const { rows, levels, chunks } = columns[i]!;
      if (rows === 0) return [];
      const { grouping, counts } = levels[0]!;
      const worth = windowDependence(chunks, rows).nEffective / rows;
      const independent = counts.map((count) => count * worth);
      const reference = prepareDetector(independent, policy.tolerance);
      return [[name, { grouping, chunks, reference }] as const];
    }),
  );
}

/**
 * The result with the evidence of every column, and what the detectors remember after it. Columns are alarms by e-BH over
 * all columns of the window. A revision of the newest window starts again from the window before it. An older window is
 * not run again, because all that came after it would change too: undefined. Another baseline starts from nothing.
 */
export function advanceDetectors(
  memory: DetectorMemory | undefined,
  result: WindowResult,
  detectors: ReadonlyMap<string, ColumnDetector>,
  policy: SequentialPolicy,
): { readonly result: WindowResult; readonly memory: DetectorMemory } | undefined {
  const known = memory?.baselineHash === result.baselineHash ? memory : undefined;
  if (known !== undefined && result.end < known.newestEnd) return undefined;
  const before: DetectorStates =
    known === undefined ? new Map() : result.end === known.newestEnd ? known.before : known.after;
  const options = { decay: policy.decay, ceiling: policy.alarm * Math.max(1, detectors.size) };
  const after = new Map<string, DetectorState>();
  const steps = result.columns.map((column) => {
    const step = detect(before.get(column.name), column, detectors.get(column.name), options);
    const state = step?.state ?? before.get(column.name);
    if (state !== undefined) after.set(column.name, state);
    return step;
  });
  const alarms = rejectedByEBenjaminiHochberg(
    steps.map((step) => step?.state.logEvidence ?? null),
    policy.alarm,
  );
  const columns = result.columns.map((column, i): ColumnResult => {
    const step = steps[i];
    if (step === undefined) return column;
    const { logE, state } = step;
    return { ...column, sequential: { logE, evidence: Math.exp(state.logEvidence), alarm: alarms[i]! } };
  });
  return {
    result: { ...result, columns },
    memory: { baselineHash: result.baselineHash, newestEnd: result.end, before, after },
  };
}

/** Undefined for a column without detector or without rows. */
function detect(
  state: DetectorState | undefined,
  { coarse, n }: ColumnResult,
  detector: ColumnDetector | undefined,
  options: DetectorOptions,
): Detection | undefined {
  if (coarse === undefined || detector === undefined) return undefined;
  const worth = windowDependence(detector.chunks, n).nEffective / n;
  const counts = regrouped(Float64Array.from(coarse), detector.grouping).map((count) => count * worth);
  // A state of other bins says nothing about these.
  const known = state?.past.length === counts.length ? state : undefined;
  return advanceDetector(known, counts, detector.reference, options);
}

/** The result with scores by column name, as an earlier revision of it was published with. */
export function withSequentialScores(
  result: WindowResult,
  scores: ReadonlyMap<string, SequentialScore>,
): WindowResult {
  const columns = result.columns.map((column) => {
    const sequential = scores.get(column.name);
    return sequential === undefined ? column : { ...column, sequential };
  });
  return { ...result, columns };
}
