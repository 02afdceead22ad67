import { describe, expect, test } from 'vitest';
import { prepareBaseline } from '../../src/drift/prepared-baseline.ts';
import type { ColumnResult, DriftPolicy } from '../../src/drift/result.ts';
import { measureNames } from '../../src/drift/result.ts';
import { evaluate, profileOf, rows } from './build.ts';
import { rowsOf } from './dependent-rows.ts';
import { normals, uniform } from './random.ts';
import { builtBaseline, eventAt, withoutChunks } from './reference-build.ts';

const next = rowsOf('entity', normals(uniform(5)));
const baseline = builtBaseline(Array.from({ length: 40_000 }, (_, i) => eventAt(i, { x: next() })));
const prepared = prepareBaseline(baseline);
const { rows: chunkRows, spreads } = baseline.chunks![0]!.find((size) => size.rows === 1_000)!;

function column(policy: Partial<DriftPolicy>, shift = 0, of = prepared): ColumnResult {
  const window = rows(chunkRows, () => ({ x: next() + shift }));
  return evaluate(of, profileOf(baseline.schema, window), policy).columns[0]!;
}

describe('a threshold learnt from chunks', () => {
  const perRow = 1 / 1_000 + 1 / 40_000;

  test('is the mean of their PSI and three standard deviations, on the bins of the window', () => {
    const { mean, variance } = spreads[0]!;
    const found = column({ threshold: 'chunks_sd' });
    expect(found.threshold / ((mean + 3 * Math.sqrt(variance)) * perRow)).toBeCloseTo(1, 9);
    expect(found).toMatchObject({ warning: found.threshold, critical: 2 * found.threshold, state: 'ok' });
  });

  test('is their 99 % quantile', () => {
    const found = column({ threshold: 'chunks_quantile' });
    expect(found.threshold / (spreads[0]!.quantile * perRow)).toBeCloseTo(1, 9);
  });

  test('takes the place of the noise floor, and raises with it', () => {
    const found = column({ threshold: 'chunks_sd' }, 0.8);
    expect(found.threshold).toBeLessThan(found.noiseFloor!);
    expect(found).toMatchObject({ state: 'drifted', severity: 'critical' });
  });

  test('is for every other measure the score that is as improbable without drift', () => {
    for (const measure of measureNames) {
      const found = column({ threshold: 'chunks_sd', measure });
      expect(found.measure).toBe(measure);
      expect(found.threshold, measure).toBeGreaterThan(0.2 * found.noiseFloor!);
      expect(found.threshold, measure).toBeLessThan(1.5 * found.noiseFloor!);
    }
  });

  test('keeps the ratio of the levels that are set, and may be chosen for one feature', () => {
    const columns = new Map([['x', { threshold: 'chunks_sd', critical: 0.5 } as const]]);
    const found = column({ columns });
    expect(found.critical / found.warning).toBeCloseTo(5, 9);
    expect(column({}).warning).toBe(0.1);
  });

  test('is the set one where the baseline has no chunks', () => {
    const found = column({ threshold: 'chunks_sd' }, 0, prepareBaseline(withoutChunks(baseline)));
    expect(found).toMatchObject({
      warning: 0.1,
      critical: 0.2,
      chunks: 0,
      n: chunkRows,
      nEffective: chunkRows,
    });
    expect(found.threshold).toBe(Math.max(0.1, found.noiseFloor!));
  });
});
