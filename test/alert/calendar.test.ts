import { describe, expect, test } from 'vitest';
import { type Calendar, emptyCalendar, marksOf } from '../../src/alert/calendar.ts';
import { advance } from '../../src/alert/history.ts';
import type { AlertPolicy, IncidentHistory, Transition } from '../../src/alert/incident.ts';
import { policy, resultsOfVotes, windowMs } from './sample-results.ts';

function story(votes: Readonly<Record<string, string>>, calendar: Calendar, by: AlertPolicy = policy) {
  let history: IncidentHistory | undefined;
  const results = resultsOfVotes(votes);
  const transitions: Transition[] = [];
  for (const result of results) {
    const step = advance(history, result, by, marksOf(calendar, result));
    history = step.history;
    transitions.push(...step.transitions);
  }
  return transitions.map(({ type, window, silenced }) =>
    [(window.start - results[0]!.start) / windowMs, type, silenced ? 'silenced' : ''].join(' ').trim(),
  );
}

const [first] = resultsOfVotes({ adr: 'c' });
/** From window `from` up to window `to`, which is not in it. */
const during = (from: number, to: number) => ({
  fromMs: first!.start + from * windowMs,
  untilMs: first!.start + to * windowMs,
});

describe('maintenance', () => {
  test('takes the vote of every window that it touches: nothing is raised, and nothing cleared', () => {
    const votes = { adr: 'ccwwwcwwwwccccccccc' };
    expect(story(votes, emptyCalendar)).toEqual(['4 drift.raised', '14 drift.cleared']);
    const maintenance = [during(2, 5), during(11, 13)];
    expect(story(votes, { ...emptyCalendar, maintenance })).toEqual(['8 drift.raised', '16 drift.cleared']);
  });
});

describe('a silence', () => {
  const votes = { adr: 'cwwwwccccc', lead_time: 'cccccccwww' };
  const silence = { ...during(2, 5), rules: [], features: [] };

  test('marks what happens in it and changes nothing else', () => {
    const loud = story(votes, emptyCalendar);
    const marked = story(votes, { ...emptyCalendar, silences: [silence] });
    expect(marked).toEqual(['3 drift.raised silenced', ...loud.slice(1)]);
  });

  test('of features or rules leaves the others as they are', () => {
    const of = (rest: object) => story(votes, { ...emptyCalendar, silences: [{ ...silence, ...rest }] })[0];
    expect(of({ features: ['adr'] })).toBe('3 drift.raised silenced');
    expect(of({ features: ['lead_time'] })).toBe('3 drift.raised');
    expect(of({ rules: ['feature_drift'] })).toBe('3 drift.raised silenced');
    expect(of({ rules: ['quality_loss'] })).toBe('3 drift.raised');
  });
});

describe('the cooldown of an incident', () => {
  const cooling = { ...policy, clear: { below: 0.8, windows: 2 }, cooldownMs: 6 * windowMs };

  test('holds the next one of its rule back until it has passed', () => {
    expect(story({ adr: 'wwwccwwwwwwwww' }, emptyCalendar, { ...cooling, cooldownMs: 0 })).toEqual([
      ...['2 drift.raised', '4 drift.cleared', '7 drift.raised'],
    ]);
    expect(story({ adr: 'wwwccwwwwwwwww' }, emptyCalendar, cooling)).toEqual([
      ...['2 drift.raised', '4 drift.cleared', '10 drift.raised'],
    ]);
  });

  test('does not hold back what is critical, nor another rule', () => {
    expect(story({ adr: 'wwwccs' }, emptyCalendar, cooling).at(-1)).toBe('5 drift.raised');
    expect(story({ adr: 'wwwcccccc', '@score': 'ccccccwww' }, emptyCalendar, cooling).at(-1)).toBe(
      '8 drift.raised',
    );
  });
});
