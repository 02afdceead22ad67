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
