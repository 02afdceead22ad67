// What exactly-once rests on: the stored bytes follow from the events alone, not from when they were stored or read.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeProfile, encodeProfile } from '../../src/codec/profile.ts';
import type { NumericColumn } from '../../src/profile/column.ts';
import type { PredictionEvent } from '../../src/profile/event.ts';
import { emptyProfile, mergedProfile, observePrediction, type Profile } from '../../src/profile/profile.ts';
import { type ModelSchema, predictionColumn, scoreColumn } from '../../src/profile/schema.ts';
import { compileBinning, freezeEdges } from '../../src/sketch/binning.ts';
import { nameLengthMax } from '../../src/sketch/category-summary.ts';
import { compileDictionary } from '../../src/sketch/dictionary.ts';
import { pendingMax, readNumeric } from '../../src/sketch/numeric-summary.ts';
import { sampleOf, seededRandom } from './summary-samples.ts';
import { ascending } from './summary-truth.ts';

const long = 'n'.repeat(nameLengthMax + 44);
const names = [
  ...['__proto__', 'toString', 'red', 'Red', '', ' ', '\u0000', 'é', 'e\u0301', '日本語', '😀', '\ufeffbom'],
  // Names longer than what is stored, alike so far; halves of characters, as they come and as the cut makes them.
  ...[long, `${long}x`, `m${'😀'.repeat(nameLengthMax)}`, '\ud800', '\udc00x', '😀'.slice(0, 1)],
];
const dictionary = compileDictionary([
  'red',
  '😀',
  '__proto__',
  '7',
  'true',
  '\ud800',
  long.slice(0, nameLengthMax),
]);
const binning = compileBinning(freezeEdges(ascending(sampleOf('70 % zeros, lognormal otherwise', 5000))));

const withBaseline: ModelSchema = {
  model: 'm',
  task: 'binary',
  baselineHash: 'sha256:0123',
  columns: [
    { name: 'amount', kind: 'numeric', binning },
    { name: '__proto__', kind: 'numeric', binning },
    { name: 'naïve 😀', kind: 'categorical', dictionary },
    { name: 'anything', kind: 'numeric', binning },
    { name: predictionColumn, kind: 'categorical', dictionary },
    { name: scoreColumn, kind: 'numeric', binning },
  ],
};

const withoutBaseline: ModelSchema = {
  ...withBaseline,
  baselineHash: '',
  columns: withBaseline.columns.map(({ name, kind }) => ({ name, kind })),
};

/** The same events for the same seed; every sixth name never returns, so that counters are purged again and again. */
function eventsOf(count: number, seed: number): PredictionEvent[] {
  const random = seededRandom(seed);
  const chosen = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const extremes = [
    0,
    -0,
    5e-324,
    -5e-324,
    1e300,
    -1e300,
    Number.MAX_VALUE,
    -Number.MAX_VALUE,
    null,
    'NaN',
    'x',
  ];
  return Array.from({ length: count }, (_, i) => ({
    ...{ kind: 'prediction', predictionId: `${i}`, model: 'm', modelVersion: '1', timestamp: i },
    features: {
      amount: random() < 0.7 ? 0 : Math.exp(4 * random()),
      ['__proto__']: Math.round(100 * random()),
      'naïve 😀': i % 6 === 0 ? `${seed}-${i}` : chosen(names),
      anything: chosen<unknown>([...extremes, random() - 0.5, 1e6 + random()]),
      ...(i % 9 === 0 && { extra: 1 }),
    },
    prediction: chosen<unknown>([true, false, 'red', 7, '7', null, {}]),
    score: random(),
  }));
}

function observed(
  schema: ModelSchema,
  events: readonly PredictionEvent[],
  onto = emptyProfile(schema),
): Profile {
  for (const event of events) observePrediction(onto, schema, event);
  return onto;
}

/** All that a process may do with a profile besides adding to it. */
const disturbances = {
  'stored and read again': (profile, schema) => decodeProfile(encodeProfile(profile, schema), schema),
  stored: (profile, schema) => {
    encodeProfile(profile, schema);
    return profile;
  },
  evaluated: (profile) => {
    for (const column of profile.columns) {
      if (column.kind === 'numeric') readNumeric(column.summary).quantile(0.5);
    }
    return profile;
  },
  'merged elsewhere': (profile, schema) => {
    const other = mergedProfile([profile, profile]);
    observed(schema, eventsOf(30, 99), other);
    return profile;
  },
  copied: (profile) => mergedProfile([profile]),
} as const satisfies Record<string, (profile: Profile, schema: ModelSchema) => Profile>;

type Disturbance = keyof typeof disturbances;

interface Interruption {
  /** How many events have been observed by then. */
  readonly after: number;
  readonly by: Disturbance;
}

function disturbed(
  schema: ModelSchema,
  events: readonly PredictionEvent[],
  interruptions: readonly Interruption[],
): Profile {
  let profile = emptyProfile(schema);
  let next = 0;
  for (const { after, by } of interruptions.toSorted((a, b) => a.after - b.after)) {
    profile = observed(schema, events.slice(next, after), profile);
    next = Math.max(next, after);
    profile = disturbances[by](profile, schema);
  }
  return observed(schema, events.slice(next), profile);
}

function expectSameBytes(actual: Profile, expected: Profile, schema: ModelSchema): void {
  const same = Buffer.compare(encodeProfile(actual, schema), encodeProfile(expected, schema)) === 0;
  expect(same, 'equal bytes').toBe(true);
}

const schemas = [
  { name: 'with a baseline', schema: withBaseline },
  { name: 'without a baseline', schema: withoutBaseline },
] as const;

describe.each(schemas)('the bytes of a profile $name', ({ schema }) => {
  const size = 2 * pendingMax + 300;
  const events = eventsOf(size, 1);
  const undisturbed = observed(schema, events);

  test('are a function of the events, at whatever moments it was read, stored or copied', () => {
    const interruption = fc.record({
      after: fc.oneof(
        fc.integer({ min: 0, max: size }),
        // The moments at which values are folded away.
        fc.constantFrom(0, 1, 999, 1000, 1001, 1999, 2000, 2001, size),
      ),
      by: fc.constantFrom(...(Object.keys(disturbances) as Disturbance[])),
    });
    fc.assert(
      fc.property(fc.array(interruption, { maxLength: 12 }), (interruptions) => {
        expectSameBytes(disturbed(schema, events, interruptions), undisturbed, schema);
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  test('are the same when it is stored and read again after every single event', () => {
    const few = events.slice(0, pendingMax + 150);
    const every = few.map((_, i): Interruption => ({ after: i, by: 'stored and read again' }));
    expectSameBytes(disturbed(schema, few, every), observed(schema, few), schema);
  });

  test('say at every length what the profile says that never left memory', () => {
    const growing = emptyProfile(schema);
    events.forEach((event, i) => {
      observePrediction(growing, schema, event);
      if (i % 97 !== 0 && i % pendingMax > 2) return;
      const read = decodeProfile(encodeProfile(growing, schema), schema);
      expect(withoutRoom(read)).toEqual(withoutRoom(growing));
    });
  });

  test('are the same whatever sign a zero has', () => {
    const signed = (sign: 0 | -0) =>
      events.map((event) => ({ ...event, features: { ...event.features, amount: sign, anything: sign } }));
    expectSameBytes(observed(schema, signed(-0)), observed(schema, signed(0)), schema);
  });

  test('of a merge are a function of the parts, read or not', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: size }), { minLength: 1, maxLength: 4 }),
        fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
        (cuts, isRead) => {
          const ends = [...cuts.toSorted((a, b) => a - b), size];
          const parts = ends.map((end, i) => observed(schema, events.slice(ends[i - 1] ?? 0, end)));
          const [first, ...others] = parts.map((part, i) =>
            isRead[i] ? decodeProfile(encodeProfile(part, schema), schema) : part,
          );
          const [whole, ...rest] = parts;
          expectSameBytes(mergedProfile([first!, ...others]), mergedProfile([whole!, ...rest]), schema);
        },
      ),
      { seed: 2, numRuns: 40 },
    );
  });
});

/** A buffer may have room to spare; that is no content. */
function withoutRoom(profile: Profile): unknown {
  const columns = profile.columns.map((column) => {
    if (column.kind === 'categorical') return column;
    const { pending, pendingCount } = column.summary;
    const summary = { ...column.summary, pending: pending.slice(0, pendingCount) };
    return { ...column, summary } satisfies NumericColumn;
  });
  return { ...profile, columns };
}
