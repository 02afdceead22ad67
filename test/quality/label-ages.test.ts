import { describe, expect, test } from 'vitest';
import {
  countOutcome,
  emptyLabelled,
  knownTallies,
  type LabelledSpec,
  labelAgesMs,
} from '../../src/quality/labelled-profile.ts';
import type { Outcome } from '../../src/quality/outcome.ts';
import { compileDictionary } from '../../src/sketch/dictionary.ts';

const [hour, day, week] = labelAgesMs;

const spec: LabelledSpec = {
  schema: {
    model: 'm',
    task: 'binary',
    columns: [],
    baselineHash: '',
    classes: compileDictionary(['0', '1']),
  },
  grouping: undefined,
  median: 0,
};

/** A prediction of 1 with labels so long after it. */
function outcome(...labels: readonly (readonly [value: number, age: number])[]): Outcome {
  const at = ([value, age]: readonly [number, number]) => ({ value, timestamp: 1e12 + age });
  const prediction = {
    timestamp: 1e12,
    version: '',
    value: 1,
    scores: [0.75],
    groups: new Uint8Array(0),
    tag: 0,
  };
  return { prediction, first: at(labels[0]!), latest: at(labels.at(-1)!) };
}

/** Right and wrong rows as they were known after an hour, a day, a week, and are known now. */
function known(outcomes: readonly Outcome[]): string[] {
  const profile = emptyLabelled(spec);
  for (const one of outcomes) countOutcome(profile, spec, one);
  const { byAge, now } = knownTallies(profile);
  return [...byAge, now].map((tally) => {
    const { confusion, scored } = tally as { confusion: Float64Array; scored: number };
    const [, wrong, , right] = confusion;
    expect(scored).toBe(wrong! + right!);
    return `${right}+${wrong}`;
  });
}

describe('what was known of a window after an hour, a day and a week', () => {
  test('is what had a label by then, its last moment included', () => {
    expect(known([outcome([1, hour])])).toEqual(['1+0', '1+0', '1+0', '1+0']);
    expect(known([outcome([1, hour + 1])])).toEqual(['0+0', '1+0', '1+0', '1+0']);
    expect(known([outcome([0, day + 1]), outcome([1, week])])).toEqual(['0+0', '0+0', '1+1', '1+1']);
    expect(known([outcome([1, 9 * week])])).toEqual(['0+0', '0+0', '0+0', '1+0']);
  });

  test('is the label as it stood then, corrected or not yet', () => {
    expect(known([outcome([1, 5], [0, day])])).toEqual(['1+0', '0+1', '0+1', '0+1']);
    expect(known([outcome([0, day], [1, 2 * week])])).toEqual(['0+0', '0+1', '0+1', '1+0']);
  });

  test('knows a label before its prediction at once', () => {
    expect(known([outcome([1, -500])])).toEqual(['1+0', '1+0', '1+0', '1+0']);
  });

  test('leaves out a label of a class that nobody knows, until it is corrected', () => {
    expect(known([outcome([-1, 5], [1, 2 * day])])).toEqual(['0+0', '0+0', '1+0', '1+0']);
    expect(known([outcome([1, 5], [-1, 2 * day])])).toEqual(['1+0', '1+0', '0+0', '0+0']);
  });
});
