import { describe, expect, test } from 'vitest';
import type { Baseline } from '../../src/profile/baseline.ts';
import type { PredictionEvent } from '../../src/profile/event.ts';
import { realisedMetrics } from '../../src/quality/realised.ts';
import { seededRandom } from '../laws/summary-samples.ts';
import { labelledBaseline, labelledWindow, policy, prepared } from './build.ts';
import { labelledEvents, optionsOf, tasks } from './samples.ts';

function baselineOf(task: (typeof tasks)[number], events: readonly PredictionEvent[]): Baseline {
  return labelledBaseline(events, optionsOf(task));
}

describe.each(tasks)('the quality of the reference data of a %s model', (task) => {
  const events = labelledEvents(task, 4000, 1);
  const quality = baselineOf(task, events).quality!;

  test('is that of all its labelled rows', () => {
    const ready = prepared(baselineOf(task, events));
    const rows = events.map((event) => ({ event, label: event.label, labelledAt: event.timestamp }));
    const { labelled } = labelledWindow(rows, ready.spec);
    const realised = realisedMetrics(labelled, task, ready.reference!.numbers, policy.z);
    expect(quality.labelled).toBe(4000);
    for (const [name, { value }] of quality.metrics)
      expect(value, name).toBe(realised[name as 'accuracy']!.value);
  });

  test('knows how far twenty chunks differ, which for independent rows is about their sampling error', () => {
    for (const [name, { chunks, deviation, standardError }] of quality.metrics) {
      expect(chunks, name).toBe(20);
      if (standardError === 0) continue;
      expect(deviation / standardError, name).toBeGreaterThan(0.6);
      expect(deviation / standardError, name).toBeLessThan(1.5);
    }
    expect(quality.inflation.labels).toBeLessThan(1.8);
    expect(quality.inflation.calibration).toBeLessThan(1.5);
    for (const inflation of quality.inflation.columns) expect(inflation).toBeLessThan(1.5);
  });

  test('is the same in any order of the rows, since chunks are of time', () => {
    const random = seededRandom(4);
    const shuffled = events
      .map((event) => ({ event, key: random() }))
      .sort((a, b) => a.key - b.key)
      .map(({ event }) => event);
    expect(baselineOf(task, shuffled).quality!.metrics).toEqual(quality.metrics);
  });

  test('is absent without labels', () => {
    const unlabelled = events.map(({ label: _, ...event }) => event);
    expect(baselineOf(task, unlabelled).quality).toBeUndefined();
  });
});

test('rows that change from day to day make chunks differ by more than sampling, and tests less sure', () => {
  const events = Array.from({ length: 20 }, (_, day) =>
    labelledEvents('binary', 200, 50 + day, { concept: day % 2 === 0 ? 0.8 : -0.8 }).map((event) => ({
      ...event,
      timestamp: event.timestamp + day * 200 * 60_000,
    })),
  ).flat();
  const { metrics, inflation } = baselineOf('binary', events).quality!;
  const { deviation, standardError } = metrics.get('accuracy')!;
  expect(deviation).toBeGreaterThan(1.3 * standardError);
  expect(inflation.calibration).toBeGreaterThan(2);
});

test('the labels of a regression are cut into fifths, around their median', () => {
  const { numbers } = baselineOf('regression', labelledEvents('regression', 4000, 1)).quality!;
  expect(numbers!.edges.length).toBe(4);
  expect(numbers!.median).toBeGreaterThan(numbers!.edges[1]!);
  expect(numbers!.median).toBeLessThan(numbers!.edges[2]!);
});

test('few rows are one chunk', () => {
  const { metrics } = baselineOf('binary', labelledEvents('binary', 150, 1)).quality!;
  expect(metrics.get('accuracy')!.chunks).toBe(1);
  expect(metrics.get('accuracy')!.deviation).toBe(0);
});
