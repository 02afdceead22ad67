import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type BaselineDocument,
  baselineSchema,
  decodeBaseline,
  encodeBaseline,
  sealBaseline,
} from '../../src/codec/baseline.ts';
import { Fault } from '../../src/fault.ts';
import type { Baseline } from '../../src/profile/baseline.ts';
import type { PredictionEvent } from '../../src/profile/event.ts';
import { emptyReference, freezeSchema, sampleEvent } from '../../src/profile/freeze.ts';
import { emptyProfile, observePrediction } from '../../src/profile/profile.ts';
import { readNumeric } from '../../src/sketch/numeric-summary.ts';
import { publishedSchema, schemaPath, violations } from './published-schema.ts';

const provenance = { source: 'rows.ndjson', builtAt: '2024-01-01T00:00:00.000Z', builtBy: 'driftline 0' };

function event(features: Readonly<Record<string, unknown>>, i: number): PredictionEvent {
  return {
    kind: 'prediction',
    predictionId: String(i),
    model: 'm',
    modelVersion: '1',
    timestamp: i,
    features,
    prediction: i % 3,
    score: i % 7 === 0 ? null : (i % 11) / 11,
  };
}

function built(rows: readonly Readonly<Record<string, unknown>>[]): Baseline {
  const events = rows.map(event);
  const reference = emptyReference({ model: 'm', task: 'multiclass' });
  for (const one of events) sampleEvent(reference, one);
  const schema = freezeSchema(reference);
  const profile = emptyProfile(schema);
  for (const one of events) observePrediction(profile, schema, one);
  return sealBaseline({ schema, profile, period: { start: 0, end: rows.length - 1 }, provenance });
}

/** Columns of every shape: smooth, heavy, empty, huge, many categories, mixed. */
function mixedRows(count: number): Record<string, unknown>[] {
  return Array.from({ length: count }, (_, i) => ({
    smooth: Math.sin(i) * 1e3,
    tenths: i * 0.1,
    heavy: i % 10 === 0 ? i : 0,
    constant: 5,
    huge: i % 2 === 0 ? 1.7e308 : -1e308,
    empty: null,
    city: i % 97 === 0 ? null : `city ${(i * i) % 300}`,
    odd: i % 5 === 0 ? 'x' : i,
    flag: i % 2 === 0,
    __proto__x: NaN,
    [i === 0 ? 'only once' : 'smooth2']: i,
  }));
}

function documentOf(baseline: Baseline): BaselineDocument {
  return JSON.parse(encodeBaseline(baseline));
}

/** Everything that anybody can read of a numeric column. */
function readings(baseline: Baseline) {
  return baseline.profile.columns.map((column) => {
    if (column.kind === 'categorical') return column;
    const { n, moments, bins, exact, quantile, rank } = readNumeric(column.summary);
    const levels = Array.from({ length: 101 }, (_, i) => quantile(i / 100));
    return { ...column, summary: { n, moments, bins, exact, levels, ranks: levels.map(rank) } };
  });
}

describe('a baseline document', () => {
  test.each([1, 5, 999, 1000, 1001, 4321])('of %d rows reads back as what it was', (count) => {
    const baseline = built(mixedRows(count));
    const back = decodeBaseline(encodeBaseline(baseline));
    expect(back.schema).toEqual(baseline.schema);
    expect(back.period).toEqual(baseline.period);
    expect(back.provenance).toEqual(provenance);
    expect(back.profile.rows).toBe(count);
    expect(back.profile.baselineHash).toBe(back.schema.baselineHash);
    expect(readings(back)).toEqual(readings(baseline));
    expect(encodeBaseline(back)).toBe(encodeBaseline(baseline));
  });

  test('reads back whatever the values are', () => {
    const value = fc.oneof(
      fc.double(),
      fc.constantFrom(0, -0, 1, 5e-324, -1.7976931348623157e308),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\uD800', '__proto__', 'constructor', '', 'NaN'),
      fc.boolean(),
      fc.constant(null),
      fc.array(fc.integer()),
    );
    const names = fc.constantFrom('a', 'b', '__proto__', 'toString', '', 'é\uDC00');
    fc.assert(
      fc.property(
        fc.array(fc.dictionary(names, value, { noNullPrototype: true }), { minLength: 1, maxLength: 40 }),
        (rows) => {
          const baseline = built(rows);
          const text = encodeBaseline(baseline);
          const back = decodeBaseline(text);
          expect(encodeBaseline(back)).toBe(text);
          expect(back.schema.baselineHash).toBe(baseline.schema.baselineHash);
          expect(back.schema.columns.map(({ name }) => name)).toEqual(
            baseline.schema.columns.map(({ name }) => name),
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  test('without time has no period', () => {
    const baseline = { ...built(mixedRows(3)), period: { start: null, end: null } };
    expect(documentOf(baseline).period).toEqual({ start: null, end: null });
    expect(decodeBaseline(encodeBaseline(baseline)).period).toEqual({ start: null, end: null });
  });

  test('says what a person wants to know', () => {
    const [column] = documentOf(built([{ x: 1 }, { x: 2 }, { x: 3 }, { x: null }, { x: 'text' }])).columns;
    expect(column).toMatchObject({
      name: 'x',
      ...{ n: 3, missing: 1, invalid: 1, nonfinite: 0, zeros: 0, min: 1, max: 3, mean: 2 },
      ...{ edges: [1, 1.0000000000000002, 2, 2.0000000000000004, 3, 3.0000000000000004] },
      ...{ counts: [0, 1, 0, 1, 0, 1, 0], sums: [0, 1, 0, 2, 0, 3, 0] },
    });
    expect(column?.kind === 'numeric' ? column.quantiles[3] : undefined).toEqual([0.5, 2]);
  });

  test('has a line for every member, so that two can be compared', () => {
    const baseline = built(mixedRows(2000));
    const lines = encodeBaseline(baseline).split('\n');
    const numeric = baseline.schema.columns.filter(({ kind }) => kind === 'numeric').length;
    for (const member of ['"edges"', '"counts"', '"digest"']) {
      expect(lines.filter((line) => line.trim().startsWith(member))).toHaveLength(numeric);
    }
  });

  test('keeps to its published schema', async () => {
    expect(violations(baselineSchema, documentOf(built(mixedRows(1500))))).toEqual([]);
    await expect(publishedSchema('baseline', baselineSchema)).toMatchFileSnapshot(schemaPath('baseline'));
  });
});

describe('the content hash', () => {
  test('is the same for the same data', () => {
    const hash = (rows: Record<string, unknown>[]) => built(rows).schema.baselineHash;
    expect(hash(mixedRows(2345))).toBe(hash(mixedRows(2345)));
    expect(hash(mixedRows(2345))).not.toBe(hash(mixedRows(2346)));
  });

  test('does not depend on where the data came from, nor on how the document is laid out', () => {
    const baseline = built(mixedRows(10));
    const elsewhere = { ...baseline, provenance: { source: 'b', builtAt: 'later', builtBy: 'c' } };
    expect(documentOf(elsewhere).hash).toBe(baseline.schema.baselineHash);
    const { columns, ...head } = documentOf(baseline);
    const turned = JSON.stringify({
      columns: columns.map((column) => Object.fromEntries(Object.entries(column).reverse())),
      ...head,
    });
    expect(decodeBaseline(turned).schema.baselineHash).toBe(baseline.schema.baselineHash);
  });

  test('can be computed by others: canonical JSON without hash and provenance', () => {
    const { hash, provenance: _, ...content } = documentOf(built(mixedRows(3)));
    const sorted = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(sorted);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, member]) => [name, sorted(member)]),
      );
    };
    expect(
      createHash('sha256')
        .update(JSON.stringify(sorted(content)))
        .digest('hex'),
    ).toBe(hash);
  });
});

describe('a document that cannot be trusted', () => {
  const good = encodeBaseline(built(mixedRows(50)));

  function faultOf(text: string): Fault {
    try {
      decodeBaseline(text);
    } catch (error) {
      if (error instanceof Fault) return error;
      throw error;
    }
    throw new Error('the document was taken');
  }

  /** A document changed by hand whose hash was made to fit again. */
  function resealed(change: (document: BaselineDocument) => void): string {
    const document = JSON.parse(good) as BaselineDocument;
    change(document);
    const said = /has the hash ([0-9a-f]{64})/.exec(faultOf(JSON.stringify(document)).message)?.[1];
    return JSON.stringify({ ...document, hash: said });
  }

  test.each([
    ['not JSON', '{"format":', /not JSON/],
    ['no object', '7', /no driftline\.baseline\/1/],
    ['null', 'null', /no driftline\.baseline\/1/],
    [
      'of a later format',
      '{"format":"driftline.baseline/2"}',
      /is driftline\.baseline\/2, and this version reads/,
    ],
    ['without columns', '{"format":"driftline.baseline/1"}', /hash/],
    ['changed', good.replace('"rows": 50', '"rows": 51'), /content has the hash/],
    ['claiming another hash', good.replace(/"hash": "../, '"hash": "00'), /the document says 00/],
  ])('because it is %s is BASELINE_INVALID', (_, text, message) => {
    const fault = faultOf(text);
    expect([fault.code, fault.message]).toEqual(['BASELINE_INVALID', expect.stringMatching(message)]);
  });

  type Numeric = Extract<BaselineDocument['columns'][number], { kind: 'numeric' }>;
  type Categorical = Extract<BaselineDocument['columns'][number], { kind: 'categorical' }>;
  const numeric = (document: BaselineDocument) => document.columns[0] as Numeric;
  const categorical = (document: BaselineDocument) =>
    document.columns.find(({ name }) => name === 'city') as Categorical;

  test.each<[string, (document: BaselineDocument) => void, RegExp]>([
    ['edges out of order', (d) => void numeric(d).edges?.reverse(), /do not ascend/],
    ['a bin too few', (d) => void numeric(d).counts?.pop(), /edges for/],
    ['only part of the bins', (d) => Object.assign(numeric(d), { sums: null }), /only part of its bins/],
    ['another number of values', (d) => Object.assign(numeric(d), { n: 7 }), /do not add up/],
    [
      'a digest of other values',
      (d) => Object.assign(numeric(d), { digest: 'AQEUyAABAAA=' }),
      /another number of values/,
    ],
    ['a digest that is none', (d) => Object.assign(numeric(d), { digest: 'AAAA' }), /t-digest/],
    [
      'a category twice',
      (d) => void categorical(d).categories.push(categorical(d).categories[0]!),
      /names a category twice/,
    ],
    ['categories beyond n', (d) => Object.assign(categorical(d), { unseen: 3 }), /do not add up/],
    ['a column twice', (d) => void d.columns.push(d.columns[0]!), /two columns "smooth"/],
  ])('because it has %s is BASELINE_INVALID even when its hash fits', (_, change, message) => {
    const fault = faultOf(resealed(change));
    expect([fault.code, fault.message]).toEqual(['BASELINE_INVALID', expect.stringMatching(message)]);
  });

  test('never brings down more than itself, wherever it was damaged', () => {
    fc.assert(
      fc.property(
        fc.nat(good.length - 1),
        fc.constantFrom('', '0', '"', '[', '}', '-', '9'),
        (at, instead) => {
          const text = good.slice(0, at) + instead + good.slice(at + 1);
          try {
            // What still reads must say the same: the change touched no content.
            expect(decodeBaseline(text).schema.baselineHash).toBe(decodeBaseline(good).schema.baselineHash);
          } catch (error) {
            if (!(error instanceof Fault)) throw error;
            expect(error.code).toBe('BASELINE_INVALID');
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
