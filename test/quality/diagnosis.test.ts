import { describe, expect, test } from 'vitest';
import { prepareBaseline } from '../../src/drift/prepared-baseline.ts';
import type { Baseline } from '../../src/profile/baseline.ts';
import type { PredictionEvent } from '../../src/profile/event.ts';
import type { Task } from '../../src/profile/schema.ts';
import { type DetectorEvidence, diagnose, type Finding } from '../../src/quality/diagnosis.ts';
import { evaluateQuality } from '../../src/quality/evaluate.ts';
import { evaluate } from '../drift/build.ts';
import { haveData, skipMessage } from '../drift/reference-data.ts';
import { type LabelledEvent, labelledBaseline, labelledWindow, policy, prepared } from './build.ts';
import { readQualityData } from './reference-data.ts';
import { labelledEvents, optionsOf, tasks, type World } from './samples.ts';

const baselines = new Map<Task, Baseline>(
  tasks.map((task) => [task, labelledBaseline(labelledEvents(task, 20_000, 1), optionsOf(task))]),
);

function findings(
  baseline: Baseline,
  rows: readonly LabelledEvent[],
  detectors: readonly DetectorEvidence[] = [],
): Finding[] {
  const ready = prepared(baseline);
  const { profile, labelled } = labelledWindow(rows, ready.spec);
  const quality = evaluateQuality(profile, labelled, ready, policy);
  return diagnose(evaluate(prepareBaseline(baseline), profile), quality, detectors, baseline, policy);
}

function labelledAtOnce(events: readonly PredictionEvent[]): LabelledEvent[] {
  return events.map((event) => ({ event, label: event.label, labelledAt: event.timestamp }));
}

function findingsIn(
  task: Task,
  world: World,
  seed = 5,
  detectors: readonly DetectorEvidence[] = [],
): Finding[] {
  return findings(baselines.get(task)!, labelledAtOnce(labelledEvents(task, 3000, seed, world)), detectors);
}

function kinds(found: readonly Finding[]): string[] {
  return found.map(({ kind }) => kind);
}

describe.each(tasks)('of a %s model', (task) => {
  test('a window in which nothing has changed has no finding', () => {
    for (let seed = 30; seed < 50; seed++) expect(kinds(findingsIn(task, {}, seed))).toEqual([]);
  });

  test('features that move alone are drifted data', () => {
    const found = findingsIn(task, { shift: 0.8 });
    expect(kinds(found)).toEqual(['data_drift']);
    expect(found[0]!.evidence.map(({ subject }) => subject)).toContain('x');
    expect(found[0]!.evidence.map(({ subject }) => subject)).not.toContain('noise');
  });

  test('labels that follow other rules are another concept, though no feature has moved', () => {
    const found = findingsIn(task, { concept: 1 });
    expect(kinds(found)).toContain('concept_drift');
    expect(kinds(found)).not.toContain('data_drift');
    expect(kinds(found)).not.toContain('label_shift');
    // Both at once are both.
    expect(kinds(findingsIn(task, { concept: 1, shift: 0.8 }))).toEqual(
      expect.arrayContaining(['concept_drift', 'data_drift']),
    );
  });
});

describe('another concept', () => {
  test('names the feature that labels depend on otherwise, and what it costs', () => {
    const { evidence } = findingsIn('regression', { concept: 1 }).find(
      ({ kind }) => kind === 'concept_drift',
    )!;
    expect(evidence.map(({ subject }) => subject)).toContain('x');
    expect(evidence.some(({ text }) => /is expected/.test(text))).toBe(true);
  });

  test('is shown by the estimate too, where there is one', () => {
    const biased = findingsIn('binary', { concept: 1 }).find(({ kind }) => kind === 'estimator_bias')!;
    expect(biased.evidence[0]!.text).toMatch(/estimated as 0\.\d+ and realised as 0\.\d+/);
  });

  test('has a detector among its evidence, which makes none by itself', () => {
    const detector = { detector: 'adwin', at: Date.UTC(2024, 0, 2) };
    const found = findingsIn('binary', { concept: 1 }, 5, [detector]);
    expect(found[0]!.evidence.map(({ text }) => text)).toContain(
      'adwin found a change of the errors at 2024-01-02T00:00:00.000Z',
    );
    expect(kinds(findingsIn('binary', {}, 5, [detector]))).toEqual([]);
  });

  test('is no finding while too few rows are labelled', () => {
    const rows = labelledAtOnce(labelledEvents('binary', 3000, 5, { concept: 1 })).map((row, i) =>
      i < 60 ? row : { ...row, label: undefined },
    );
    expect(kinds(findings(baselines.get('binary')!, rows))).toEqual([]);
  });
});

test('labels that became rarer, with outputs that still fit them, are shifted labels', () => {
  expect(kinds(findingsIn('binary', { positivesKept: 0.3 }))).toEqual(
    expect.arrayContaining(['label_shift']),
  );
  expect(kinds(findingsIn('binary', { positivesKept: 0.3 }))).not.toContain('concept_drift');
});

describe('a broken pipeline comes first, and its columns are not drifted data', () => {
  const binary = baselines.get('binary')!;
  const events = labelledEvents('binary', 3000, 6);

  function broken(
    change: (features: Readonly<Record<string, unknown>>) => Record<string, unknown>,
  ): Finding[] {
    const changed = events.map((event) => ({
      ...event,
      features: { ...event.features, ...change(event.features) },
    }));
    return findings(binary, labelledAtOnce(changed));
  }

  test.each([
    [
      'missing in half of the rows',
      /x is missing in .* % of the rows/,
      (x: number, i: number) => (i % 2 === 0 ? null : x),
    ],
    ['text', /x is of another type/, (x: number) => `${x}`],
    ['a thousand times as large', /unit had changed: new = 1000 · old/, (x: number) => 1000 * x],
    ['in Fahrenheit', /unit had changed: new = 1\.8 · old \+ 32/, (x: number) => 1.8 * x + 32],
    ['stuck', /x has one single value/, () => 0.5],
  ] as const)('x is %s', (_, text, change) => {
    let i = 0;
    const found = broken(({ x }) => {
      i += 1;
      return { x: change(x as number, i) };
    });
    expect(found[0]!.kind).toBe('pipeline_break');
    expect(found[0]!.evidence[0]!.subject).toBe('x');
    expect(found[0]!.evidence[0]!.text).toMatch(text);
    expect(kinds(found)).not.toContain('data_drift');
  });

  test('categories that are all written in another way', () => {
    const found = broken(({ city }) => ({ city: String(city).toUpperCase() }));
    expect(found[0]!.kind).toBe('pipeline_break');
    expect(found[0]!.evidence[0]!.text).toMatch(/categories of city that the baseline does not know/);
  });

  test('a shift, a widening or a new category are none', () => {
    const normal = ({ x }: Readonly<Record<string, unknown>>) => x as number;
    expect(kinds(broken((features) => ({ x: normal(features) + 1 })))).not.toContain('pipeline_break');
    expect(kinds(broken((features) => ({ x: 1.7 * normal(features) })))).not.toContain('pipeline_break');
    let i = 0;
    const some = broken(({ city }) => {
      i += 1;
      return { city: i % 5 === 0 ? 'another' : city };
    });
    expect(kinds(some)).not.toContain('pipeline_break');
    expect(kinds(some)).toContain('data_drift');
  });
});

test('labels that came for some outputs only are a biased subset', () => {
  const rows = labelledAtOnce(labelledEvents('binary', 3000, 8)).map((row) =>
    (row.event.score as number) > 0.6 ? row : { ...row, label: undefined },
  );
  expect(kinds(findings(baselines.get('binary')!, rows))).toContain('labelled_subset_bias');
});

test('without quality there is what the drift result says', () => {
  const baseline = baselines.get('binary')!;
  const { profile } = labelledWindow(
    labelledAtOnce(labelledEvents('binary', 3000, 5, { shift: 1 })),
    prepared(baseline).spec,
  );
  const found = diagnose(evaluate(prepareBaseline(baseline), profile), undefined, [], baseline, policy);
  expect(kinds(found)).toEqual(['data_drift']);
});

describe.skipIf(!haveData)(haveData ? 'on real data' : skipMessage, () => {
  function byWindow(name: string, rowsMin: number): Finding[][] {
    const data = readQualityData(name);
    const baseline = labelledBaseline(data.baseline, {
      model: data.model,
      task: data.task,
      kinds: data.kinds,
      features: [...data.kinds.keys()],
    });
    return data.windows
      .filter(({ rows }) => rows.length >= rowsMin)
      .map(({ rows }) => findings(baseline, rows));
  }

  test('telco_churn stays quiet: no finding in any window', () => {
    expect(byWindow('telco_churn', 1).flat()).toEqual([]);
  });

  test('bike_sharing is another concept in every week that is labelled enough, never a broken pipeline', () => {
    const weeks = byWindow('bike_sharing', 100);
    expect(weeks.length).toBe(52);
    for (const found of weeks) expect(kinds(found)[0]).toBe('concept_drift');
  });

  test('california_housing: drifted data nearly always, and where the estimate fails that is named', () => {
    const windows = byWindow('california_housing', 300);
    expect(windows.filter((found) => kinds(found).includes('data_drift')).length).toBe(windows.length);
    const biased = windows.filter((found) => kinds(found).includes('estimator_bias'));
    expect(biased.length).toBeGreaterThan(windows.length / 2);
    expect(kinds(windows.flat())).not.toContain('pipeline_break');
  });

  test('hotel_booking: drifted data in every week, no broken pipeline', () => {
    const weeks = byWindow('hotel_booking', 300);
    for (const found of weeks) expect(kinds(found)).toContain('data_drift');
    expect(kinds(weeks.flat())).not.toContain('pipeline_break');
  });
});
