// Results made to order: one line per window, one vote letter or score per column.
import type { AlertPolicy } from '../../src/alert/incident.ts';
import type { ColumnResult, WindowResult } from '../../src/drift/result.ts';

export const windowMs = 300_000;
const epoch = 1_475_280_000_000;

export const policy: AlertPolicy = {
  raise: { windows: 3, of: 5, atOnce: 2 },
  clear: { below: 0.8, windows: 5 },
  cooldownMs: 0,
  retrain: {
    mode: 'on',
    driftedFeatures: 3,
    importance: null,
    weights: [],
    withinMs: 86_400_000,
    quality: 'any',
    schedule: null,
    cooldownMs: 86_400_000,
    gates: { pipelineBreak: true, labelledRows: 0, labelCoverage: 0, largestClass: 0.999 },
  },
  horizonMs: 86_400_000,
};

/** A column result with levels 0.1 and 0.2. A null score has too few rows. */
export function column(name: string, score: number | null, levels: Partial<ColumnResult> = {}): ColumnResult {
  const { warning = 0.1, critical = 0.2, noiseFloor = 0.02 } = levels;
  const threshold = Math.max(warning, noiseFloor ?? 0);
  const drifted = score !== null && score > threshold;
  return {
    name,
    kind: 'numeric',
    n: score === null ? 12 : 5000,
    nEffective: 1_000,
    chunks: 0,
    nBaseline: 50_000,
    missing: 3,
    invalid: 0,
    nonfinite: 1,
    unseen: 0,
    measure: 'psi',
    score,
    threshold,
    warning,
    critical,
    noiseFloor,
    p: drifted ? 1e-9 : 0.4,
    pAdjusted: drifted ? 3e-9 : 0.7,
    state: score === null ? 'insufficient_data' : drifted ? 'drifted' : 'ok',
    severity: drifted ? (score > critical ? 'critical' : 'warning') : 'none',
    measures: { psi: { score, noiseFloor, p: 0.4 } },
    statistics: {
      mean: 1.5,
      std: 0.3,
      min: 0,
      max: 9,
      zeros: 2,
      distinct: null,
      quantiles: [0, 0.1, 0.5, 1, 2, 3, 4],
    },
    ...levels,
  };
}

/** The window number `index` since the epoch of these tests. */
export function windowResult(index: number, columns: readonly ColumnResult[]): WindowResult {
  const scored = columns.some(({ score }) => score !== null);
  return {
    model: 'hotel_cancellation',
    segment: 'all',
    start: epoch + index * windowMs,
    end: epoch + (index + 1) * windowMs,
    status: columns.length === 0 ? 'no_baseline' : scored ? 'ok' : 'insufficient_data',
    baselineHash: columns.length === 0 ? '' : 'b5'.repeat(32),
    rows: 5000,
    versions: [{ version: '1', rows: 5000 }],
    unknownFeatures: 0,
    driftedColumns: columns.filter(({ state }) => state === 'drifted').length,
    columns,
  };
}

const scores: Readonly<Record<string, number | null>> = {
  c: 0.01,
  m: 0.09,
  w: 0.15,
  k: 0.3,
  s: 0.9,
  '.': null,
};

/** The score that makes a column vote with this letter under `policy`; a blank leaves the column out. */
export function columnOfVote(name: string, letter: string): ColumnResult[] {
  const score = scores[letter];
  return letter === ' ' || score === undefined ? [] : [column(name, score)];
}

/** One result per position of the given vote strings: `{lead_time: 'cww', adr: 'ccc'}` makes three windows. */
export function resultsOfVotes(votes: Readonly<Record<string, string>>): WindowResult[] {
  const length = Math.max(...Object.values(votes).map((letters) => letters.length));
  return Array.from({ length }, (_, i) =>
    windowResult(
      i,
      Object.entries(votes).flatMap(([name, letters]) => columnOfVote(name, letters[i] ?? ' ')),
    ),
  );
}
