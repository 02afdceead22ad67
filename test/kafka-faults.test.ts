import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');

interface Row {
  readonly number: string;
  readonly guard: string;
  readonly tests: readonly { readonly file: string; readonly name: string }[];
}

/** The rows of the table of faults: each ends with its tests, named by file and sentence. */
function rowsOf(page: string): Row[] {
  return page
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter((cells) => /^\d+$/.test(cells[1] ?? ''))
    .map(([, number, , guard, tests]) => ({
      number: number!,
      guard: guard!,
      tests: tests!.split(' · ').map((one) => {
        const [, file, name] = /^`([\w/-]+)`: (.+)$/.exec(one) ?? [];
        return { file: file ?? one, name: name ?? '' };
      }),
    }));
}

const rows = rowsOf(readFileSync(join(root, 'docs/kafka.md'), 'utf8'));

test('the page tells of fifteen faults of kafkajs, in order', () => {
  expect(rows.map(({ number }) => Number(number))).toEqual(Array.from({ length: 15 }, (_, i) => i + 1));
});

describe.each(rows)('fault $number of kafkajs', ({ guard, tests }) => {
  test('has a guard, and tests that hold it', () => {
    expect(guard).not.toBe('');
    expect(tests.length).toBeGreaterThan(0);
    for (const { file, name } of tests) {
      const source = readFileSync(join(root, 'test', `${file}.test.ts`), 'utf8');
      const titles = [...source.matchAll(/^\s*test\(\s*(['"])(.*?)\1, /gm)].map(([, , title]) => title);
      expect(titles, file).toContain(name);
    }
  });
});
