import fc from 'fast-check';
import { expect, test } from 'vitest';
import { faultReport } from '../../src/cli/fault-report.ts';
import { printable, printableLines } from '../../src/cli/printable.ts';
import { textTable } from '../../src/cli/table.ts';
import { Fault } from '../../src/fault.ts';

const commands = ['\u001b[2J', '\u009b2J', '\u0007', '\r', '\u202e', '\u2066', '\u0000', '\t', '\n'];

test('what commands a terminal, or turns the direction of writing, is shown as a sign that something was there', () => {
  for (const command of commands) expect(printable(`a${command}b`)).toMatch(/^a\uFFFD(\[?2J)?b$/);
  expect(printable('größe 模型 🙂 עברית')).toBe('größe 模型 🙂 עברית');
});

test('lines stay apart where they are wanted', () => {
  expect(printableLines('a\nb\u001b\n')).toBe('a\nb\uFFFD\n');
});

test('nothing that a name holds reaches the terminal as a command, in a table or in a report', () => {
  const name = fc.array(fc.oneof(fc.constantFrom(...commands), fc.string())).map((parts) => parts.join(''));
  fc.assert(
    fc.property(name, (text) => {
      const shown = textTable(['model'], [[text]]) + faultReport(new Fault('BASELINE_INVALID', text));
      expect(shown).not.toMatch(/(?!\n)[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
      expect(textTable(['model'], [[text]]).split('\n')).toHaveLength(3);
    }),
  );
});
