import { describe, expect, test } from 'vitest';
import { positionOf, revisionOf } from '../../src/codec/revision.ts';

describe('a revision', () => {
  test('is the same for the same position and content, and another for any other', () => {
    const names = [revisionOf(7n, 'a'), revisionOf(7n, 'b'), revisionOf(8n, 'a')];
    expect(new Set(names).size).toBe(3);
    expect(revisionOf(7n, 'a')).toBe(names[0]);
  });

  test('sorts as text by how far into the log it reaches, also where offsets have no exact double', () => {
    const positions = [0n, 9n, 10n, 2n ** 53n, 2n ** 53n + 1n, 10n ** 19n];
    const revisions = positions.map((position, i) => revisionOf(position, String(i)));
    expect([...revisions].sort()).toEqual(revisions);
    expect(revisions.map(positionOf)).toEqual(positions);
  });

  test('that is none is refused', () => {
    expect(() => positionOf('3')).toThrow(expect.objectContaining({ code: 'STATE_INVALID' }));
  });
});
