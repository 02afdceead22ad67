import { expect } from 'vitest';
import { decodeProfile, encodeProfile } from '../../src/codec/profile.ts';
import type { NumericColumn } from '../../src/profile/column.ts';
import { emptyProfile } from '../../src/profile/profile.ts';
import type { ColumnSpec, ModelSchema } from '../../src/profile/schema.ts';
import { type Binning, compileBinning, freezeEdges } from '../../src/sketch/binning.ts';
import { type Bins, emptyBins, mergeBins, observeBins } from '../../src/sketch/bins.ts';
import {
  type Digest,
  digestRank,
  emptyDigest,
  mergedDigest,
  rankErrorMax,
  withSorted,
} from '../../src/sketch/digest.ts';
import { emptyMoments, type Moments, mergeMoments, observeMoments } from '../../src/sketch/moments.ts';
import {
  emptyNumericSummary,
  mergeNumericSummaries,
  type NumericSummary,
  observeNumber,
  pendingMax,
  readNumeric,
} from '../../src/sketch/numeric-summary.ts';
import { type NamedValues, type SummaryCase, summaryLaws } from './summary.laws.ts';
import { benignNames, type SampleName, sampleNames, sampleOf, sampleSizes } from './summary-samples.ts';
import { ascending, expectTrueMoments, expectWithin, rankError, rankIn } from './summary-truth.ts';

type NumericSample = NamedValues<Float64Array>;

const numbers: NumericSample[] = sampleNames.flatMap((name) =>
  sampleSizes.map((size) => ({
    name: `${size} × ${name}`,
    // A summary takes -0 for 0 when it observes it; the parts of which it consists never see one.
    values: sampleOf(name, size).map((x) => x + 0),
  })),
);

/** A single value waits to be folded, so that moments, bins and digests never hold just one. */
const several = numbers.filter(({ values }) => values.length > 1);

/** Frozen by a baseline of the same distribution, one for each. */
const binnings = new Map<SampleName, Binning>(
  sampleNames.map((name) => [name, compileBinning(freezeEdges(ascending(sampleOf(name, 10_000, 2))))]),
);

function binningFor({ name }: NumericSample): Binning {
  return binnings.get(name.slice(name.indexOf('×') + 2) as SampleName)!;
}

/** Calls `take` with a thousand values at a time, ascending, as a numeric summary does. */
function inBuffers(values: Float64Array, take: (buffer: Float64Array, length: number) => void): void {
  for (let from = 0; from < values.length; from += pendingMax) {
    const buffer = values.slice(from, from + pendingMax).sort();
    take(buffer, buffer.length);
  }
}

function schemaOf(spec: ColumnSpec): ModelSchema {
  return { model: 'm', task: 'regression', columns: [spec], baselineHash: 'hash' };
}

function encodeNumeric(summary: NumericSummary, binning?: Binning): Uint8Array {
  const schema = schemaOf({ name: 'x', kind: 'numeric', ...(binning && { binning }) });
  const column: NumericColumn = { kind: 'numeric', missing: 0, invalid: 0, nonfinite: 0, summary };
  return encodeProfile({ ...emptyProfile(schema), columns: [column] }, schema);
}

function decodeNumeric(bytes: Uint8Array, binning?: Binning): NumericSummary {
  const schema = schemaOf({ name: 'x', kind: 'numeric', ...(binning && { binning }) });
  return (decodeProfile(bytes, schema).columns[0] as NumericColumn).summary;
}

/** The parts of a numeric summary travel together. */
function summaryOfParts(values: Float64Array, parts: Partial<NumericSummary>): NumericSummary {
  const own = emptyNumericSummary();
  return { ...own, moments: momentsCase.of(values), digest: digestCase.of(values), ...parts };
}

// ---------------------------------------------------------------- moments

const momentsCase: SummaryCase<Moments, Float64Array> = {
  name: 'moments',
  samples: several,
  empty: emptyMoments,
  of: (values) => {
    const moments = emptyMoments();
    inBuffers(values, (buffer, length) => observeMoments(moments, buffer, length));
    return moments;
  },
  merge: (into, from) => {
    mergeMoments(into, from);
    return into;
  },
  encode: (moments, values) => encodeNumeric(summaryOfParts(values, { moments })),
  decode: (bytes) => decodeNumeric(bytes).moments,
  expectSame: (actual, _, { name, values }) => expectTrueMoments(actual, values, name),
  expectTrue: (actual, { name, values }) => expectTrueMoments(actual, values, name),
};

// ---------------------------------------------------------------- bins

function binsCase(name: SampleName): SummaryCase<Bins, Float64Array> {
  const binning = binnings.get(name)!;
  return {
    name: `bins of ${name}`,
    samples: several.filter((sample) => binningFor(sample) === binning),
    empty: () => emptyBins(binning),
    of: (values) => {
      const bins = emptyBins(binning);
      inBuffers(values, (buffer, length) => observeBins(bins, buffer, length));
      return bins;
    },
    merge: (into, from) => {
      mergeBins(into, from);
      return into;
    },
    encode: (bins, values) => encodeNumeric(summaryOfParts(values, { bins }), binning),
    decode: (bytes) => decodeNumeric(bytes, binning).bins!,
    expectSame: (actual, expected) => expect(actual.counts).toEqual(expected.counts),
    expectTrue: (actual, sample) => expectTrueBins(actual, sample),
  };
}

/** Counts are exact; sums miss at most what as many roundings of the sum of absolute values can. */
function expectTrueBins(bins: Bins, { name, values }: NumericSample): void {
  const { edges } = bins.binning;
  const counts = new Float64Array(edges.length + 1);
  const sums = new Float64Array(edges.length + 1);
  const absolute = new Float64Array(edges.length + 1);
  for (const x of values) {
    const bin = rankIn(edges, x).atOrBelow;
    counts[bin]! += 1;
    sums[bin]! += x;
    absolute[bin]! += Math.abs(x);
  }
  expect(bins.counts, name).toEqual(counts);
  bins.sums.forEach((sum, bin) => {
    expectWithin(
      sum,
      sums[bin]!,
      counts[bin]! * Number.EPSILON * absolute[bin]!,
      `${name}: sum of bin ${bin}`,
    );
  });
}

// ---------------------------------------------------------------- digest

function isBenign({ name }: NumericSample): boolean {
  return benignNames.some((benign) => name.endsWith(`× ${benign}`));
}

const digestCase: SummaryCase<Digest, Float64Array> = {
  name: 'digest',
  samples: several,
  empty: () => emptyDigest,
  of: (values) => {
    let digest = emptyDigest;
    inBuffers(values, (buffer, length) => {
      digest = withSorted(digest, buffer, length);
    });
    return digest;
  },
  merge: mergedDigest,
  encode: (digest, values) => encodeNumeric(summaryOfParts(values, { digest })),
  decode: (bytes) => decodeNumeric(bytes).digest,
  expectSame: (actual, expected, sample) => {
    const { total, min, max } = expected;
    expect(actual, sample.name).toMatchObject({ total, min, max });
    expectTrueRanks(actual, sample);
  },
  expectTrue: expectTrueRanks,
};

function expectTrueRanks(digest: Digest, sample: NumericSample): void {
  const sorted = ascending(sample.values);
  expect([digest.total, digest.min, digest.max]).toEqual([sorted.length, sorted[0], sorted.at(-1)]);
  if (!isBenign(sample)) return;
  const error = rankError((x) => digestRank(digest, x), sorted);
  expect(error, `rank error of ${sample.name}`).toBeLessThanOrEqual(rankErrorMax);
}

// ---------------------------------------------------------------- numeric summary

function numericCase(name: SampleName): SummaryCase<NumericSummary, Float64Array> {
  const binning = binnings.get(name)!;
  return {
    name: `numeric summary of ${name}`,
    samples: numbers.filter((sample) => binningFor(sample) === binning),
    empty: () => emptyNumericSummary(binning),
    of: (values) => {
      const summary = emptyNumericSummary(binning);
      for (const x of values) observeNumber(summary, x);
      // A buffer grows ahead of what it holds; that is no content.
      return { ...summary, pending: summary.pending.slice(0, summary.pendingCount) };
    },
    merge: (into, from) => {
      mergeNumericSummaries(into, from);
      return into;
    },
    encode: (summary) => encodeNumeric(summary, binning),
    decode: (bytes) => decodeNumeric(bytes, binning),
    expectSame: (actual, expected, { name }) => {
      const [a, b] = [readNumeric(actual), readNumeric(expected)];
      expect(a.n, name).toBe(b.n);
      expect(a.bins!.counts, name).toEqual(b.bins!.counts);
      expect(a.exact, name).toEqual(b.exact);
    },
    expectTrue: expectTrueReading,
  };
}

function expectTrueReading(summary: NumericSummary, sample: NumericSample): void {
  const reading = readNumeric(summary);
  const sorted = ascending(sample.values);
  expect(reading.n).toBe(sorted.length);
  expectTrueMoments(reading.moments, sample.values, sample.name);
  expectTrueBins(reading.bins!, sample);
  if (sorted.length <= pendingMax) {
    expect(reading.exact, sample.name).toEqual(sorted);
    expect(rankError(reading.rank, sorted), sample.name).toBe(0);
  } else if (isBenign(sample)) {
    const error = rankError(reading.rank, sorted);
    expect(error, `rank error of ${sample.name}`).toBeLessThanOrEqual(rankErrorMax);
  }
}

summaryLaws(momentsCase);
for (const name of sampleNames) summaryLaws(binsCase(name));
summaryLaws(digestCase);
for (const name of sampleNames) summaryLaws(numericCase(name));
