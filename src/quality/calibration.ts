// Whether a score of 0.3 comes true in 30 of 100 cases: reliability bins, and the map that makes it so.

import type { CalibrationMaps } from '../profile/reference-quality.ts';
import { rowsIn, type ScoreSteps } from '../sketch/score-counts.ts';
import { fitIsotonic, type IsotonicMap, isotonicRun, isotonicValue } from '../stats/isotonic.ts';

/** Rows of a range of scores: [from, to), the last one closed. */
export interface ReliabilityBin {
  readonly from: number;
  readonly to: number;
  readonly n: number;
  readonly meanScore: number;
  /** Share of the rows in which what the score speaks of came true. */
  readonly rate: number;
}

export const reliabilityBins = 10;

/** Scores with the rows in which what they speak of came true, and all rows. */
export interface ScoredRows {
  readonly scores: Float64Array;
  readonly hits: Float64Array;
  readonly rows: Float64Array;
}

/** Of counts by predicted class and truth (`LabelledProfile.scores`): all rows, or those of one predicted class. */
export function scoredRows(steps: ScoreSteps, predicted?: number): ScoredRows {
  const classes = Array.from({ length: steps.cells / 2 }, (_, i) => i).filter(
    (i) => predicted === undefined || i === predicted,
  );
  const hits = rowsIn(
    steps,
    classes.map((i) => 2 * i + 1),
  );
  const misses = rowsIn(
    steps,
    classes.map((i) => 2 * i),
  );
  return { scores: steps.scores, hits, rows: hits.map((count, i) => count + misses[i]!) };
}

/** The reliability bin of a score. */
export function reliabilityBinOf(score: number): number {
  return Math.min(reliabilityBins - 1, Math.floor(score * reliabilityBins));
}

/** The bins that hold rows, in ascending order. */
export function reliability({ scores, hits, rows }: ScoredRows): ReliabilityBin[] {
  const sums = Array.from({ length: reliabilityBins }, () => ({ n: 0, hits: 0, scores: 0 }));
  scores.forEach((score, i) => {
    const bin = sums[reliabilityBinOf(score)]!;
    bin.n += rows[i]!;
    bin.hits += hits[i]!;
    bin.scores += rows[i]! * score;
  });
  return sums
    .map(({ n, hits: true_, scores: sum }, i) => ({
      from: i / reliabilityBins,
      to: (i + 1) / reliabilityBins,
      n,
      meanScore: sum / n,
      rate: true_ / n,
    }))
    .filter(({ n }) => n > 0);
}

/**
 * Expected calibration error: the distance of mean score and rate per bin, weighted with its rows (M. P. Naeini, G. F.
 * Cooper, M. Hauskrecht, AAAI 2015). Undefined without rows.
 */
export function expectedCalibrationError(bins: readonly ReliabilityBin[]): number | undefined {
  const n = bins.reduce((sum, bin) => sum + bin.n, 0);
  if (n === 0) return undefined;
  return bins.reduce((sum, bin) => sum + (bin.n / n) * Math.abs(bin.meanScore - bin.rate), 0);
}

/** The maps of counts by predicted class and truth; `isBinary` says whether one map is for all predicted classes. */
export function calibrationMaps(steps: ScoreSteps, isBinary: boolean): CalibrationMaps {
  const classes = steps.cells / 2;
  const mapOf = (predicted?: number) => {
    const { scores, hits, rows } = scoredRows(steps, predicted);
    const filled = [...rows.keys()].filter((i) => rows[i]! > 0);
    const pick = (values: Float64Array) => Float64Array.from(filled, (i) => values[i]!);
    return fitIsotonic(pick(scores), pick(hits), pick(rows));
  };
  if (isBinary) return [mapOf()];
  return Array.from({ length: classes }, (_, predicted) => mapOf(predicted));
}

/** Scores of one map as probabilities, and which of its runs each of them rests on. */
export interface Calibrated {
  readonly probabilities: Float64Array;
  readonly runs: Int32Array;
  /** Variance of the probability of every run, as far as the baseline's rows leave it open. */
  readonly runVariances: Float64Array;
}

/** Calibrates scores. */
export function calibrated(map: IsotonicMap, scores: Float64Array): Calibrated {
  return {
    probabilities: scores.map((score) => isotonicValue(map, score)),
    runs: Int32Array.from(scores, (score) => isotonicRun(map, score)),
    // Half a row of either kind is added: a run in which all rows agree is not certain.
    runVariances: map.value.map((value, run) => {
      const n = map.rows[run]! + 1;
      const share = (value * map.rows[run]! + 0.5) / n;
      return (share * (1 - share)) / n;
    }),
  };
}

/** Rows per score, and what each of them counts if it comes true. */
export interface WeightedRows {
  readonly rows: Float64Array;
  readonly weight: (step: number) => number;
}

/**
 * Variance of the sum of the weights of the rows that come true, where they do so independently with calibrated
 * probabilities: that of the rows themselves, and that of the map.
 */
export function expectationVariance(
  { probabilities, runs, runVariances }: Calibrated,
  parts: readonly WeightedRows[],
): number {
  const inRuns = new Float64Array(runVariances.length);
  let variance = 0;
  for (const { rows, weight } of parts) {
    for (let i = 0; i < rows.length; i++) {
      const p = probabilities[i]!;
      const each = weight(i);
      variance += rows[i]! * each * each * p * (1 - p);
      inRuns[runs[i]!]! += rows[i]! * each;
    }
  }
  inRuns.forEach((sum, run) => {
    variance += sum * sum * runVariances[run]!;
  });
  return variance;
}
