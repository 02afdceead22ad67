import { describe, expect, test } from 'vitest';
import { decodeDetectors, encodeDetectors } from '../../src/codec/detectors.ts';
import { prepareBaseline } from '../../src/drift/prepared-baseline.ts';
import type { WindowResult } from '../../src/drift/result.ts';
import { advanceDetectors, type DetectorMemory, prepareDetectors } from '../../src/drift/sequential.ts';
import type { Baseline } from '../../src/profile/baseline.ts';
import { baselineOf, evaluate, profileOf, rows, type Values } from './build.ts';
import { normal, uniform } from './random.ts';

const random = uniform(7);
const policy = { enabled: true, tolerance: 0.1, alarm: 1000, decay: 0.5 };
const kinds = [
  ['x', 'numeric'],
  ['y', 'categorical'],
] as const;
const before = (): Values => ({ x: normal(random), y: 'abcd'[Math.floor(random() * 4)] });
const after = (): Values => ({ ...before(), x: 0.5 + normal(random) });
const baseline = prepareBaseline(baselineOf(rows(10_000, before), kinds));
const detectors = prepareDetectors(baseline, policy);

function windowOf(index: number, values: readonly Values[]): WindowResult {
  const result = evaluate(baseline, profileOf(baseline.baseline.schema, values));
  return { ...result, start: index * 300_000, end: (index + 1) * 300_000 };
}

function run(results: readonly WindowResult[], from?: DetectorMemory) {
  let memory = from;
  const scored = results.map((result) => {
    const step = advanceDetectors(memory, result, detectors, policy);
    memory = step?.memory ?? memory;
    return step?.result;
  });
  return { memory: memory!, last: scored.at(-1) };
}

const quiet = Array.from({ length: 5 }, (_, i) => windowOf(i, rows(1000, before)));
const moved = Array.from({ length: 5 }, (_, i) => windowOf(5 + i, rows(1000, after)));

describe('the detectors of a model', () => {
  test('are an alarm for the column that moved, and for no other', () => {
    const alarms = (result: WindowResult | undefined) =>
      result?.columns.filter(({ sequential }) => sequential?.alarm).map(({ name }) => name);
    expect(alarms(run(quiet).last)).toEqual([]);
    expect(alarms(run([...quiet, ...moved.slice(0, 2)]).last)).toEqual(['x']);
    const { alarm, evidence } = run([...quiet, ...moved]).last!.columns[0]!.sequential!;
    expect(alarm).toBe(true);
    expect(evidence).toBeCloseTo(2000, 6);
  });

  test('are none any more in the second quiet window after a long drift', () => {
    const long = run([...moved.map((result, i) => ({ ...result, end: i - 10 })), ...quiet.slice(0, 2)]);
    expect(long.last!.columns.every(({ sequential }) => sequential?.alarm === false)).toBe(true);
  });

  test('take a revision of the newest window in its place, as often as it comes', () => {
    const revised = { ...moved[0]!, columns: windowOf(5, rows(1500, before)).columns };
    const direct = run([...quiet, revised]);
    const twice = run([...quiet, moved[0]!, revised, moved[0]!, revised]);
    expect(twice).toEqual(direct);
    expect(run([moved[0]!, quiet[0]!].map((result) => ({ ...result, end: 1 })))).toEqual(
      run([{ ...quiet[0]!, end: 1 }]),
    );
  });

  test('do not run an older window again', () => {
    const { memory } = run(quiet);
    expect(advanceDetectors(memory, quiet[2]!, detectors, policy)).toBeUndefined();
  });

  test('start from nothing with another baseline', () => {
    const { memory } = run([...quiet, ...moved]);
    const other = { ...quiet[0]!, baselineHash: 'other', end: 0 };
    expect(advanceDetectors(memory, other, detectors, policy)).toEqual(
      advanceDetectors(undefined, other, detectors, policy),
    );
  });

  test('keep what they know of a column that has no rows in a window', () => {
    const { memory } = run(quiet);
    const empty = windowOf(5, []);
    const step = run([empty], memory);
    expect(step.last!.columns.map(({ sequential }) => sequential)).toEqual([undefined, undefined]);
    expect(step.memory.after).toEqual(memory.after);
  });

  test('count rows that repeat each other as the independent ones that they are worth', () => {
    const repeated = (count: number) =>
      rows(count / 20, before).flatMap((row) => Array<Values>(20).fill(row));
    const reference = baselineOf(repeated(50_000), kinds);
    const spread = { level: 10, bins: 10, mean: 180, variance: 7200, quantile: 430 };
    const size = { rows: 2000, chunks: 25, spreads: [spread, spread, spread] };
    const alarmsOf = (chunks: Baseline['chunks']) => {
      const prepared = prepareBaseline({ ...reference, ...(chunks === undefined ? {} : { chunks }) });
      const each = prepareDetectors(prepared, policy);
      let memory: DetectorMemory | undefined;
      let alarms = 0;
      for (let i = 0; i < 30; i++) {
        const result = evaluate(prepared, profileOf(prepared.baseline.schema, repeated(2000)));
        const step = advanceDetectors(memory, { ...result, end: i }, each, policy)!;
        memory = step.memory;
        alarms += step.result.columns.filter(({ sequential }) => sequential!.alarm).length;
      }
      return alarms;
    };
    expect(alarmsOf([[size], [size]])).toBe(0);
    expect(alarmsOf(undefined)).toBeGreaterThan(10);
  });

  test('read back from text as they were, and go on as if they had never been written', () => {
    const { memory } = run([...quiet, moved[0]!]);
    const text = encodeDetectors(memory);
    expect(decodeDetectors(text)).toEqual(memory);
    expect(encodeDetectors(decodeDetectors(text))).toBe(text);
    expect(run(moved.slice(1), decodeDetectors(text))).toEqual(run(moved.slice(1), memory));
    expect(text.length).toBeLessThan(700);
  });

  test.each(['', 'null', '{"format":"driftline.detectors/0"}'])('%j is refused as STATE_INVALID', (text) => {
    expect(() => decodeDetectors(text)).toThrow(expect.objectContaining({ code: 'STATE_INVALID' }));
  });
});
