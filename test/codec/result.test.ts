import { describe, expect, test } from 'vitest';
import {
  categoryNames,
  decodeResult,
  encodeResult,
  resultContent,
  resultSchema,
} from '../../src/codec/result.ts';
import type { ColumnResult, WindowResult } from '../../src/drift/result.ts';
import { Fault } from '../../src/fault.ts';
import { column, windowResult } from '../alert/sample-results.ts';
import { publishedSchema, schemaPath, violations } from './published-schema.ts';

const names = categoryNames(new Set(['meal']), 'k1');

function categories(name: string): ColumnResult {
  const top = [
    { name: 'BB', count: 4000 },
    { name: '__proto__', count: 990 },
    { name: 'rare', count: 9 },
  ];
  return { ...column(name, 0.05), kind: 'categorical', statistics: { top, distinct: 3 } };
}

const result: WindowResult = windowResult(0, [
  {
    ...column('lead_time', 0.1 + 0.2),
    measures: {
      wasserstein: { score: 0.3, noiseFloor: 0.01, p: null, raw: 12.5 },
      kolmogorov_smirnov: { score: 0.2, noiseFloor: 0.03, p: 1e-300, lower: 0.19, upper: 0.21 },
      psi: { score: 0.1 + 0.2, noiseFloor: 0.02, p: 5e-324 },
    },
  },
  categories('meal'),
  categories('country'),
  column('@score', null),
]);

describe('a result document', () => {
  test('reads back as it was written, doubles to the last bit', () => {
    const document = decodeResult(encodeResult(result, { position: 0n, revisions: 3 }, names).document);
    expect(document).toMatchObject({
      format: 'driftline.result/1',
      model: 'hotel_cancellation',
      segment: 'all',
      window_start_time: '2016-10-01T00:00:00.000Z',
      window_end_time: '2016-10-01T00:05:00.000Z',
      window_seconds: 300,
      revisions: 3,
      rows: 5000,
      drifted_features: 1,
    });
    expect(document.columns[0]).toMatchObject({
      feature_name: 'lead_time',
      drift_score: 0.1 + 0.2,
      state: 'drifted',
    });
    expect(document.columns[0]!.measures.psi).toEqual({
      score: 0.1 + 0.2,
      noise_floor: 0.02,
      p_value: 5e-324,
    });
    expect(document.columns[3]).toMatchObject({ feature_name: '@score', drift_score: null });
  });

  test('is the same text for equal results, in whatever order their fields were made', () => {
    const turned = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(turned)
        : value !== null && typeof value === 'object'
          ? Object.fromEntries(
              Object.entries(value)
                .reverse()
                .map(([key, inner]) => [key, turned(inner)]),
            )
          : value;
    expect(encodeResult(turned(result) as WindowResult, { position: 0n, revisions: 0 }, names).document).toBe(
      encodeResult(result, { position: 0n, revisions: 0 }, names).document,
    );
  });

  test('without its revision tells a change of content from a repetition', () => {
    const first = resultContent(encodeResult(result, { position: 0n, revisions: 0 }, names).document);
    expect(resultContent(encodeResult(result, { position: 0n, revisions: 7 }, names).document)).toBe(first);
    expect(
      resultContent(encodeResult({ ...result, rows: 5001 }, { position: 0n, revisions: 0 }, names).document),
    ).not.toBe(first);
  });

  test('says null where a statistic is infinite or not a number', () => {
    const wild = {
      ...column('adr', Number.NaN),
      threshold: Infinity,
      noiseFloor: Infinity,
      statistics: {
        mean: 1e308,
        std: Infinity,
        min: -1e308,
        max: 1e308,
        zeros: 0,
        distinct: null,
        quantiles: [Number.NaN],
      },
    };
    const text = encodeResult(windowResult(0, [wild]), { position: 0n, revisions: 0 }, names).document;
    expect(decodeResult(text).columns[0]).toMatchObject({
      drift_score: null,
      drift_threshold: null,
      noise_floor: null,
      statistics: { mean: 1e308, std: null, quantiles: [null] },
    });
  });

  test('says how many distinct values there are; one from before that was counted is read all the same', () => {
    const meal = windowResult(0, [categories('meal')]);
    const text = encodeResult(meal, { position: 0n, revisions: 0 }, names).document;
    expect(decodeResult(text).columns[0]!.statistics.distinct).toBe(3);
    const before = text.replace('"distinct":3,', '');
    expect(before).not.toBe(text);
    expect(decodeResult(before).columns[0]!.statistics.distinct).toBeUndefined();
  });

  test('of a window without a baseline has no columns', () => {
    expect(
      decodeResult(encodeResult(windowResult(0, []), { position: 0n, revisions: 0 }, names).document),
    ).toMatchObject({
      status: 'no_baseline',
      baseline: '',
      columns: [],
    });
  });

  test('meets the published schema, without undocumented fields', () => {
    for (const sample of [result, windowResult(1, [])]) {
      expect(
        violations(
          resultSchema,
          JSON.parse(encodeResult(sample, { position: 0n, revisions: 0 }, names).document),
        ),
      ).toEqual([]);
    }
    expect(
      violations(resultSchema, {
        ...JSON.parse(encodeResult(result, { position: 0n, revisions: 0 }, names).document),
        rows: '5000',
      }),
    ).not.toEqual([]);
  });

  test('has a published schema that is generated from this code', async () => {
    await expect(publishedSchema('result', resultSchema)).toMatchFileSnapshot(schemaPath('result'));
  });

  test.each(['', '{', 'null', '[]', '{"format":"driftline.result/2"}'])(
    '%j is refused as STATE_INVALID',
    (text) => {
      expect(() => decodeResult(text)).toThrow(expect.objectContaining({ code: 'STATE_INVALID' }));
      expect(() => decodeResult(text)).toThrow(Fault);
    },
  );
});

describe('what moved', () => {
  const shares = {
    baselineRows: 1000,
    windowRows: 450,
    baselineShare: 0.02,
    windowShare: 0.09,
    contribution: 0.1,
  };
  const moved = (name: string): ColumnResult => ({
    ...categories(name),
    state: 'drifted',
    moved: [
      { kind: 'category', name: 'CHN', ...shares },
      { kind: 'unseen', ...shares, baselineRows: 0, baselineShare: 0 },
      { kind: 'category', name: 'rare', ...shares, baselineRows: 9, windowRows: 9 },
    ],
  });

  test('is in the document of a drifted column alone, without bins that are rare on both sides', () => {
    const sample = windowResult(0, [moved('meal'), column('lead_time', 0.01)]);
    const text = encodeResult(sample, { position: 0n, revisions: 0 }, names).document;
    expect(violations(resultSchema, JSON.parse(text))).toEqual([]);
    const [meal, leadTime] = decodeResult(text).columns;
    expect(meal!.moved).toEqual([
      {
        text: 'share of meal=CHN: 2 % → 9 %',
        kind: 'category',
        category: 'CHN',
        baseline_share: 0.02,
        window_share: 0.09,
        contribution: 0.1,
      },
      {
        text: 'categories that the baseline does not know: 0 % → 9 %',
        kind: 'unseen',
        baseline_share: 0,
        window_share: 0.09,
        contribution: 0.1,
      },
    ]);
    expect(leadTime).not.toHaveProperty('moved');
  });

  test('names the ends of a range, null where it is open', () => {
    const range = { kind: 'range', from: 410, to: null, closed: false, ...shares } as const;
    const sample = windowResult(0, [{ ...column('lead_time', 0.5), moved: [range] }]);
    expect(
      decodeResult(encodeResult(sample, { position: 0n, revisions: 0 }, names).document).columns[0]!.moved,
    ).toMatchObject([
      { text: 'values from 410 upwards: 2 % → 9 %', kind: 'range', from: 410, to: null, to_included: false },
    ]);
  });

  test('says a category as a keyed hash, in the sentence too, and nothing of it without a key', () => {
    const document = (by: ReturnType<typeof categoryNames>) =>
      encodeResult(windowResult(0, [moved('country')]), { position: 0n, revisions: 0 }, by).document;
    const hash = names('country', 'CHN')!;
    expect(document(names)).not.toContain('CHN');
    expect(decodeResult(document(names)).columns[0]!.moved![0]).toMatchObject({
      text: `share of country=${hash}: 2 % → 9 %`,
      category: hash,
    });
    const unnamed = decodeResult(document(categoryNames(new Set(), undefined))).columns[0]!.moved![0]!;
    expect(unnamed.text).toBe('share of one category: 2 % → 9 %');
    expect(unnamed).not.toHaveProperty('category');
  });
});

describe('category names', () => {
  const top = (by: ReturnType<typeof categoryNames>, index: number) => {
    const { statistics } = decodeResult(encodeResult(result, { position: 0n, revisions: 0 }, by).document)
      .columns[index]!;
    return 'top' in statistics ? statistics.top : undefined;
  };

  test('of a plain feature are published as they are; rare categories never', () => {
    expect(top(names, 1)).toEqual([
      { name: 'BB', count: 4000 },
      { name: '__proto__', count: 990 },
    ]);
  });

  test('of other features are keyed hashes that differ by key and by feature', () => {
    const hashed = top(names, 2)!;
    expect(hashed.map(({ name }) => name)).toEqual([
      expect.stringMatching(/^[0-9a-f]{16}$/),
      expect.stringMatching(/^[0-9a-f]{16}$/),
    ]);
    expect(names('country', 'BB')).toBe(hashed[0]!.name);
    expect(names('market', 'BB')).not.toBe(hashed[0]!.name);
    expect(categoryNames(new Set(), 'k2')('country', 'BB')).not.toBe(hashed[0]!.name);
  });

  test('are left out without a key', () => {
    expect(top(categoryNames(new Set(), undefined), 2)).toEqual([{ count: 4000 }, { count: 990 }]);
  });
});
