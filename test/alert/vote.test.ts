import { describe, expect, test } from 'vitest';
import { voteOf, votesOf } from '../../src/alert/vote.ts';
import type { MeasureName } from '../../src/drift/result.ts';
import { column, columnOfVote, policy, windowResult } from './sample-results.ts';

describe('a vote', () => {
  test.each([
    [null, '.'],
    [0.0799, 'c'],
    [0.0801, 'm'],
    [0.1, 'm'],
    [0.1001, 'w'],
    [0.2, 'w'],
    [0.2001, 'k'],
    [0.4, 'k'],
    [0.4001, 's'],
  ])('of score %s at levels 0.1 and 0.2 is "%s"', (score, letter) => {
    expect(voteOf(column('adr', score), policy)).toBe(letter);
  });

  test('below 0.8 of the noise floor is clear where few rows lift the floor above the warning level', () => {
    const small = column('adr', 0.15, { noiseFloor: 0.25 });
    expect(small.state).toBe('ok');
    expect(voteOf(small, policy)).toBe('c');
    expect(voteOf(column('adr', 0.21, { noiseFloor: 0.25 }), policy)).toBe('m');
  });

  test('is severe only twice as far out as the noise floor: at four times a floor that is a square', () => {
    const noisy = (score: number, measure: MeasureName) =>
      voteOf(column('adr', score, { noiseFloor: 0.5, measure }), policy);
    for (const measure of ['psi', 'chi_squared'] as const) {
      expect(noisy(1.9, measure)).toBe('k');
      expect(noisy(2.1, measure)).toBe('s');
    }
    for (const measure of ['jensen_shannon', 'kolmogorov_smirnov', 'wasserstein'] as const) {
      expect(noisy(0.9, measure)).toBe('k');
      expect(noisy(1.1, measure)).toBe('s');
    }
  });

  test('is withheld where the score is not a number', () => {
    expect(voteOf({ ...column('adr', 0.3), score: Number.NaN }, policy)).toBe('.');
  });

  test('is withheld from a drifted score of too few rows', () => {
    expect(voteOf({ ...column('adr', 0.9), state: 'insufficient_data' }, policy)).toBe('.');
  });

  test('of an alarm of the sequential detector is a warning, or worse where the window says so, on few rows too', () => {
    const sequential = { logE: 9, evidence: 5000, alarm: true };
    const letters = [null, 0.01, 0.09, 0.15, 0.3, 0.9].map((score) =>
      voteOf({ ...column('adr', score), sequential }, policy),
    );
    expect(letters.join('')).toBe('wwwwks');
    expect(voteOf({ ...column('adr', 0.01), sequential: { ...sequential, alarm: false } }, policy)).toBe('c');
  });

  test('is cast by no column of a window without a baseline', () => {
    expect(votesOf(windowResult(0, []), policy)).toBeUndefined();
  });

  test('of every letter is what the samples of these tests say', () => {
    for (const letter of 'cmwks.') {
      const columns = columnOfVote('adr', letter);
      expect(columns).toHaveLength(1);
      expect(voteOf(columns[0]!, policy)).toBe(letter);
    }
  });
});
