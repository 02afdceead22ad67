import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { advance, currentState } from '../../src/alert/history.ts';
import type { AlertPolicy, Decision, IncidentHistory, Transition } from '../../src/alert/incident.ts';
import type { WindowResult } from '../../src/drift/result.ts';
import { column, columnOfVote, policy, resultsOfVotes, windowMs, windowResult } from './sample-results.ts';

function run(results: readonly WindowResult[], by: AlertPolicy = policy, from?: IncidentHistory) {
  let history = from;
  const transitions: Transition[] = [];
  for (const result of results) {
    const step = advance(history, result, by);
    history = step.history;
    transitions.push(...step.transitions);
  }
  if (history === undefined) throw new Error('no results');
  return { history, transitions };
}

/** The part of a history that depends on the final results alone. */
function content({ withdrawn: _, sequence: __, jobs: ___, ...rest }: IncidentHistory) {
  return rest;
}

const brief = (transitions: readonly Transition[]) =>
  transitions.map(({ type, retracts, late, window, joined }) =>
    [(window.end / windowMs) % 1000, type, retracts, late ? 'late' : undefined, joined.join(',')]
      .filter(Boolean)
      .join(' '),
  );

const letter = fc.constantFrom(...'ccccmwwwks. ');
/** Final results of up to 14 windows and 3 columns; a window may also be without baseline. */
const finalResults = fc
  .array(fc.option(fc.tuple(letter, letter, letter), { nil: undefined, freq: 12 }), {
    minLength: 1,
    maxLength: 14,
  })
  .map((windows) =>
    windows.map((letters, i) => {
      const names = ['adr', '__proto__', '@score'];
      return windowResult(
        i,
        letters === undefined ? [] : names.flatMap((name, k) => columnOfVote(name, letters[k]!)),
      );
    }),
  );

/** An order of arrival: the final result of every window once, in any order, each after any number of provisional ones. */
const arrivals = finalResults.chain((final) =>
  fc
    .tuple(
      fc.shuffledSubarray(final, { minLength: final.length }),
      fc.array(fc.tuple(fc.nat(final.length - 1), letter, letter, fc.nat(30)), { maxLength: 12 }),
    )
    .map(([order, provisional]) => {
      const sequence = [...order];
      for (const [i, a, b, place] of provisional) {
        const early = windowResult(i, [...columnOfVote('adr', a), ...columnOfVote('lead_time', b)]);
        const last = sequence.findLastIndex(({ start }) => start === early.start);
        sequence.splice(place % (last + 1), 0, early);
      }
      return { final, sequence };
    }),
);

function identity({ rule, type, window, incident, severity, joined }: Decision): string {
  return JSON.stringify([rule, type, window, incident, severity, joined]);
}

describe('the history of incidents', () => {
  test('is the in-order fold of the final results, whatever the order of arrival and the revisions', () => {
    fc.assert(
      fc.property(arrivals, ({ final, sequence }) => {
        expect(content(run(sequence).history)).toEqual(content(run(final).history));
      }),
      { numRuns: 400 },
    );
  });

  test('announces, less what it retracts, exactly the transitions of the final results', () => {
    fc.assert(
      fc.property(arrivals, ({ final, sequence }) => {
        const standing: string[] = [];
        for (const transition of run(sequence).transitions) {
          if (transition.retracts === undefined) standing.push(identity(transition as Decision));
          else {
            const at = standing.indexOf(identity({ ...transition, type: transition.retracts }));
            expect(at).toBeGreaterThanOrEqual(0);
            standing.splice(at, 1);
          }
        }
        const expected = run(final).transitions.map((transition) => identity(transition as Decision));
        expect(standing.sort()).toEqual(expected.sort());
      }),
      { numRuns: 400 },
    );
  });

  test('gives no transition and no change for an equal result', () => {
    fc.assert(
      fc.property(arrivals, ({ sequence }) => {
        const { history } = run(sequence);
        const newestFirst = new Map(sequence.map((result) => [result.start, result]));
        const again = run([...newestFirst.values()], policy, history);
        expect(again.transitions).toEqual([]);
        expect(again.history).toEqual(history);
      }),
    );
  });

  test('never announces two transitions with the same place and occurrence', () => {
    fc.assert(
      fc.property(arrivals, ({ sequence }) => {
        const { transitions } = run(sequence);
        const ids = transitions.map(({ rule, type, retracts, window, occurrence }) =>
          [rule, type, retracts, window.start, occurrence].join(' '),
        );
        expect(new Set(ids).size).toBe(ids.length);
        expect(transitions.map(({ sequence }) => sequence)).toEqual(transitions.map((_, i) => i + 1));
      }),
      { numRuns: 400 },
    );
  });

  test('is the same with a short horizon, as long as every revision comes within it', () => {
    const short = { ...policy, horizonMs: 4 * windowMs };
    fc.assert(
      fc.property(finalResults, fc.array(letter, { minLength: 14, maxLength: 14 }), (final, early) => {
        const sequence = final.flatMap((_, i) => {
          const provisional = windowResult(i, columnOfVote('adr', early[i]!));
          return i < 3 ? [provisional] : [provisional, final[i - 3]!];
        });
        const settled = [...sequence, ...final.slice(-3)];
        const whole = run(final, short);
        expect(content(run(settled, short).history)).toEqual(content(whole.history));
        expect(whole.transitions).toEqual(run(final).transitions);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a revised window', () => {
  const raised = resultsOfVotes({ adr: 'cwcwcw' });

  test('that no longer drifts retracts the incident it had raised', () => {
    const { history } = run(raised);
    const { transitions } = advance(history, windowResult(3, columnOfVote('adr', 'c')), policy);
    expect(brief(transitions)).toEqual([expect.stringMatching(/drift.retracted drift.raised late adr$/)]);
  });

  test('that drifts raises late, and moves what followed', () => {
    const { history } = run(resultsOfVotes({ adr: 'cwcwcwcccc', lead_time: 'cwccccwwcc' }));
    const revised = windowResult(2, [column('adr', 0.15), column('lead_time', 0.01)]);
    const { transitions } = advance(history, revised, policy);
    expect(transitions.map(({ type, late }) => `${type} ${late}`)).toEqual([
      'drift.retracted true',
      'drift.raised true',
    ]);
    expect(transitions[1]!.window.start).toBe(revised.start + windowMs);
    expect(transitions[1]!.incident).toEqual(transitions[1]!.window);
  });

  test('announced, retracted and announced again has another occurrence each time', () => {
    const quiet = windowResult(5, columnOfVote('adr', 'c'));
    const { transitions } = run([...raised, quiet, raised[5]!, quiet, raised[5]!]);
    expect(transitions.map(({ type, occurrence, sequence }) => [type, occurrence, sequence])).toEqual([
      ['drift.raised', 0, 1],
      ['drift.retracted', 0, 2],
      ['drift.raised', 1, 3],
      ['drift.retracted', 1, 4],
      ['drift.raised', 2, 5],
    ]);
  });

  test('beyond the horizon is decided for good', () => {
    const short = { ...policy, horizonMs: 3 * windowMs };
    const { history } = run(resultsOfVotes({ adr: 'cwwwccc' }), short);
    const after = advance(history, windowResult(1, columnOfVote('adr', 'c')), short);
    expect(after.transitions).toEqual([]);
    expect(after.history).toEqual(history);
  });
});

describe('the size of a history', () => {
  test('is bounded by the horizon', () => {
    const short = { ...policy, horizonMs: 10 * windowMs };
    const { history } = run(resultsOfVotes({ adr: 'wwwccccckwkwkccmmmccccc.sssccccc'.repeat(20) }), short);
    expect(history.windows.length).toBeLessThanOrEqual(10);
    expect(history.standing.every(({ window }) => window.end > history.foldedTo!)).toBe(true);
  });

  test('forgets a column that no window within the horizon knows', () => {
    const short = { ...policy, horizonMs: 4 * windowMs };
    const { history } = run(resultsOfVotes({ adr: 'www', lead_time: 'cccccccccc' }), short);
    expect(history.columns).toEqual(['lead_time']);
    expect(currentState(history).incidents).toEqual([]);
  });
});

describe('another policy', () => {
  const { history } = run(resultsOfVotes({ adr: 'cwww' }));
  const strict: AlertPolicy = { ...policy, raise: { windows: 5, of: 5, atOnce: 9 } };

  test('judges new windows and leaves what was decided as it is', () => {
    const after = advance(history, windowResult(4, columnOfVote('adr', 'w')), strict);
    expect(after.transitions).toEqual([]);
    expect(currentState(after.history).incidents).toHaveLength(1);
    expect(after.history.foldedTo).toBe(history.windows.at(-1)!.end);
  });

  test('that differs only in its horizon keeps the windows', () => {
    const longer = { ...policy, horizonMs: 2 * policy.horizonMs };
    const after = advance(history, windowResult(4, columnOfVote('adr', 'w')), longer);
    expect(after.history.windows).toHaveLength(5);
  });
});

describe('flapping', () => {
  /** Mulberry32 and Box-Muller: the same noise on every run. */
  function noise(seed: number): () => number {
    let state = seed;
    const uniform = () => {
      state = (state + 0x6d2b79f5) | 0;
      let t = Math.imul(state ^ (state >>> 15), 1 | state);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    };
    return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  }

  const [days, drift] = [14 * 288, { from: 5 * 288, to: 8 * 288 }];

  /** 14 days with 3 days of drift: how often the bare threshold is crossed, and the windows in which incidents are raised. */
  function stream(seed: number, quiet: number, by: AlertPolicy): { crossed: number; raised: number[] } {
    const normal = noise(seed);
    let [above, crossed] = [false, 0];
    const results = Array.from({ length: days }, (_, i) => {
      const score = (i >= drift.from && i < drift.to ? 0.32 : quiet) + 0.045 * normal();
      if (score > 0.25 && !above) crossed += 1;
      above = score > 0.25;
      return windowResult(i, [column('adr', score, { warning: 0.25, critical: 10 })]);
    });
    const raised = run(results, by).transitions.filter(({ type }) => type === 'drift.raised');
    return { crossed, raised: raised.map(({ window }) => (window.start - results[0]!.start) / windowMs) };
  }

  const short = { ...policy, horizonMs: 12 * windowMs };
  const streams = (quiet: number, by: AlertPolicy) =>
    Array.from({ length: 50 }, (_, i) => stream(i + 1, quiet, by));
  const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;
  const delays = (all: ReturnType<typeof streams>) =>
    all.map(({ raised }) => raised.find((at) => at >= drift.from)! - drift.from);

  // Undrifted windows cross the threshold seven times as often as the noise floor lets them.
  test('of 50 noisy streams with one incident each: 50 raises within 2, half of them by the third window', () => {
    const all = streams(0.14, short);
    expect(median(all.map(({ crossed }) => crossed))).toBeGreaterThan(60);
    const raises = all.reduce((sum, { raised }) => sum + raised.length, 0);
    expect(Math.abs(raises - 50)).toBeLessThanOrEqual(2);
    expect(median(delays(all))).toBeLessThanOrEqual(2);
  });

  test('of streams that cross it three times as often still: once in the median, and 4 of 6 windows hold all 50', () => {
    const patient = { ...short, raise: { ...short.raise, windows: 4, of: 6 } };
    const all = streams(0.16, patient);
    expect(all.reduce((sum, { raised }) => sum + raised.length, 0)).toBe(50);
    expect(median(delays(all))).toBeLessThanOrEqual(3);
    const quick = Array.from({ length: 20 }, (_, i) => stream(i + 1, 0.16, short).raised.length);
    expect(median(quick)).toBe(1);
    expect(Math.max(...quick)).toBeLessThanOrEqual(3);
  });
});
