import { expect } from 'vitest';
import { openReader, openWriter, written } from '../../src/codec/bytes.ts';
import { readDistinct, writeDistinct } from '../../src/codec/distinct.ts';
import { decodeHyperLogLog, encodeHyperLogLog } from '../../src/codec/hyperloglog.ts';
import {
  type Distinct,
  distinctCount,
  emptyDistinct,
  exactDistinctMax,
  mergeDistincts,
  observeDistinctNumber,
  observeDistinctText,
} from '../../src/sketch/distinct.ts';
import {
  emptyHyperLogLog,
  estimatedCount,
  type HyperLogLog,
  mergeHyperLogLogs,
  observeHash,
} from '../../src/sketch/hyperloglog.ts';
import { type Hash64, hashNumber, hashText } from '../../src/sketch/murmur-hash.ts';
import { type NamedValues, type SummaryCase, summaryLaws } from './summary.laws.ts';
import { sampleNames, sampleOf, sampleSizes } from './summary-samples.ts';

type Values = readonly (number | string)[];

/** Exact, about to give that up, and far beyond: numbers of every distribution, and names. */
const samples: NamedValues<Values>[] = [
  ...sampleNames.flatMap((name) =>
    [1, 2, 999, 1001, 10_000].map((size) => ({
      name: `${size} × ${name}`,
      values: [...sampleOf(name, size)],
    })),
  ),
  ...[...sampleSizes, 1_000_000].flatMap((size) => [
    { name: `${size} × numbers that never return`, values: Array.from({ length: size }, (_, i) => i * 0.37) },
    { name: `${size} × 700 names`, values: Array.from({ length: size }, (_, i) => `n${(i * i) % 701}`) },
  ]),
  ...[999, 1000, 1001, 10_000, 100_000].map((size) => ({
    name: `${size} × names that never return`,
    values: Array.from({ length: size }, (_, i) => `customer-${i}`),
  })),
];

/** -0 is 0, as everywhere. */
function distinctIn(values: Values): number {
  return new Set(values).size;
}

function expectWithin(estimate: number, values: Values, name: string): void {
  const truth = distinctIn(values);
  // Half a value is the rounding of what is published.
  if (!(Math.abs(estimate - truth) <= Math.max(0.5, 0.03 * truth)))
    expect.fail(`${name}: ${estimate}, in truth ${truth}`);
}

const hash: Hash64 = { low: 0, high: 0 };

const hyperLogLogCase: SummaryCase<HyperLogLog, Values> = {
  name: 'HyperLogLog',
  samples,
  empty: emptyHyperLogLog,
  of: (values) => {
    const registers = emptyHyperLogLog();
    for (const value of values) {
      if (typeof value === 'number') hashNumber(value, hash);
      else hashText(value, hash);
      observeHash(registers, hash);
    }
    return registers;
  },
  merge: (into, from) => {
    mergeHyperLogLogs(into, from);
    return into;
  },
  encode: encodeHyperLogLog,
  decode: decodeHyperLogLog,
  expectSame: (actual, expected, { name }) => {
    expect(Buffer.compare(actual, expected), name).toBe(0);
  },
  expectTrue: (actual, { name, values }) => expectWithin(estimatedCount(actual), values, name),
};

const distinctCase: SummaryCase<Distinct, Values> = {
  name: 'distinct values',
  samples,
  empty: emptyDistinct,
  of: (values) => {
    const distinct = emptyDistinct();
    for (const value of values) {
      if (typeof value === 'number') observeDistinctNumber(distinct, value);
      else observeDistinctText(distinct, value);
    }
    return distinct;
  },
  merge: (into, from) => {
    mergeDistincts(into, from);
    return into;
  },
  encode: (distinct) => {
    const writer = openWriter();
    writeDistinct(writer, distinct);
    return written(writer);
  },
  decode: (bytes) => readDistinct(openReader(bytes))!,
  expectSame: (actual, expected, { name }) => {
    expect(distinctCase.encode(actual, []), name).toEqual(distinctCase.encode(expected, []));
  },
  expectTrue: (actual, { name, values }) => {
    const truth = distinctIn(values);
    if (truth < exactDistinctMax) expect(distinctCount(actual), name).toBe(truth);
    else expectWithin(distinctCount(actual), values, name);
  },
};

summaryLaws(hyperLogLogCase);
summaryLaws(distinctCase);
