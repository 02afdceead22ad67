import { expect, test } from 'vitest';
import { progressLine, progressText } from '../../src/cli/progress.ts';

function terminal(isTerminal: boolean) {
  const written: string[] = [];
  return { written, cli: { isTerminal, stderr: { write: (text: string) => written.push(text) } } };
}

test('the line says how much is done, how fast, and how long it takes', () => {
  expect(progressText('events', 1_234_000, 5_000_000, 4_000)).toBe(
    '1,234,000 of 5,000,000 events (24 %), 308,500/s, 13 s left',
  );
  expect(progressText('events', 500, undefined, 1_000)).toBe('500 events, 500/s');
  expect(progressText('events', 0, 10, 0)).toBe('0 of 10 events (0 %), 0/s');
});

test('the line is written over, at most ten times a second, and taken away at the end', () => {
  const { written, cli } = terminal(true);
  const progress = progressLine(cli, 'events');
  for (let ms = 0; ms <= 1_000; ms += 10) progress.update(ms, 1_000, ms);
  progress.end();
  expect(written).toHaveLength(12);
  expect(written.every((text) => text.startsWith('\r\u001b[K'))).toBe(true);
  expect(written.at(-1)).toBe('\r\u001b[K');
});

test('nothing is written where nobody watches', () => {
  const { written, cli } = terminal(false);
  const progress = progressLine(cli, 'events');
  progress.update(1, 2, 1_000);
  progress.end();
  expect(written).toEqual([]);
});
