import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checksum } from '../../src/codec/bytes.ts';
import { decodeProfile, encodeProfile } from '../../src/codec/profile.ts';
import type { CategoricalColumn, NumericColumn } from '../../src/profile/column.ts';
import type { PredictionEvent } from '../../src/profile/event.ts';
import { emptyProfile, mergedProfile, observePrediction, type Profile } from '../../src/profile/profile.ts';
import type { ColumnSpec, ModelSchema } from '../../src/profile/schema.ts';
import { compileBinning, freezeEdges } from '../../src/sketch/binning.ts';
import { categoryCount } from '../../src/sketch/category-summary.ts';
import { compileDictionary } from '../../src/sketch/dictionary.ts';
import { numericCount, readNumeric } from '../../src/sketch/numeric-summary.ts';
import { sampleOf, seededRandom } from '../laws/summary-samples.ts';

const price: ColumnSpec = {
  name: 'price',
  kind: 'numeric',
  binning: compileBinning(freezeEdges(sampleOf('prices of two decimals', 5000).sort())),
};
const meal: ColumnSpec = {
  name: 'meal',
  kind: 'categorical',
  dictionary: compileDictionary(['BB', 'HB', '1', '\ud800']),
};
const schema: ModelSchema = { model: 'm', task: 'binary', columns: [price, meal], baselineHash: 'reference' };
const withoutBaseline: ModelSchema = {
  ...schema,
  columns: [
    { name: 'price', kind: 'numeric' },
    { name: 'meal', kind: 'categorical' },
  ],
  baselineHash: '',
};

const meals = [
  'BB',
  'HB',
  1,
  '1',
  'unheard of',
  'größe 🙂',
  '\ud800',
  'x\udc00',
  '__proto__',
  '',
  'l'.repeat(400),
  true,
  null,
  {},
];

function eventsOf(count: number, seed = 1): PredictionEvent[] {
  const random = seededRandom(seed);
  const prices = sampleOf('prices of two decimals', count, seed);
  return Array.from({ length: count }, (_, i) => ({
    kind: 'prediction',
    predictionId: String(i),
    model: 'm',
    modelVersion: '1',
    timestamp: 0,
    features: {
      price: i % 50 === 0 ? null : prices[i]!,
      meal: meals[Math.floor(random() * meals.length)],
      new: 1,
    },
    prediction: 0,
    score: undefined,
  }));
}

function profileOf(events: readonly PredictionEvent[], of: ModelSchema = schema): Profile {
  const profile = emptyProfile(of);
  for (const event of events) observePrediction(profile, of, event);
  return profile;
}

function numeric(profile: Profile, place = 0): NumericColumn {
  return profile.columns[place] as NumericColumn;
}

function categorical(profile: Profile, place = 1): CategoricalColumn {
  return profile.columns[place] as CategoricalColumn;
}

/** What a reader sees of a profile: its buffers may have any room to spare. */
function content(profile: Profile): unknown {
  return {
    ...profile,
    columns: profile.columns.map((column) =>
      column.kind === 'numeric'
        ? {
            ...column,
            summary: {
              ...column.summary,
              pending: column.summary.pending.slice(0, column.summary.pendingCount),
            },
          }
        : column,
    ),
  };
}

const sizes = [0, 1, 2, 40, 1000, 1020, 1021, 1030, 2500, 20_000];

describe('the bytes of a profile', () => {
  test.each(sizes)('bring back a profile of %i rows', (size) => {
    const profile = profileOf(eventsOf(size));
    const decoded = decodeProfile(encodeProfile(profile, schema), schema);
    expect(content(decoded)).toEqual(content(profile));
    expect(encodeProfile(decoded, schema)).toEqual(encodeProfile(profile, schema));
  });

  test.each(sizes)('of %i rows, continued after they were read, end like those never written', (size) => {
    for (const [of, more] of [
      [schema, 1],
      [schema, 999],
      [schema, 3000],
      [withoutBaseline, 1500],
    ] as const) {
      const before = eventsOf(size);
      const after = eventsOf(more, 2);
      const continued = decodeProfile(encodeProfile(profileOf(before, of), of), of);
      for (const event of after) observePrediction(continued, of, event);
      expect(encodeProfile(continued, of)).toEqual(encodeProfile(profileOf([...before, ...after], of), of));
    }
  });

  test('are the same however often the profile was written or read on the way', () => {
    const events = eventsOf(4000);
    const watched = emptyProfile(schema);
    let stored = emptyProfile(schema);
    events.forEach((event, i) => {
      observePrediction(watched, schema, event);
      observePrediction(stored, schema, event);
      if (i % 37 === 0) {
        encodeProfile(watched, schema);
        readNumeric(numeric(watched).summary).quantile(0.5);
        mergedProfile([watched, stored]);
      }
      if (i % 113 === 0) stored = decodeProfile(encodeProfile(stored, schema), schema);
    });
    const undisturbed = encodeProfile(profileOf(events), schema);
    expect(encodeProfile(watched, schema)).toEqual(undisturbed);
    expect(encodeProfile(stored, schema)).toEqual(undisturbed);
  });

  test('do not depend on the order of the categories that the baseline does not know', () => {
    const shuffled = eventsOf(400).map((event, i) => ({ ...event, features: { meal: `meal ${i % 90}` } }));
    const bytes = encodeProfile(profileOf(shuffled), schema);
    expect(encodeProfile(profileOf(shuffled.toReversed()), schema)).toEqual(bytes);
  });

  test('are few: a hundred rows take what their values take, any number a few thousand bytes', () => {
    const length = (rows: number) => encodeProfile(profileOf(eventsOf(rows), schema), schema).length;
    expect(length(0)).toBeLessThan(100);
    expect(length(100)).toBeLessThan(100 * 8 + 800);
    expect(length(200_000)).toBeLessThan(16_000);
  });
});

describe('bytes written with another baseline', () => {
  const events = eventsOf(5000);
  const bytes = encodeProfile(profileOf(events), schema);

  test('come without bins, and without losing a value', () => {
    const next: ModelSchema = {
      ...schema,
      columns: [{ ...price, binning: compileBinning(Float64Array.of(10, 20)) }, meal],
      baselineHash: 'next',
    };
    const decoded = decodeProfile(bytes, next);
    expect(decoded.baselineHash).toBe('');
    expect(numeric(decoded).summary.bins).toBeUndefined();
    const original = numeric(profileOf(events)).summary;
    expect(numericCount(numeric(decoded).summary)).toBe(numericCount(original));
    expect(readNumeric(numeric(decoded).summary).quantile(0.9)).toBe(readNumeric(original).quantile(0.9));
  });

  test('have their categories found by name, the others unseen', () => {
    const dictionary = compileDictionary(['unheard of', 'HB']);
    const next: ModelSchema = { ...schema, columns: [price, { ...meal, dictionary }], baselineHash: 'next' };
    const decoded = categorical(decodeProfile(bytes, next)).summary;
    const original = categorical(profileOf(events)).summary;
    expect(decoded.counts[0]).toBe(original.names.counts.get('unheard of'));
    expect(decoded.counts[1]).toBe(original.counts[1]);
    expect(decoded.names.counts.get('BB')).toBe(original.counts[0]);
    expect(categoryCount(decoded)).toBe(categoryCount(original));
  });

  test('find their columns by name: what the schema lacks is dropped, what is new is empty', () => {
    const next: ModelSchema = {
      ...schema,
      columns: [meal, { ...meal, name: 'new meal' }, { name: 'new', kind: 'numeric' }, price],
      baselineHash: 'next',
    };
    const decoded = decodeProfile(bytes, next);
    expect(decoded.rows).toBe(5000);
    expect(categoryCount(categorical(decoded, 0).summary)).toBe(
      categoryCount(categorical(profileOf(events)).summary),
    );
    expect(categoryCount(categorical(decoded, 1).summary)).toBe(0);
    expect(numericCount(numeric(decoded, 2).summary)).toBe(0);
    expect(numericCount(numeric(decoded, 3).summary)).toBe(4900);
    const fewer = decodeProfile(bytes, { ...next, columns: [price] });
    expect(fewer.columns.length).toBe(1);
    expect(numeric(fewer).missing).toBe(100);
  });

  test('merge with those written with this one, new columns included', () => {
    const next: ModelSchema = {
      ...schema,
      columns: [price, meal, { ...meal, name: 'new' }],
      baselineHash: 'next',
    };
    const merged = mergedProfile([decodeProfile(bytes, next), profileOf(events, next)]);
    expect(merged.rows).toBe(10_000);
    expect(numericCount(numeric(merged).summary)).toBe(9800);
    expect(categoryCount(categorical(merged, 2).summary)).toBe(5000);
  });

  test('leave a column empty that is of another kind now', () => {
    const next: ModelSchema = {
      ...schema,
      columns: [{ name: 'price', kind: 'categorical' }, meal],
      baselineHash: 'next',
    };
    const decoded = decodeProfile(bytes, next);
    expect(categoryCount(categorical(decoded, 0).summary)).toBe(0);
    expect(categoryCount(categorical(decoded).summary)).toBeGreaterThan(0);
  });
});

describe('damaged bytes of a profile', () => {
  const sound = encodeProfile(profileOf(eventsOf(1500)), schema);
  const invalid = expect.objectContaining({ code: 'PROFILE_INVALID' });

  test('are found wherever a bit has turned', () => {
    for (let at = 0; at < sound.length; at++) {
      const damaged = sound.slice();
      damaged[at]! ^= 1 << (at % 8);
      expect(() => decodeProfile(damaged, schema), `byte ${at}`).toThrow(invalid);
    }
  });

  test('are found when cut off anywhere, and when something follows', () => {
    for (let length = 0; length < sound.length; length++) {
      expect(() => decodeProfile(sound.subarray(0, length), schema), `${length} bytes`).toThrow(invalid);
    }
    expect(() => decodeProfile(Uint8Array.of(...sound, 0), schema)).toThrow(invalid);
  });

  test('never crash or hang a reader, even where their checksum is right', () => {
    const small = encodeProfile(profileOf(eventsOf(1100)), schema);
    const change = fc.record({ at: fc.nat(small.length - 9), value: fc.nat(255) });
    const outcomes = { read: 0, refused: 0 };
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const damaged = small.slice();
        for (const { at, value } of changes) damaged[4 + at] = value;
        new DataView(damaged.buffer).setUint32(damaged.length - 4, checksum(damaged.subarray(0, -4)), true);
        try {
          // What can still be read must be sound enough to be used.
          const profile = decodeProfile(damaged, schema);
          encodeProfile(mergedProfile([profile, profile]), schema);
          outcomes.read += 1;
        } catch (error) {
          expect(error).toEqual(invalid);
          outcomes.refused += 1;
        }
      }),
      { seed: 1, numRuns: 3000 },
    );
    expect(Math.min(outcomes.read, outcomes.refused)).toBeGreaterThan(100);
  });

  test('of another version, or of something else, are refused', () => {
    expect(() => decodeProfile(new Uint8Array(0), schema)).toThrow(invalid);
    expect(() => decodeProfile(new TextEncoder().encode('{"rows": 1}'), schema)).toThrow(invalid);
    const later = sound.slice();
    later[3] = 4;
    expect(() => decodeProfile(later, schema)).toThrow(/version 4/);
  });
});
