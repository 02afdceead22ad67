import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  classesTag,
  decodeJoinEntry,
  decodeWaitingLabels,
  encodeJoinEntry,
  encodeWaitingLabels,
  type JoinContext,
} from '../../src/codec/join-entry.ts';
import { Fault } from '../../src/fault.ts';
import type { JoinEntry } from '../../src/quality/join.ts';
import type { AwaitedPrediction, TimedLabel } from '../../src/quality/outcome.ts';

const bucketStart = 1_700_000_000_000;
const versions = ['1', '2024-06', 'a-git-hash-0123456789abcdef'];

function contextOf(count: number): JoinContext {
  return {
    classes: count,
    classesTag: classesTag(['No', 'Yes']),
    bucketStart,
    versionIndex: (version) => versions.indexOf(version),
    versionAt: (index) => versions[index],
  };
}

const classes = contextOf(3);
const numbers = contextOf(0);

function predictionOf(over: Partial<AwaitedPrediction> = {}): AwaitedPrediction {
  const base = { timestamp: bucketStart + 86_399_999, version: '2024-06', value: 1, scores: [0.1 + 0.2] };
  return { ...base, groups: new Uint8Array(0), tag: 0, ...over };
}

const anyLabel = (value: fc.Arbitrary<number>): fc.Arbitrary<TimedLabel> =>
  fc.record({ value, timestamp: fc.integer({ min: bucketStart - 1e9, max: bucketStart + 4e9 }) });

function anyEntry(value: fc.Arbitrary<number>, scores: fc.Arbitrary<number[]>): fc.Arbitrary<JoinEntry> {
  const prediction = fc
    .record({
      timestamp: fc.integer({ min: bucketStart, max: bucketStart + 2 ** 32 - 1 }),
      version: fc.constantFrom(...versions),
      value,
      scores,
      groups: fc.uint8Array({ max: 11, maxLength: 40 }),
      tag: fc.integer({ min: 0, max: 255 }),
    })
    .map((found) => (found.tag === 0 ? { ...found, groups: new Uint8Array(0) } : found));
  const labels = fc.tuple(anyLabel(value), anyLabel(value)).map(([first, latest]) => ({ first, latest }));
  return fc.oneof(
    fc.record({ prediction, labels }),
    fc.record({ prediction, labels: fc.constant(undefined) }),
    fc.record({ prediction: fc.constant(undefined), labels }),
  );
}

describe('a stored entry of the join', () => {
  test('of classes is what it was', () => {
    const single = fc.float({ min: 0, max: 1, noNaN: true }).map((x) => x + 0);
    const scores = fc.oneof(
      fc.constant<number[]>([]),
      fc.double({ min: 0, max: 1, noNaN: true }).map((x) => [x + 0]),
      fc.array(single, { minLength: 3, maxLength: 3 }),
    );
    fc.assert(
      fc.property(anyEntry(fc.integer({ min: -1, max: 49 }), scores), (entry) => {
        expect(decodeJoinEntry(encodeJoinEntry(entry, classes), classes)).toEqual(entry);
      }),
    );
  });

  test('of numbers is what it was', () => {
    const number = fc.double({ min: -1e70, max: 1e70, noNaN: true }).map((x) => x + 0);
    fc.assert(
      fc.property(anyEntry(number, fc.constant<number[]>([])), (entry) => {
        expect(decodeJoinEntry(encodeJoinEntry(entry, numbers), numbers)).toEqual(entry);
      }),
    );
  });

  // Redis adds the 8 bytes of the hash and about 6 of its own to each value of a packed list.
  test.each([
    ['a binary model without features', 17, predictionOf(), classes],
    ['a binary model with 25 features', 30, predictionOf({ tag: 7, groups: new Uint8Array(25) }), classes],
    [
      'a regression with 11 features',
      22,
      predictionOf({ tag: 7, groups: new Uint8Array(11), scores: [] }),
      numbers,
    ],
    [
      'three classes with 25 features',
      35,
      predictionOf({ tag: 7, groups: new Uint8Array(25), scores: [0.25, 0.5, 0.25] }),
      classes,
    ],
  ] as const)('of %s takes no more than %d bytes while it waits', (_, most, prediction, context) => {
    expect(encodeJoinEntry({ prediction, labels: undefined }, context).length).toBeLessThanOrEqual(most);
  });

  test('takes seven bytes more once it is labelled', () => {
    const prediction = predictionOf();
    const label = { value: 1, timestamp: prediction.timestamp + 14 * 86_400_000 };
    const waiting = encodeJoinEntry({ prediction, labels: undefined }, classes).length;
    const labelled = encodeJoinEntry({ prediction, labels: { first: label, latest: label } }, classes).length;
    expect(labelled - waiting).toBeLessThanOrEqual(7);
  });

  test('that was made with other classes is no entry any more', () => {
    const bytes = encodeJoinEntry({ prediction: predictionOf(), labels: undefined }, classes);
    expect(decodeJoinEntry(bytes, { ...classes, classesTag: classesTag(['Yes', 'No']) })).toBeUndefined();
    expect(classesTag(['ab', 'c'])).not.toBe(classesTag(['a', 'bc']));
  });

  test('that is damaged is refused', () => {
    const bytes = encodeJoinEntry({ prediction: predictionOf(), labels: undefined }, classes);
    const damages = [bytes.slice(0, -1), Uint8Array.of(...bytes, 0), Uint8Array.of(0), new Uint8Array(0)];
    for (const damaged of damages) expect(() => decodeJoinEntry(damaged, classes)).toThrow(Fault);
    const unknown = { ...classes, versionAt: () => undefined };
    expect(() => decodeJoinEntry(bytes, unknown)).toThrow(/version that nobody knows/);
  });
});

test('labels that wait are what they were, with the versions that they give; an entry of a prediction is none', () => {
  const label = anyLabel(fc.integer({ min: -1, max: 49 }));
  const version = fc.integer({ min: 2, max: Number.MAX_SAFE_INTEGER });
  const waiting = fc.record({
    labels: fc.record({ first: label, latest: label }),
    versions: fc.record({ first: version, latest: version }),
  });
  fc.assert(
    fc.property(waiting, (found) => {
      expect(decodeWaitingLabels(encodeWaitingLabels(found, classes), classes)).toEqual(found);
    }),
  );
  const prediction = encodeJoinEntry({ prediction: predictionOf(), labels: undefined }, classes);
  expect(() => decodeWaitingLabels(Uint8Array.of(2, 2, ...prediction), classes)).toThrow(Fault);
});
