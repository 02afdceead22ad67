import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  expiryOf,
  isSampled,
  type JoinEntry,
  type JoinStep,
  joinLabel,
  joinPrediction,
} from '../../src/quality/join.ts';
import type { AwaitedPrediction, TimedLabel } from '../../src/quality/outcome.ts';
import { hashText } from '../../src/sketch/murmur-hash.ts';

const hour = 3_600_000;

const prediction: AwaitedPrediction = {
  timestamp: 1000 * hour,
  version: '1',
  value: 1,
  scores: [0.7],
  groups: new Uint8Array([1, 2]),
  tag: 9,
};

function label(value: number, hoursLater: number): TimedLabel {
  return { value, timestamp: prediction.timestamp + hoursLater * hour };
}

type Event = { readonly prediction: AwaitedPrediction } | { readonly label: TimedLabel };

/** What is remembered after the events, and every step on the way. */
function joined(events: readonly Event[]): { entry: JoinEntry; steps: JoinStep[] } {
  let entry: JoinEntry | undefined;
  const steps: JoinStep[] = [];
  for (const event of events) {
    const step = 'label' in event ? joinLabel(entry, event.label) : joinPrediction(entry, event.prediction);
    steps.push(step);
    entry = step.entry;
  }
  return { entry: entry!, steps };
}

function fates(events: readonly Event[]): string[] {
  return joined(events).steps.map(({ fate }) => fate);
}

describe('a prediction and its label', () => {
  test('meet, whichever comes first', () => {
    expect(fates([{ prediction }, { label: label(1, 2) }])).toEqual(['awaiting', 'joined']);
    expect(fates([{ label: label(1, 2) }, { prediction }])).toEqual(['waiting', 'joined']);
    const outcome = { prediction, first: label(1, 2), latest: label(1, 2) };
    expect(joined([{ prediction }, { label: label(1, 2) }]).steps[1]!.added).toEqual(outcome);
    expect(joined([{ label: label(1, 2) }, { prediction }]).steps[1]!.added).toEqual(outcome);
  });

  test('a repeated label changes nothing', () => {
    const { steps, entry } = joined([{ prediction }, { label: label(1, 2) }, { label: label(1, 2) }]);
    expect(steps[2]).toEqual({ fate: 'duplicate', entry, removed: undefined, added: undefined });
  });

  test('a repeated prediction changes nothing: the first in the log counts', () => {
    const other = { ...prediction, value: 0, timestamp: 5 };
    const { steps, entry } = joined([{ prediction }, { label: label(1, 2) }, { prediction: other }]);
    expect(steps[2]!.fate).toBe('duplicate');
    expect(entry.prediction).toBe(prediction);
  });

  test('a later label of another value is a correction: the old outcome goes, the new one comes', () => {
    const { steps } = joined([{ prediction }, { label: label(1, 2) }, { label: label(0, 5) }]);
    expect(steps[2]!.fate).toBe('corrected');
    expect(steps[2]!.removed).toEqual({ prediction, first: label(1, 2), latest: label(1, 2) });
    expect(steps[2]!.added).toEqual({ prediction, first: label(1, 2), latest: label(0, 5) });
  });

  test('an earlier label that comes later only changes what was known when', () => {
    const { steps } = joined([{ prediction }, { label: label(0, 5) }, { label: label(1, 2) }]);
    expect(steps[2]!.fate).toBe('antedated');
    expect(steps[2]!.added).toEqual({ prediction, first: label(1, 2), latest: label(0, 5) });
  });

  test('a label that is known to hold at a later time too is no correction, and wins over one in between', () => {
    const { steps, entry } = joined([
      { prediction },
      { label: label(1, 2) },
      { label: label(1, 9) },
      { label: label(0, 5) },
    ]);
    expect(steps.map(({ fate }) => fate)).toEqual(['awaiting', 'joined', 'duplicate', 'duplicate']);
    expect(entry.labels!.latest).toEqual(label(1, 9));
  });

  test('corrections of a label that waits for its prediction are remembered', () => {
    const { entry } = joined([{ label: label(1, 2) }, { label: label(0, 5) }, { prediction }]);
    expect(entry.labels).toEqual({ first: label(1, 2), latest: label(0, 5) });
  });

  test('end as a prediction without label, a label without prediction, or a pair', () => {
    expect(expiryOf(joined([{ prediction }]).entry)).toBe('unlabelled');
    expect(expiryOf(joined([{ label: label(1, 2) }]).entry)).toBe('orphan');
    expect(expiryOf(joined([{ prediction }, { label: label(1, 2) }]).entry)).toBe('labelled');
  });
});

describe('any order of the same events', () => {
  const events = fc
    .array(fc.tuple(fc.constantFrom(0, 1, 2), fc.integer({ min: -1, max: 6 })), {
      minLength: 1,
      maxLength: 8,
    })
    .map((labels): Event[] => [
      { prediction },
      ...labels.map(([value, hours]) => ({ label: label(value, hours) })),
    ]);

  test('leaves the same entry', () => {
    fc.assert(
      fc.property(
        events.chain((all) =>
          fc.tuple(
            fc.constant(all),
            fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }),
          ),
        ),
        ([all, shuffled]) => {
          expect(joined(shuffled).entry).toEqual(joined(all).entry);
        },
      ),
    );
  });

  test('takes away only what was added, so that one outcome is left', () => {
    fc.assert(
      fc.property(
        events.chain((all) => fc.shuffledSubarray([...all, ...all], { minLength: all.length })),
        (shuffled) => {
          if (shuffled.length === 0) return;
          let counted: unknown;
          for (const { removed, added } of joined(shuffled).steps) {
            if (removed === undefined && added === undefined) continue;
            expect(removed).toEqual(counted);
            counted = added;
          }
        },
      ),
    );
  });
});

test('a sample is the same for predictions and labels, and of the size that was asked for', () => {
  const hash = { low: 0, high: 0 };
  let chosen = 0;
  for (let i = 0; i < 20_000; i++) {
    hashText(`order-${i}`, hash);
    if (isSampled(hash.high, 0.25)) chosen += 1;
    expect(isSampled(hash.high, 1)).toBe(true);
    expect(isSampled(hash.high, 0)).toBe(false);
  }
  expect(chosen / 20_000).toBeGreaterThan(0.24);
  expect(chosen / 20_000).toBeLessThan(0.26);
});
