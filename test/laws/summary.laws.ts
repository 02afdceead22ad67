// The laws of every mergeable summary, whatever it is a summary of.
import { describe, expect, test } from 'vitest';
import { partsOf } from './summary-samples.ts';

/** The values of a column, and what to call them in a failure. */
export interface NamedValues<Values> {
  readonly name: string;
  readonly values: Values;
}

export interface SummaryCase<Summary, Values extends Float64Array | readonly unknown[]> {
  readonly name: string;
  readonly samples: readonly NamedValues<Values>[];
  empty(): Summary;
  /** A summary of the values as ingestion makes it. */
  of(values: Values): Summary;
  /** Adds `from` to `into` and returns what then is the summary of both. */
  merge(into: Summary, from: Summary): Summary;
  /** The bytes of a profile that holds this summary of these values, and the summary that is read from them. */
  encode(summary: Summary, values: Values): Uint8Array;
  decode(bytes: Uint8Array): Summary;
  /** What equal summaries share, where their objects may differ. */
  canonical?(summary: Summary): unknown;
  /** Two summaries of the same values are as equal as the summary promises. */
  expectSame(actual: Summary, expected: Summary, sample: NamedValues<Values>): void;
  /** What the summary says of these values is true within its error bound. */
  expectTrue(actual: Summary, sample: NamedValues<Values>): void;
}

const parts = 32;

/** Laws that have nothing to do with how many values there are are not proven on the largest samples. */
const valuesMax = 10_000;

export function summaryLaws<Summary, Values extends Float64Array | readonly unknown[]>(
  subject: SummaryCase<Summary, Values>,
): void {
  const smaller = subject.samples.filter(({ values }) => values.length <= valuesMax);
  const { samples, empty, of, merge, encode, decode, expectSame, expectTrue } = subject;

  /** Compares stored bytes: they are all of a summary that outlives the process. */
  function expectIdentical(actual: Summary, expected: Summary, { name, values }: NamedValues<Values>): void {
    const same = Buffer.compare(encode(actual, values), encode(expected, values)) === 0;
    expect(same, `${subject.name} of ${name}: equal bytes`).toBe(true);
  }

  function partSummaries(values: Values, count: number): Summary[] {
    return partsOf(values, count).map(of);
  }

  describe(subject.name, () => {
    test('an empty summary is neutral, byte by byte', () => {
      for (const sample of smaller) {
        expectIdentical(merge(of(sample.values), empty()), of(sample.values), sample);
        expectIdentical(merge(empty(), of(sample.values)), of(sample.values), sample);
      }
    });

    test('merge is commutative', () => {
      for (const sample of smaller) {
        const [a, b] = partSummaries(sample.values, 2);
        const [c, d] = partSummaries(sample.values, 2);
        expectSame(merge(a!, b!), merge(d!, c!), sample);
      }
    });

    test('merge is associative', () => {
      for (const sample of smaller) {
        const [a, b, c] = partSummaries(sample.values, 3);
        const [d, e, f] = partSummaries(sample.values, 3);
        expectSame(merge(merge(a!, b!), c!), merge(d!, merge(e!, f!)), sample);
      }
    });

    test('merge leaves what is added as it was', () => {
      for (const sample of smaller) {
        const [into] = partSummaries(sample.values, 2);
        const [, from] = partSummaries(sample.values, 2);
        const [, untouched] = partSummaries(sample.values, 2);
        const added = partsOf(sample.values, 2)[1]!;
        merge(into!, from!);
        expectIdentical(from!, untouched!, { name: sample.name, values: added });
      }
    });

    test(`merge of ${parts} parts equals the summary of the whole, and its error bound holds`, () => {
      for (const sample of samples) {
        const merged = partSummaries(sample.values, parts).reduce(merge);
        expectSame(merged, of(sample.values), sample);
        expectTrue(merged, sample);
      }
    });

    test('the error bound holds', () => {
      for (const sample of samples) expectTrue(of(sample.values), sample);
    });

    test('what is decoded is what was encoded, and goes on as if it had never been away', () => {
      for (const sample of smaller) {
        const [a, b] = partSummaries(sample.values, 2);
        const whole = of(sample.values);
        const read = decode(encode(whole, sample.values));
        const shared = subject.canonical ?? ((summary: Summary): unknown => summary);
        expect(shared(read), `${subject.name} of ${sample.name}`).toEqual(shared(whole));
        expectIdentical(read, whole, sample);
        const aRead = decode(encode(a!, partsOf(sample.values, 2)[0]!));
        const bRead = decode(encode(b!, partsOf(sample.values, 2)[1]!));
        expectIdentical(merge(aRead, bRead), merge(a!, b!), sample);
      }
    });
  });
}
