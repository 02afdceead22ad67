// The quality of the reference data: of the whole, and how far it differs between chunks of neighbouring rows.
import type { Baseline } from '../profile/baseline.ts';
import type { PredictionEvent } from '../profile/event.ts';
import type { Inflation, MetricSpread, ReferenceQuality } from '../profile/reference-quality.ts';
import type { ModelSchema } from '../profile/schema.ts';
import { countScore, emptyScoreCounts, readScores, type ScoreCounts } from '../sketch/score-counts.ts';
import { calibrationMaps } from './calibration.ts';
import { groupingOf } from './grouping.ts';
import {
  countOutcome,
  emptyLabelled,
  knownTallies,
  type LabelledProfile,
  type LabelledSpec,
  scoreCell,
} from './labelled-profile.ts';
import { awaitedPrediction, leadingScore, outcomeValue } from './outcome.ts';
import { realisedMetrics } from './realised.ts';
import { inflationOf } from './shift.ts';
import type { LabelledCounts } from './strata.ts';

/** Chunks are of at least a hundred rows, and there are at most twenty. */
const chunkRowsMin = 100;
const chunksMax = 20;

/** Scores that are kept by themselves for the calibration: about 20 MB. */
const calibratedScoresMax = 200_000;

/** Labels of a regression are told apart by fifths of the baseline's. */
const labelGroups = 5;

/** Width of the intervals that standard errors are read from. */
const z = 1.96;

export interface QualityBuild {
  readonly spec: LabelledSpec;
  readonly whole: LabelledProfile;
  /** As the whole's, of more scores by themselves: a map that is fitted to bins of a grid is off by 2e-3 where rows are few. */
  readonly scores: ScoreCounts | undefined;
  readonly chunks: readonly LabelledProfile[];
  /** Where the chunks begin, in rows or in time. */
  readonly starts: Float64Array;
  readonly by: 'row' | 'time';
}

/** When the rows happened, as the first pass over them knows it. */
export interface RowOrder {
  readonly rows: number;
  /** All event times ascending, or an even sample of them; empty where the data carry none. */
  readonly times: Float64Array;
  readonly inOrder: boolean;
}

/**
 * A build that has seen nothing. `baseline` holds the summaries of the reference data, `labels` the sorted labels of a
 * regression, or an even sample of them.
 */
export function emptyQualityBuild(baseline: Baseline, labels: Float64Array, order: RowOrder): QualityBuild {
  const { schema } = baseline;
  const spec: LabelledSpec = {
    schema,
    grouping: groupingOf(baseline, quantileEdges(labels)),
    median: labels[Math.floor(labels.length / 2)] ?? 0,
  };
  const count = Math.max(1, Math.min(chunksMax, Math.floor(order.rows / chunkRowsMin)));
  const by = order.inOrder || order.times.length === 0 ? 'row' : 'time';
  const starts = Float64Array.from({ length: count }, (_, k) =>
    by === 'row'
      ? Math.floor((k * order.rows) / count)
      : order.times[Math.floor((k * order.times.length) / count)]!,
  );
  return {
    spec,
    by,
    starts,
    whole: emptyLabelled(spec),
    scores: schema.classes && emptyScoreCounts(2 * schema.classes.names.length, calibratedScoresMax),
    chunks: Array.from({ length: count }, () => emptyLabelled(spec)),
  };
}

/** The inner quantiles, without repetition. */
function quantileEdges(sorted: Float64Array): Float64Array {
  const edges = new Set<number>();
  for (let i = 1; i < labelGroups && sorted.length > 0; i++)
    edges.add(sorted[Math.floor((i * sorted.length) / labelGroups)]!);
  return Float64Array.from(edges).sort();
}

/** Takes one row of the reference data; `row` counts them from 0. Rows without a label, or without a prediction, do not count. */
export function observeLabelledRow(build: QualityBuild, event: PredictionEvent, row: number): void {
  const { spec, whole, chunks, starts } = build;
  const label = outcomeValue(event.label, spec.schema);
  const prediction = awaitedPrediction(event, spec.schema, spec.grouping);
  if (label === undefined || prediction === undefined) return;
  const known = { value: label, timestamp: event.timestamp };
  const outcome = { prediction, first: known, latest: known };
  countOutcome(whole, spec, outcome);
  const score = leadingScore(prediction);
  if (build.scores !== undefined && score !== undefined && label >= 0)
    countScore(build.scores, score, scoreCell(spec.schema, prediction, label));
  const position = build.by === 'row' ? row : event.timestamp;
  let chunk = chunks.length - 1;
  while (chunk > 0 && starts[chunk]! > position) chunk -= 1;
  countOutcome(chunks[chunk]!, spec, outcome);
}

/** What the rows say; undefined where none was labelled. */
export function referenceQuality(build: QualityBuild): ReferenceQuality | undefined {
  const { whole, spec } = build;
  if (whole.labelled === whole.unknown) return undefined;
  const { residuals, bound } = whole;
  const { now: tally } = knownTallies(whole);
  const steps = build.scores && readScores(build.scores);
  const hasScores = steps !== undefined && steps.scores.length > 0;
  const numbers =
    tally.kind === 'numbers'
      ? { median: spec.median, edges: edgesOf(spec), residuals: residuals! }
      : undefined;
  return {
    labelled: whole.labelled - whole.unknown,
    scores: hasScores ? whole.scores : undefined,
    calibration: hasScores ? calibrationMaps(steps, spec.schema.task === 'binary') : undefined,
    confusion: tally.kind === 'classes' ? [...tally.confusion] : [],
    numbers,
    table: bound!.table,
    metrics: spreads(build, numbers),
    inflation: inflation(build),
  };
}

function edgesOf({ grouping }: LabelledSpec): Float64Array {
  return grouping?.labels.kind === 'number' ? grouping.labels.edges : new Float64Array(0);
}

function spreads(
  { spec, whole, chunks }: QualityBuild,
  numbers: ReferenceQuality['numbers'],
): ReadonlyMap<string, MetricSpread> {
  const { task } = spec.schema as ModelSchema;
  const each = chunks.map((chunk) => realisedMetrics(chunk, task, numbers, z));
  return new Map(
    Object.entries(realisedMetrics(whole, task, numbers, z)).flatMap(([name, { value }]) => {
      if (value === null) return [];
      const found = each
        .map((metrics) => metrics[name as keyof typeof metrics]!)
        .filter((m) => m.value !== null);
      const values = found.map((m) => m.value!);
      const errors = found.map(({ lower, upper }) => (lower === null ? 0 : (upper! - lower) / (2 * z)));
      const mean = values.reduce((sum, x) => sum + x, 0) / Math.max(1, values.length);
      const squares = values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
      const deviation = values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1));
      const standardError = errors.reduce((sum, x) => sum + x, 0) / Math.max(1, errors.length);
      return [[name, { value, mean, deviation, standardError, chunks: values.length }]];
    }),
  );
}

function inflation({ spec, whole, chunks }: QualityBuild): Inflation {
  const counts = (profile: LabelledProfile): LabelledCounts => {
    const { now } = knownTallies(profile);
    return {
      scores: profile.scores,
      confusion: now.kind === 'classes' ? now.confusion : [],
      table: profile.bound!.table,
    };
  };
  const before = counts(whole);
  const compared = chunks
    .filter(({ labelled }) => labelled > 0)
    .map((chunk) => ({ before, after: counts(chunk), m: whole.labelled, n: chunk.labelled }));
  return inflationOf(spec.grouping!, compared);
}
