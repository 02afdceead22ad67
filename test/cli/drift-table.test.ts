import { expect, test } from 'vitest';
import { createDriftTable } from '../../src/cli/drift-table.ts';

function document(day: number, score: number, moved?: readonly string[]): string {
  return JSON.stringify({
    model: 'churn',
    window_start_time: `2026-01-0${day}T00:00:00.000Z`,
    window_seconds: 86_400,
    status: 'ok',
    columns: [
      {
        feature_name: 'age',
        ...{ drift_score: score, drift_threshold: 0.1, measure: 'psi' },
        state: moved === undefined ? 'ok' : 'drifted',
        ...(moved === undefined ? {} : { moved: moved.map((text) => ({ text })) }),
      },
      { feature_name: 'plan', drift_score: 0.01, drift_threshold: 0.1, measure: 'psi', state: 'ok' },
    ],
  });
}

test('below the table stands what moved in the worst window of each drifted feature', () => {
  const table = createDriftTable();
  table.add(document(1, 0.2, ['missing: 0 % → 5 %']));
  table.add(document(2, 0.4, ['values below 20: 1 % → 9 %', 'missing: 0 % → 3 %', 'third']));
  table.add(document(3, 0.02));
  expect(table.text(10).split('\n').slice(-4)).toEqual([
    '',
    'model  window  feature  what moved',
    'churn  1d      age      values below 20: 1 % → 9 %; missing: 0 % → 3 %',
    '',
  ]);
});

test('where nothing drifted there is the table alone', () => {
  const table = createDriftTable();
  table.add(document(1, 0.02));
  expect(table.text(10)).not.toContain('moved');
});

test('a revision takes back what it no longer says', () => {
  const table = createDriftTable();
  table.add(document(1, 0.2, ['missing: 0 % → 5 %']));
  table.add(document(1, 0.02));
  expect(table.text(10)).not.toContain('moved');
});
