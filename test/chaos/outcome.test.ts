import { describe, expect, test } from 'vitest';
import { rewrittenRevisions, type SentMessage } from './outcome.ts';

function result(id: string, value: string, at: number): SentMessage {
  return { topic: 'results', id, key: 'model', value, at };
}

describe('a revision that was published twice', () => {
  test('with the same content is in order', () => {
    expect(rewrittenRevisions([result('m/0', 'x', 1), result('m/0', 'x', 2), result('m/1', 'y', 3)])).toEqual(
      [],
    );
  });

  test('with different content is told of, however often the first came in between', () => {
    const sent = [result('m/0', 'x', 1), result('m/0', 'x', 2), result('m/0', 'y', 3)];
    expect(rewrittenRevisions(sent).map(({ id }) => id)).toEqual(['m/0']);
  });

  test('is explained by a roll-back between the two, and by no other', () => {
    const [rewritten] = rewrittenRevisions([result('m/0', 'x', 10), result('m/0', 'y', 20)]);
    expect(rewritten?.explained([{ from: 12, to: 15 }])).toBe(true);
    expect(
      rewritten?.explained([
        { from: 1, to: 5 },
        { from: 21, to: 30 },
      ]),
    ).toBe(false);
  });
});
