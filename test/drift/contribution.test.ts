import { describe, expect, test } from 'vitest';
import { contributions, describeContribution } from '../../src/drift/contribution.ts';
import { prepareBaseline } from '../../src/drift/prepared-baseline.ts';
import type { ColumnResult, DriftPolicy, Mover } from '../../src/drift/result.ts';
import type { ColumnKind } from '../../src/profile/column.ts';
import { baselineOf, evaluate, profileOf } from './build.ts';
import { normal, uniform } from './random.ts';

type Range = Extract<Mover, { kind: 'range' }>;

/** The result of a column `x` whose values are given by their place: 10,000 before, 5,000 after. */
function compared(
  kind: ColumnKind,
  before: (i: number) => unknown,
  after: (i: number) => unknown,
  policy: Partial<DriftPolicy> = {},
): ColumnResult {
  const baseline = prepareBaseline(
    baselineOf(
      Array.from({ length: 10_000 }, (_, i) => ({ x: before(i) })),
      [['x', kind]],
    ),
  );
  const window = Array.from({ length: 5_000 }, (_, i) => ({ x: after(i) }));
  return evaluate(baseline, profileOf(baseline.baseline.schema, window), policy).columns[0]!;
}

function sentences({ name, kind, moved }: ColumnResult): string[] {
  return (moved ?? []).map((mover) =>
    describeContribution({ name, kind }, mover, mover.kind === 'category' ? mover.name : undefined),
  );
}

/** `cycle(['a', 3], ['b', 1])` gives a, a, a, b, a, a, a, b, … by place. */
function cycle(...shares: readonly (readonly [unknown, number])[]): (i: number) => unknown {
  const values = shares.flatMap(([value, count]) => Array.from({ length: count }, () => value));
  return (i) => values[i % values.length];
}

describe('what moved', () => {
  test('is the category that gained, then what lost most of it, with shares of all rows', () => {
    const result = compared(
      'categorical',
      cycle(['PRT', 78], ['ESP', 20], ['CHN', 2]),
      cycle(['PRT', 61], ['ESP', 20], ['CHN', 19]),
    );
    expect(sentences(result)).toEqual(['share of x=CHN: 2 % → 19 %', 'share of x=PRT: 78 % → 61 %']);
    expect(result.moved![0]).toMatchObject({
      kind: 'category',
      name: 'CHN',
      baselineRows: 200,
      windowRows: 950,
      baselineShare: 0.02,
      windowShare: 0.19,
    });
  });

  test('is the missing values when they grow', () => {
    const result = compared('numeric', (i) => (i % 1000 === 0 ? null : i), cycle([null, 12], [500, 88]));
    expect(
      sentences(compared('categorical', cycle(['a', 999], [null, 1]), cycle(['a', 88], [null, 12]))),
    ).toEqual(['missing: 0.1 % → 12 %']);
    expect(result.moved!.map(({ kind }) => kind)).toContain('missing');
  });

  test('is the categories that the baseline does not know, and the rare ones together', () => {
    const known = Array.from({ length: 40 }, (_, i): [string, number] => [`c${i}`, i < 30 ? 3 : 1]);
    expect(sentences(compared('categorical', cycle(...known), cycle(...known, ['new', 11])))[0]).toBe(
      'categories that the baseline does not know: 0 % → 9.9 %',
    );
    expect(sentences(compared('categorical', cycle(...known), cycle(...known, ['c35', 25])))[0]).toBe(
      'rarer categories together: 9 % → 27 %',
    );
  });

  test('is the upper tail of a number from where it grew', () => {
    const result = compared(
      'numeric',
      (i) => i % 1000,
      (i) => (i % 4 === 0 ? 900 + (i % 100) : i % 1000),
    );
    const [first] = result.moved!;
    expect(first).toMatchObject({ kind: 'range', to: null, closed: false });
    expect((first as Range).from).toBeGreaterThan(860);
    expect((first as Range).from).toBeLessThan(910);
    expect(first!.windowShare).toBeGreaterThan(2 * first!.baselineShare);
    expect(sentences(result)[0]).toMatch(/^values from \d+(\.\d+)? upwards: \d+ % → \d+ %$/);
  });

  test('is two halves for a shift, however noisy the bins are', () => {
    const random = uniform(7);
    const { moved } = compared(
      'numeric',
      () => normal(random),
      () => normal(random) + 0.8,
    );
    const [lower, upper] = (moved as Range[]).toSorted((a) => (a.from === null ? -1 : 1));
    expect(moved).toHaveLength(2);
    expect([lower!.from, upper!.to]).toEqual([null, null]);
    expect(lower!.to).toBe(upper!.from);
  });

  test('is a single value where a number holds many of it, told without its neighbour among the doubles', () => {
    const result = compared(
      'numeric',
      (i) => (i % 2 === 0 ? 0 : 1 + (i % 500)),
      (i) => (i % 5 === 0 ? 0 : 1 + ((2 * i + 1) % 500)),
    );
    expect(result.moved!.find((mover) => mover.kind === 'range' && mover.from === 0)).toMatchObject({
      to: 0,
      closed: true,
    });
    expect(sentences(result)).toContain('the value 0: 50 % → 20 %');
    expect(
      sentences(compared('numeric', cycle([1, 6], [2, 2], [3, 2]), cycle([1, 2], [2, 4], [3, 4]))),
    ).toEqual(['the value 1: 60 % → 20 %', 'values from 2 to 3: 40 % → 80 %']);
  });

  test('adds up to the population stability index, whichever measure decided', () => {
    for (const measure of ['psi', 'hellinger'] as const) {
      const result = compared('categorical', cycle(['a', 5], ['b', 5]), cycle(['a', 8], ['b', 2]), {
        measure,
      });
      const sum = result.moved!.reduce((all, { contribution }) => all + contribution, 0);
      expect(sum).toBeCloseTo(result.measures.psi!.score!, 12);
    }
  });

  test('is at most five, greatest contribution first', () => {
    const names = Array.from({ length: 12 }, (_, i) => `c${i}`);
    const { moved } = compared(
      'categorical',
      cycle(...names.map((name): [string, number] => [name, 10])),
      cycle(...names.map((name, i): [string, number] => [name, i % 2 === 0 ? 17 : 3])),
    );
    expect(moved).toHaveLength(5);
    const parts = moved!.map(({ contribution }) => contribution);
    expect(parts).toEqual(parts.toSorted((a, b) => b - a));
  });

  test('is not told of a column that has not drifted, nor where there are too few rows', () => {
    const same = cycle(['a', 5], ['b', 5]);
    expect(compared('categorical', same, same)).not.toHaveProperty('moved');
    expect(compared('categorical', same, cycle(['a', 9], ['b', 1]), { minCount: 6_000 })).not.toHaveProperty(
      'moved',
    );
  });

  test('of equal counts is nothing', () => {
    const baseline = prepareBaseline(
      baselineOf(
        Array.from({ length: 1_000 }, (_, i) => ({ x: i })),
        [['x', 'numeric']],
      ),
    );
    const [reference] = baseline.columns;
    expect(contributions(reference!, reference!.counts, 1_000)).toEqual([]);
  });
});

describe('a sentence', () => {
  const mover = (baselineShare: number, windowShare: number): Mover => ({
    kind: 'missing',
    ...{ baselineRows: 0, windowRows: 0, baselineShare, windowShare, contribution: 1 },
  });
  const text = (before: number, after: number) =>
    describeContribution({ name: 'x', kind: 'numeric' }, mover(before, after), undefined);

  test('gives shares two digits, and more where they would read the same', () => {
    expect(text(0.00123, 0.12345)).toBe('missing: 0.12 % → 12 %');
    expect(text(0, 1)).toBe('missing: 0 % → 100 %');
    expect(text(0.1234, 0.1241)).toBe('missing: 12.3 % → 12.4 %');
    expect(text(0.9973, 0.5)).toBe('missing: 99.7 % → 50 %');
    expect(text(0.5, 0.5)).toBe('missing: 50 % → 50 %');
  });

  test('leaves a category unnamed that has no name for the reader', () => {
    const category: Mover = { ...mover(0.02, 0.09), kind: 'category', name: 'CHN' };
    const column = { name: 'country', kind: 'categorical' } as const;
    expect(describeContribution(column, category, undefined)).toBe('share of one category: 2 % → 9 %');
    expect(describeContribution(column, category, '3fa9')).toBe('share of country=3fa9: 2 % → 9 %');
  });

  test('says values, not categories, of numbers that the baseline has none near', () => {
    const unseen: Mover = { ...mover(0, 0.1), kind: 'unseen' };
    expect(describeContribution({ name: 'x', kind: 'numeric' }, unseen, undefined)).toBe(
      'values where the baseline has none: 0 % → 10 %',
    );
  });
});
