// The same labels in any order, repeated and corrected, end in the same results.
import { expect, test } from 'vitest';
import type { ResultDocument } from '../../src/codec/result.ts';
import { uniform } from '../drift/random.ts';
import { predictionRow, type SimulatedEvent, startTime } from '../simulation/events.ts';
import { settingsFor } from '../simulation/setting.ts';
import { undisturbed } from '../simulation/undisturbed.ts';

const orders = 50;
const predicted = 120;
const model = 'fraud';

function event(stream: SimulatedEvent['stream'], row: object): SimulatedEvent {
  return { stream, payload: Buffer.from(JSON.stringify({ model, ...row })) };
}

/** Predictions, and labels for four fifths of them: a tenth sent twice, a tenth corrected twice, and ten that are nobody's. */
function labelledEvents(random: () => number) {
  const predictions: SimulatedEvent[] = [];
  const labels: SimulatedEvent[] = [];
  for (let i = 0; i < predicted; i++) {
    const timestamp = startTime + 3_000 * i;
    predictions.push(event('predictions', { ...predictionRow(`p${i}`, false, random), timestamp }));
    if (i % 5 === 4) continue;
    const label = (value: number, after: number) =>
      event('labels', { prediction_id: `p${i}`, label: value, timestamp: timestamp + after });
    labels.push(label(i % 2, 1_000));
    if (i % 10 === 0) labels.push(label(i % 2, 1_000));
    if (i % 10 === 1) labels.push(label(0, 20_000), label(i % 20 === 1 ? 1 : 0, 40_000));
  }
  for (let i = 0; i < 10; i++)
    labels.push(event('labels', { prediction_id: `nobody-${i}`, label: 1, timestamp: startTime }));
  return { predictions, labels };
}

function shuffled<T>(values: readonly T[], random: () => number): T[] {
  const order = values.map((value) => ({ value, key: random() }));
  return order.sort((a, b) => a.key - b.key).map(({ value }) => value);
}

test(`labels in ${orders} random orders, duplicated and corrected, give identical results`, async () => {
  const random = uniform(5);
  const { predictions, labels } = labelledEvents(random);
  const settings = settingsFor(() => 0.9);
  const expected = await undisturbed([...predictions, ...labels], settings);
  const documents = [...expected.windows]
    .filter(([name]) => name.startsWith(`${model} 60000 `))
    .map(([, text]) => JSON.parse(text.split('\n')[0]!) as ResultDocument);
  const sum = (of: 'awaited' | 'labelled' | 'corrected') =>
    documents.reduce((total, { quality }) => total + quality![of], 0);
  expect([sum('awaited'), sum('labelled'), sum('corrected')]).toEqual([predicted, 96, 6]);
  for (let i = 1; i < orders; i++) {
    const { windows } = await undisturbed([...predictions, ...shuffled(labels, random)], settings);
    expect(windows).toEqual(expected.windows);
  }
}, 120_000);
