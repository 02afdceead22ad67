import { describe, expect, test } from 'vitest';
import { advance } from '../../src/alert/history.ts';
import type { IncidentHistory } from '../../src/alert/incident.ts';
import { decodeIncidents, encodeIncidents } from '../../src/codec/incident-history.ts';
import type { WindowResult } from '../../src/drift/result.ts';
import { columnOfVote, policy, resultsOfVotes, windowMs, windowResult } from '../alert/sample-results.ts';

function fold(results: readonly WindowResult[], by = policy): IncidentHistory {
  let history: IncidentHistory | undefined;
  for (const result of results) history = advance(history, result, by).history;
  return history!;
}

describe('the text of an incident history', () => {
  const short = { ...policy, horizonMs: 6 * windowMs };
  const results = resultsOfVotes({
    adr: 'wwwcccccwkwksc',
    __proto__: 'ccs..wwmmccccc',
    '@score': 'ccccccccwwwwww',
  });

  test('reads back as the history that was written', () => {
    const late = windowResult(11, columnOfVote('adr', 'c'));
    for (const history of [fold(results), fold(results, short), fold([...results, late])]) {
      const text = encodeIncidents(history);
      expect(decodeIncidents(text)).toEqual(history);
      expect(encodeIncidents(decodeIncidents(text))).toBe(text);
    }
  });

  test('is equal for equal histories, however the results arrived', () => {
    expect(encodeIncidents(fold([...results, ...results]))).toBe(encodeIncidents(fold(results)));
  });

  test('keeps what windows say beside their votes, and what retraining remembers of them', () => {
    const story = resultsOfVotes({ a: 'wwwwcc', b: 'wwwwcc', c: 'wwwwcc', d: 'wwwwcc' });
    let history: IncidentHistory | undefined;
    const by = { ...short, cooldownMs: 9 * windowMs, horizonMs: 2 * windowMs };
    for (const [i, result] of story.entries()) {
      const evidence = {
        isBroken: i === 4,
        scheduledAt: result.start,
        silenced: i === 5 ? ['b', 'a'] : [],
        quality: {
          labels: { awaited: 9, labelled: i, largestClass: null },
          realised: 'ok',
          estimated: 'unknown',
        } as const,
      };
      history = advance(history, result, by, evidence).history;
    }
    expect(history!.base.retrain.episode).not.toBeNull();
    expect(history!.windows.at(-1)!.facts.silenced).toEqual(['a', 'b']);
    expect(decodeIncidents(encodeIncidents(history!))).toEqual(history);
  });

  test('of version 1 is read as a history without retraining', () => {
    const history = fold(results, { ...short, retrain: { ...short.retrain, mode: 'off' } });
    const document = JSON.parse(encodeIncidents(history));
    const { cooldownMs: _, retrain: __, ...oldPolicy } = document.policy;
    const { cooling: ___, retrain: ____, ...oldBase } = document.base;
    const { jobs: _____, ...old } = {
      ...document,
      format: 'driftline.incidents/1',
      policy: oldPolicy,
      base: oldBase,
    };
    const { retrain, ...policyRead } = decodeIncidents(JSON.stringify(old)).policy;
    expect(retrain.mode).toBe('off');
    expect(policyRead).toEqual({
      raise: short.raise,
      clear: short.clear,
      cooldownMs: 0,
      horizonMs: short.horizonMs,
    });
    expect(decodeIncidents(JSON.stringify(old)).base).toEqual(history.base);
  });

  test('keeps a raise at once that is switched off', () => {
    const never = { ...policy, raise: { ...policy.raise, atOnce: Infinity } };
    expect(decodeIncidents(encodeIncidents(fold(results, never))).policy).toEqual(never);
  });

  test('stays below 100 KB for 200 columns and a day of five-minute windows', () => {
    const votes = Object.fromEntries(
      Array.from({ length: 200 }, (_, i) => [
        `feature_with_a_name_${i}`,
        (i % 10 === 0 ? 'cccwwwwwkkccccccc' : 'cccmcccccc.ccccmm').repeat(40).slice(0, 600),
      ]),
    );
    const all = resultsOfVotes(votes);
    const history = fold(all.slice(0, 400));
    expect(history.windows).toHaveLength(288);
    expect(encodeIncidents(history).length).toBeLessThan(100_000);
  });

  test.each(['', 'null', '{"format":"driftline.incidents/0"}'])('%j is refused as STATE_INVALID', (text) => {
    expect(() => decodeIncidents(text)).toThrow(expect.objectContaining({ code: 'STATE_INVALID' }));
  });
});
