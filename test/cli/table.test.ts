import { expect, test } from 'vitest';
import { textTable } from '../../src/cli/table.ts';

test('numbers stand to the right, text to the left, and no line ends in spaces', () => {
  const rows = [
    ['lead_time', 0.25, 'drifted'],
    ['adr', 10, null],
    ['meal', null, 'ok'],
  ];
  expect(textTable(['feature', 'score', 'state'], rows)).toBe(
    [
      'feature    score  state',
      'lead_time   0.25  drifted',
      'adr           10  -',
      'meal           -  ok',
      '',
    ].join('\n'),
  );
});

test('a table without rows is its header', () => {
  expect(textTable(['a', 'b'], [])).toBe('a  b\n');
});

test('a control character in a name cannot reach the terminal', () => {
  expect(textTable(['name'], [['a\u001b[2Jb\n']])).toBe('name\na\uFFFD[2Jb\uFFFD\n');
});
