import { describe, expect, test } from 'vitest';
import { openReader, openWriter, remaining, written } from '../../src/codec/bytes.ts';
import {
  readClassScores,
  readScoreCounts,
  writeClassScores,
  writeScoreCounts,
} from '../../src/codec/score-counts.ts';
import { Fault } from '../../src/fault.ts';
import { compileDictionary } from '../../src/sketch/dictionary.ts';
import { countScore, emptyScoreCounts, type ScoreCounts } from '../../src/sketch/score-counts.ts';

function counted(n: number, cells = 3): ScoreCounts {
  const counts = emptyScoreCounts(cells);
  for (let i = 0; i < n; i++) countScore(counts, ((i * 7919) % 9973) / 9973, i % cells);
  return counts;
}

function bytesOf(counts: ScoreCounts): Uint8Array {
  const writer = openWriter(16);
  writeScoreCounts(writer, counts);
  return written(writer);
}

describe('stored counts of scores', () => {
  test.each([0, 1, 999, 1000, 1001, 30_000])('of %d scores are what they were', (n) => {
    const reader = openReader(bytesOf(counted(n)));
    expect(readScoreCounts(reader)).toEqual(counted(n));
    expect(remaining(reader)).toBe(0);
  });

  test('are the same bytes in whatever order scores came', () => {
    const counts = emptyScoreCounts(2);
    const turned = emptyScoreCounts(2);
    const scores = [0.3, 0.1, 0.2, 1, 0];
    for (const score of scores) countScore(counts, score, 1);
    for (const score of scores.reverse()) countScore(turned, score, 1);
    expect(bytesOf(turned)).toEqual(bytesOf(counts));
  });

  test.each([5, 3000])('that are cut short are refused: %d scores', (n) => {
    const bytes = bytesOf(counted(n));
    for (let length = 0; length < bytes.length; length += Math.ceil(bytes.length / 50))
      expect(() => readScoreCounts(openReader(bytes.slice(0, length)))).toThrow(Fault);
  });

  test('by classes carry their names, and are read by those alone', () => {
    const classes = compileDictionary(['a', 'b', 'c']);
    const writer = openWriter(16);
    writeClassScores(writer, counted(10), classes);
    writeClassScores(writer, undefined, classes);
    const reader = openReader(written(writer));
    expect(readClassScores(reader, classes)).toEqual(counted(10));
    expect(readClassScores(reader, classes)).toBeUndefined();
    const other = openReader(written(writer));
    expect(readClassScores(other, compileDictionary(['c', 'b', 'a']))).toBeUndefined();
    expect(readClassScores(other, classes)).toBeUndefined();
    expect(remaining(other)).toBe(0);
  });
});
