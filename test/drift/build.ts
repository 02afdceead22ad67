// Baselines and profiles made of rows in memory.

import { evaluateWindow } from '../../src/drift/evaluate.ts';
import { type PreparedBaseline, prepareBaseline } from '../../src/drift/prepared-baseline.ts';
import type { ColumnResult, DriftPolicy, WindowResult } from '../../src/drift/result.ts';
import type { Baseline } from '../../src/profile/baseline.ts';
import type { ColumnKind } from '../../src/profile/column.ts';
import type { PredictionEvent } from '../../src/profile/event.ts';
import { emptyProfile, observePrediction, type Profile } from '../../src/profile/profile.ts';
import type { ColumnSpec, ModelSchema } from '../../src/profile/schema.ts';
import { compileBinning, freezeEdges } from '../../src/sketch/binning.ts';
import { compileDictionary } from '../../src/sketch/dictionary.ts';

export type Values = Readonly<Record<string, unknown>>;

export const defaultPolicy: DriftPolicy = {
  measure: 'psi',
  warning: 0.1,
  critical: 0.2,
  threshold: 'fixed',
  alpha: 0.05,
  correction: 'benjamini_hochberg',
  minCount: 300,
  sequential: { enabled: false, tolerance: 0.1, alarm: 1000, decay: 0.5 },
  columns: new Map(),
};

/** A schema whose bins and categories are those of the rows. */
export function schemaOf(
  rows: readonly Values[],
  kinds: Iterable<readonly [string, ColumnKind]>,
  baselineHash = 'reference',
): ModelSchema {
  const columns = [...kinds].map(([name, kind]): ColumnSpec => {
    const values = rows.map((row) => row[name] ?? null);
    if (kind === 'numeric') {
      const finite = Float64Array.from(
        values.filter((value) => typeof value === 'number' && Number.isFinite(value)) as number[],
      );
      return finite.length === 0
        ? { name, kind }
        : { name, kind, binning: compileBinning(freezeEdges(finite.sort())) };
    }
    const names = new Set(values.filter((value) => value !== null).map(String));
    return { name, kind, dictionary: compileDictionary([...names].sort()) };
  });
  return { model: 'model', task: 'binary', columns, baselineHash };
}

export function profileOf(schema: ModelSchema, rows: readonly Values[]): Profile {
  const profile = emptyProfile(schema);
  for (const row of rows) observePrediction(profile, schema, eventOf(row));
  return profile;
}

function eventOf(row: Values): PredictionEvent {
  const { '@prediction': prediction, '@score': score, ...features } = row;
  return {
    kind: 'prediction',
    predictionId: '',
    model: 'model',
    modelVersion: '1',
    timestamp: 0,
    features,
    prediction,
    score,
  };
}

export function baselineOf(
  rows: readonly Values[],
  kinds: Iterable<readonly [string, ColumnKind]>,
  baselineHash = 'reference',
): Baseline {
  const schema = schemaOf(rows, kinds, baselineHash);
  return {
    schema,
    profile: profileOf(schema, rows),
    period: { start: null, end: null },
    provenance: { source: 'memory', builtAt: '1970-01-01T00:00:00.000Z', builtBy: 'test' },
  };
}

export function rows(count: number, row: () => Values): Values[] {
  return Array.from({ length: count }, row);
}

/** A window's result under the default policy but for what is given. */
export function evaluate(
  baseline: PreparedBaseline,
  profile: Profile,
  policy: Partial<DriftPolicy> = {},
): WindowResult {
  return evaluateWindow({
    model: 'model',
    segment: 'all',
    start: 0,
    end: 300_000,
    profile,
    versions: [{ version: '1', rows: profile.rows }],
    schema: baseline.baseline.schema,
    baseline,
    policy: { ...defaultPolicy, ...policy },
  });
}

/** One column `x`, 10,000 rows of it before and a window of it after. */
export function compareOne(
  kind: ColumnKind,
  before: () => unknown,
  after: () => unknown,
  count = 1_000,
  policy: Partial<DriftPolicy> = {},
): ColumnResult {
  const baseline = prepareBaseline(
    baselineOf(
      rows(10_000, () => ({ x: before() })),
      [['x', kind]],
    ),
  );
  const window = rows(count, () => ({ x: after() }));
  return evaluate(baseline, profileOf(baseline.baseline.schema, window), policy).columns[0]!;
}
