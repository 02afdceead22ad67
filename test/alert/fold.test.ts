import { describe, expect, test } from 'vitest';
import { emptyState, foldWindows } from '../../src/alert/fold.ts';
import { policy } from './sample-results.ts';

/** What happens in which window, as `3 drift.raised warning adr`. */
function story(votes: Readonly<Record<string, string>>): string[] {
  const columns = Object.keys(votes).sort();
  const length = Math.max(...columns.map((name) => votes[name]!.length));
  const windows = Array.from({ length }, (_, i) => ({
    start: i,
    end: i + 1,
    votes: columns.map((name) => votes[name]![i] ?? '.').join(''),
    facts: {},
  }));
  return foldWindows(emptyState, columns, windows, policy).decisions.map(
    ({ window, type, severity, columns }) => [window.start, type, severity, columns.join(',')].join(' '),
  );
}

describe('a column', () => {
  test('is raised by the third raised vote of five', () => {
    expect(story({ adr: 'cwcwcw' })).toEqual(['5 drift.raised warning adr']);
    expect(story({ adr: 'wccwccwcc' })).toEqual([]);
  });

  test('is raised at once, and critical, by a severe vote', () => {
    expect(story({ adr: 'ccs' })).toEqual(['2 drift.raised critical adr']);
  });

  test('is not moved by windows that abstain, however many', () => {
    expect(story({ adr: 'w..........w....w' })).toEqual(['16 drift.raised warning adr']);
    expect(story({ adr: 'wwwcc......cc' })).toEqual(['2 drift.raised warning adr']);
  });

  test('is cleared by the fifth clear vote in a row, and by nothing less', () => {
    expect(story({ adr: 'wwwccccc' })).toEqual(['2 drift.raised warning adr', '7 drift.cleared warning adr']);
    expect(story({ adr: 'wwwccccmcccc' })).toEqual(['2 drift.raised warning adr']);
  });

  test('is critical when as many votes were critical as raise it', () => {
    expect(story({ adr: 'wwwkkk' })).toEqual([
      '2 drift.raised warning adr',
      '5 drift.escalated critical adr',
    ]);
    expect(story({ adr: 'wwwkwwwww' })).toEqual(['2 drift.raised warning adr']);
  });

  test('needs new evidence after it was cleared', () => {
    const quick = { ...policy, clear: { below: 0.8, windows: 1 } };
    const windows = [...'wwwcw'].map((votes, i) => ({ start: i, end: i + 1, votes, facts: {} }));
    const { decisions } = foldWindows(emptyState, ['adr'], windows, quick);
    expect(decisions.map(({ type }) => type)).toEqual(['drift.raised', 'drift.cleared']);
  });

  test('that the baseline no longer has is not raised any more', () => {
    expect(story({ adr: 'www ', lead_time: 'cccc' })).toEqual([
      '2 drift.raised warning adr',
      '3 drift.cleared warning adr',
    ]);
  });
});

describe('an incident', () => {
  test('opens with the first column, escalates as others join, and clears with the last', () => {
    expect(story({ adr: 'wwwmmccccc', lead_time: 'ccwwwccccccc' })).toEqual([
      '2 drift.raised warning adr',
      '4 drift.escalated warning adr,lead_time',
      '9 drift.cleared warning adr,lead_time',
    ]);
  });

  test('does not escalate again when a column that left it comes back', () => {
    expect(story({ adr: 'wwwcccccwww', lead_time: 'wwwwwwwwwww' })).toEqual([
      '2 drift.raised warning adr,lead_time',
    ]);
  });

  test('of the prediction is not that of the features', () => {
    expect(story({ '@score': 'www', adr: 'cwww' })).toEqual([
      '2 drift.raised warning @score',
      '3 drift.raised warning adr',
    ]);
  });

  test('is named by the window that raised it', () => {
    const windows = [...'wwwccccck'].map((letter, i) => ({ start: i, end: i + 1, votes: letter, facts: {} }));
    const { decisions } = foldWindows(emptyState, ['adr'], windows, policy);
    expect(decisions.map(({ incident }) => incident)).toEqual([
      { start: 2, end: 3 },
      { start: 2, end: 3 },
    ]);
  });

  test('goes on where the fold of the first half is the base of the second', () => {
    const windows = [...'wwcwkkmcccccmwwws'].map((letter, i) => ({
      start: i,
      end: i + 1,
      votes: letter,
      facts: {},
    }));
    const whole = foldWindows(emptyState, ['adr'], windows, policy);
    for (let cut = 0; cut <= windows.length; cut++) {
      const first = foldWindows(emptyState, ['adr'], windows.slice(0, cut), policy);
      const second = foldWindows(first.state, ['adr'], windows.slice(cut), policy);
      expect([...first.decisions, ...second.decisions]).toEqual(whole.decisions);
      expect(second.state).toEqual(whole.state);
    }
  });
});
