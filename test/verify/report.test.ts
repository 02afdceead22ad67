import { describe, expect, test } from 'vitest';
import { lastLine, ofVitest, single, skippedAsFailed, sum } from './report.ts';

/** What vitest's JSON reporter writes: each file with its state and the states of its tests. */
function json(...files: readonly (readonly [status: string, ...tests: string[]])[]): string {
  return JSON.stringify({
    testResults: files.map(([status, ...tests]) => ({
      status,
      assertionResults: tests.map((state) => ({ status: state })),
    })),
  });
}

describe('a run of vitest', () => {
  test('counts the tests of all its files', () => {
    const text = json(
      ['passed', 'passed', 'pending', 'todo', 'skipped'],
      ['failed', 'failed', 'failed', 'passed'],
    );
    expect(ofVitest(text, 1)).toEqual({ passed: 2, failed: 2, skipped: 3 });
  });

  test('is one failure more for each file that does not load', () => {
    const text = json(['failed'], ['failed'], ['passed', 'passed']);
    expect(ofVitest(text, 1)).toEqual({ passed: 1, failed: 2, skipped: 0 });
  });

  test('is a failure when it ends with an error although no test failed', () => {
    const text = json(['passed', 'passed']);
    expect(ofVitest(text, 0)).toEqual({ passed: 1, failed: 0, skipped: 0 });
    expect(ofVitest(text, 1)).toEqual({ passed: 1, failed: 1, skipped: 0 });
    expect(ofVitest(text, null)).toEqual({ passed: 1, failed: 1, skipped: 0 });
  });

  test('is a failure when it ran no test', () => {
    expect(ofVitest(json(), 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
    expect(ofVitest(json(['passed', 'skipped']), 0)).toEqual({ passed: 0, failed: 1, skipped: 1 });
  });

  test.each([undefined, '', '{"testResults":['])('is a failure when its report is %j', (text) => {
    expect(ofVitest(text, 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});

test('reports add up', () => {
  const parts = [single(true), single(false), { passed: 10, failed: 20, skipped: 30 }];
  expect(sum(parts)).toEqual({ passed: 11, failed: 21, skipped: 30 });
  expect(sum([])).toEqual({ passed: 0, failed: 0, skipped: 0 });
});

test('the last line tells what passed and failed, and skipped tests where they are held against the run', () => {
  const report = { passed: 11, failed: 21, skipped: 30 };
  expect(lastLine(report)).toBe('11 passed, 21 failed');
  expect(lastLine(skippedAsFailed(report))).toBe('11 passed, 51 failed');
});
