import { describe, expect, test } from 'vitest';
import {
  type BaselineDocument,
  baselineSchema,
  decodeBaseline,
  encodeBaseline,
  sealBaseline,
} from '../../src/codec/baseline.ts';
import { evaluateQuality } from '../../src/quality/evaluate.ts';
import { labelledBaseline, labelledWindow, policy, prepared } from '../quality/build.ts';
import { labelledEvents, optionsOf, tasks } from '../quality/samples.ts';
import { violations } from './published-schema.ts';

function sealed(task: (typeof tasks)[number], n = 2500) {
  return sealBaseline(labelledBaseline(labelledEvents(task, n, 1), optionsOf(task)));
}

describe.each(tasks)('the baseline of a %s model with labels', (task) => {
  const baseline = sealed(task);
  const text = encodeBaseline(baseline);

  test('reads back as it was', () => {
    const read = decodeBaseline(text);
    expect(read.quality).toEqual(baseline.quality);
    expect(read.schema.classes).toEqual(baseline.schema.classes);
    expect(read.schema.baselineHash).toBe(baseline.schema.baselineHash);
    expect(encodeBaseline(read)).toBe(text);
  });

  test('judges a window as it did before it was stored', () => {
    const rows = labelledEvents(task, 400, 3).map((event) => ({
      event,
      label: event.label,
      labelledAt: event.timestamp,
    }));
    const results = [baseline, decodeBaseline(text)].map((one) => {
      const ready = prepared(one);
      const { profile, labelled } = labelledWindow(rows, ready.spec);
      return evaluateQuality(profile, labelled, ready, policy);
    });
    expect(results[1]).toEqual(results[0]);
  });

  test('is of the published schema', () => {
    expect(violations(baselineSchema, JSON.parse(text))).toEqual([]);
  });

  test('is another one when its labels are', () => {
    const { quality: _, ...without } = baseline;
    expect(sealBaseline(without).schema.baselineHash).not.toBe(baseline.schema.baselineHash);
  });
});

describe('a baseline whose parts contradict each other', () => {
  function tampered(change: (document: BaselineDocument) => unknown): string {
    const document = JSON.parse(encodeBaseline(sealed('binary'))) as BaselineDocument;
    change(document);
    return rehashed(document);
  }

  /** With the hash of what it says now, so that only the contradiction is left. */
  function rehashed(document: BaselineDocument): string {
    const wrong = JSON.stringify({ ...document, hash: '0'.repeat(64) });
    const found = /hash ([0-9a-f]{64})/.exec(errorOf(wrong));
    return JSON.stringify({ ...document, hash: found![1] });
  }

  function errorOf(text: string): string {
    try {
      decodeBaseline(text);
    } catch (error) {
      return (error as Error).message;
    }
    return 'none';
  }

  test.each([
    ['a class twice', /names a class twice/, (d: BaselineDocument) => (d.classes = ['1', '1'])],
    [
      'three classes of two',
      /binary task has not 3 classes/,
      (d: BaselineDocument) => (d.classes = ['0', '1', '2']),
    ],
    ['another matrix', /confusion matrix/, (d: BaselineDocument) => d.quality!.confusion.pop()],
    ['another table', /counted by other groups/, (d: BaselineDocument) => d.quality!.table.pop()],
    ['scores that fall', /scores that do not ascend/, (d: BaselineDocument) => d.quality!.scores!.reverse()],
    [
      'scores of more classes',
      /scores of another number/,
      (d: BaselineDocument) => d.quality!.scores![0]!.push(1),
    ],
    [
      'a map that falls',
      /does not ascend/,
      (d: BaselineDocument) => d.quality!.calibration![0]!.value.reverse(),
    ],
    [
      'a map of unequal runs',
      /runs of different number/,
      (d: BaselineDocument) => d.quality!.calibration![0]!.to.pop(),
    ],
  ] as const)('is refused: %s', (_, message, change) => {
    expect(errorOf(tampered(change))).toMatch(message);
  });
});
