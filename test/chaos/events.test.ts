import { expect, test } from 'vitest';
import { eventKey } from '../../src/codec/event-key.ts';
import { partitionOf } from '../../src/codec/partitioner.ts';
import { type Course, courseOf, eventSource, models, partitions } from './events.ts';

const course: Course = { startTime: 1_000_000, stepMs: 10, turnAfter: 1e6 };
const events = eventSource(3, course).next(5_000);

test('the seed decides what the events are, however many are asked for at once', () => {
  const again = eventSource(3, course);
  expect([...again.next(1), ...again.next(999), ...again.next(4_000)]).toEqual(events);
  expect(again.made()).toBe(5_000);
});

test('every event goes where a replay would put it', () => {
  for (const { key, value } of events) {
    const id = eventKey(Buffer.from(value));
    expect(partitionOf(key, partitions), value).toBe(id === undefined ? 0 : partitionOf(id, partitions));
  }
});

test('both streams, every model, late, much too late and malformed events are among them', () => {
  const rows = events.flatMap(({ stream, value }) => {
    try {
      return [{ stream, ...(JSON.parse(value) as { model: string; timestamp: number }) }];
    } catch {
      return [];
    }
  });
  expect(events.length - rows.length).toBeGreaterThan(5);
  for (const { name } of models) {
    expect(
      rows.filter(({ stream, model }) => stream === 'predictions' && model === name).length,
    ).toBeGreaterThan(50);
    expect(rows.filter(({ stream, model }) => stream === 'labels' && model === name).length).toBeGreaterThan(
      5,
    );
  }
  const lateBy = rows.map(({ timestamp }, i) => 1_000_000 + i * 10 - timestamp);
  expect(lateBy.filter((ms) => ms > 20_000 && ms < 300_000).length).toBeGreaterThan(50);
  expect(lateBy.filter((ms) => ms > 3_600_000).length).toBeGreaterThan(0);
  expect(lateBy.filter((ms) => ms < -3_600_000).length).toBeGreaterThan(0);
});

test('the times run from one span ago to the end of the span, and with the clock from there', () => {
  const times = (from: number): number[] => {
    const source = eventSource(1, courseOf(100, 60_000, 1_000_000));
    source.next(from);
    return source
      .next(200)
      .flatMap(({ value }) => /"timestamp":(\d+)/.exec(value)?.[1] ?? [])
      .map(Number);
  };
  const within = (found: readonly number[], from: number, to: number): number =>
    found.filter((time) => time >= from - 4_000 && time <= to).length;
  expect(within(times(0), 940_000, 944_000)).toBeGreaterThan(150);
  expect(within(times(5_800), 1_056_000, 1_060_000)).toBeGreaterThan(150);
  expect(within(times(11_800), 1_118_000, 1_120_000)).toBeGreaterThan(150);
});
