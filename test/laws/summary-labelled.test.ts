import { describe, expect, test } from 'vitest';
import { decodeLabelled, encodeLabelled } from '../../src/codec/labelled-profile.ts';
import type { Task } from '../../src/profile/schema.ts';
import { type JoinEntry, joinLabel, joinPrediction } from '../../src/quality/join.ts';
import {
  copyLabelled,
  countAwaited,
  countOutcome,
  emptyLabelled,
  type LabelledProfile,
  mergeLabelled,
} from '../../src/quality/labelled-profile.ts';
import { awaitedPrediction, type Outcome, outcomeValue, type TimedLabel } from '../../src/quality/outcome.ts';
import { labelledBaseline, prepared } from '../quality/build.ts';
import { labelledEvents, optionsOf, tasks } from '../quality/samples.ts';
import { type SummaryCase, summaryLaws } from './summary.laws.ts';
import { seededRandom } from './summary-samples.ts';

const hour = 3_600_000;

const specs = new Map(
  tasks.map((task) => [
    task,
    prepared(labelledBaseline(labelledEvents(task, 2000, 1), optionsOf(task))).spec,
  ]),
);

/** Outcomes of a task; every tenth label was corrected. */
function outcomesOf(task: Task, n: number): Outcome[] {
  const spec = specs.get(task)!;
  const random = seededRandom(9);
  return labelledEvents(task, n, 2).map((event, i) => {
    const prediction = awaitedPrediction(event, spec.schema, spec.grouping)!;
    const at = (value: unknown, hours: number): TimedLabel => ({
      value: outcomeValue(value, spec.schema)!,
      timestamp: event.timestamp + Math.round(hours * hour),
    });
    const first = at(event.label, 400 * random() ** 4);
    const latest = i % 10 === 0 ? at(event.prediction, 500) : first;
    return { prediction, first, latest };
  });
}

function profileOf(task: Task, outcomes: readonly Outcome[]): LabelledProfile {
  const spec = specs.get(task)!;
  const profile = emptyLabelled(spec);
  for (const outcome of outcomes) {
    countAwaited(profile);
    countOutcome(profile, spec, outcome);
  }
  return profile;
}

function labelledCase(task: Task): SummaryCase<LabelledProfile, readonly Outcome[]> {
  const spec = specs.get(task)!;
  const bytes = (profile: LabelledProfile) => Buffer.from(encodeLabelled(profile, spec)).toString('base64');
  return {
    name: `labelled predictions, ${task}`,
    samples: [1, 2, 999, 1001, 3000].map((n) => ({ name: `${n} outcomes`, values: outcomesOf(task, n) })),
    empty: () => emptyLabelled(spec),
    of: (outcomes) => profileOf(task, outcomes),
    merge: (into, from) => {
      mergeLabelled(into, from);
      return into;
    },
    encode: (profile) => encodeLabelled(profile, spec),
    decode: (stored) => decodeLabelled(stored, spec)!,
    // Sums have many expansions: what they share is what is stored.
    canonical: bytes,
    expectSame: (actual, expected) => expect(bytes(actual)).toBe(bytes(expected)),
    expectTrue: (actual, { values }) => {
      expect(actual.labelled).toBe(values.length);
      expect(actual.delays.n).toBe(values.length);
      expect(actual.corrected).toBe(
        values.filter(({ first, latest }) => first.value !== latest.value).length,
      );
    },
  };
}

for (const task of tasks) summaryLaws(labelledCase(task));

describe.each(tasks)('labelled predictions of a %s task', (task) => {
  const spec = specs.get(task)!;
  const bytes = (profile: LabelledProfile) => Buffer.from(encodeLabelled(profile, spec)).toString('base64');

  test.each([300, 2500])(
    '%d outcomes: what is taken away leaves what would be there without it, byte by byte',
    (n) => {
      const outcomes = outcomesOf(task, n);
      const profile = profileOf(task, outcomes);
      const replaced = outcomes.map((outcome, i) =>
        i % 3 === 0
          ? { ...outcome, latest: { ...outcome.latest, value: outcome.prediction.value } }
          : outcome,
      );
      outcomes.forEach((outcome, i) => {
        countOutcome(profile, spec, outcome, -1);
        countOutcome(profile, spec, replaced[i]!);
      });
      expect(bytes(profile)).toBe(bytes(profileOf(task, replaced)));
    },
  );

  test('the same labels in 50 orders, a tenth repeated and a tenth corrected twice, give identical bytes', () => {
    const random = seededRandom(17);
    const events = labelledEvents(task, 400, 3);
    const all = events.flatMap((event, i) => {
      const at = (value: unknown, hours: number): TimedLabel => ({
        value: outcomeValue(value, spec.schema)!,
        timestamp: event.timestamp + hours * hour,
      });
      const prediction = awaitedPrediction(event, spec.schema, spec.grouping)!;
      const first = at(event.label, 1 + (i % 300));
      const labels =
        i % 10 === 1
          ? [first, first]
          : i % 10 === 2
            ? [first, at(event.prediction, 301), at(events[(i + 7) % 400]!.label, 302)]
            : [first];
      return [{ id: i, prediction }, ...labels.map((label) => ({ id: i, label }))];
    });
    const seen = new Set<string>();
    for (let order = 0; order < 50; order++) {
      const shuffled = all
        .map((event) => ({ event, key: random() }))
        .sort((a, b) => a.key - b.key)
        .map(({ event }) => event);
      const entries = new Map<number, JoinEntry>();
      const profile = emptyLabelled(spec);
      for (const event of shuffled) {
        const before = entries.get(event.id);
        const step =
          'label' in event ? joinLabel(before, event.label) : joinPrediction(before, event.prediction);
        if ('prediction' in event && step.fate !== 'duplicate') countAwaited(profile);
        if (step.removed !== undefined) countOutcome(profile, spec, step.removed, -1);
        if (step.added !== undefined) countOutcome(profile, spec, step.added);
        entries.set(event.id, step.entry);
      }
      expect(profile.labelled).toBe(400);
      seen.add(bytes(profile));
    }
    expect(seen.size).toBe(1);
  });

  test('counts of different baselines are dropped when they are merged, and the rest is kept', () => {
    const outcomes = outcomesOf(task, 50);
    const merged = profileOf(task, outcomes);
    mergeLabelled(merged, { ...profileOf(task, outcomes), baselineHash: 'another' });
    expect(merged.bound).toBeUndefined();
    expect(merged.baselineHash).toBe('');
    expect(merged.labelled).toBe(100);
  });

  test('a copy lives by itself', () => {
    const outcomes = outcomesOf(task, 50);
    const profile = profileOf(task, outcomes);
    countOutcome(copyLabelled(profile), spec, outcomes[0]!);
    expect(bytes(profile)).toBe(bytes(profileOf(task, outcomes)));
  });
});
