import { describe, expect, test } from 'vitest';
import { decodeBaseline, encodeBaseline, sealBaseline } from '../../src/codec/baseline.ts';
import { Fault } from '../../src/fault.ts';
import { uniform } from '../drift/random.ts';
import { builtBaseline, eventAt, withoutChunks } from '../drift/reference-build.ts';

const random = uniform(6);
const events = Array.from({ length: 9_000 }, (_, i) =>
  eventAt(i, { x: i % 50 === 0 ? null : random(), city: `c${Math.floor(random() * 12)}` }),
);
const baseline = sealBaseline(builtBaseline(events));

describe('the chunks of a baseline document', () => {
  test('read back as what they were', () => {
    const back = decodeBaseline(encodeBaseline(baseline));
    expect(back.chunks).toEqual(baseline.chunks);
    expect(baseline.chunks!.map((sizes) => sizes.map(({ rows }) => rows))).toEqual([
      [250, 1_000],
      [250, 1_000],
    ]);
  });

  test('are part of the content hash', () => {
    expect(sealBaseline(withoutChunks(baseline)).schema.baselineHash).not.toBe(baseline.schema.baselineHash);
    const text = encodeBaseline(baseline);
    const changed = text.replace(/"chunks": 36,/, '"chunks": 37,');
    expect(changed).not.toBe(text);
    expect(() => decodeBaseline(changed)).toThrow(Fault);
  });

  test('are absent from documents of before, which read all the same', () => {
    const before = sealBaseline(withoutChunks(baseline));
    const text = encodeBaseline(before);
    expect(text).not.toContain('"chunks"');
    const back = decodeBaseline(text);
    expect(back.chunks).toBeUndefined();
    expect(back.schema.baselineHash).toBe(before.schema.baselineHash);
  });

  test('of other numbers of bins, or in another order, are refused', () => {
    const [sizes, other] = baseline.chunks!;
    const refused = (changed: typeof sizes) => () =>
      decodeBaseline(encodeBaseline({ ...baseline, chunks: [changed!, other!] }));
    const levels = sizes!.map((size) => ({
      ...size,
      spreads: size.spreads.map((spread) => ({ ...spread, level: spread.level + 1 })),
    }));
    expect(refused(levels)).toThrow(/numbers of bins/);
    expect(refused([...sizes!].reverse())).toThrow(/do not ascend/);
  });
});
