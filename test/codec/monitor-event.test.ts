import { describe, expect, test } from 'vitest';
import {
  type MonitorEvent,
  monitorEventSchema,
  recordsLostEvent,
  stalledEvent,
} from '../../src/codec/monitor-event.ts';
import { publishedSchema, schemaPath, violations } from './published-schema.ts';

const loss = { stream: 'predictions', topic: 'ml.predictions', shard: 3, from: 4711, to: 5000 } as const;
const now = Date.UTC(2026, 2, 2, 12);
const message = recordsLostEvent(loss, '/driftline/test', now);

describe('the event of a loss', () => {
  test('is a CloudEvents 1.0 event that says which offsets are lost', () => {
    expect(message).toMatchObject({ topic: 'alerts', key: 'ml.predictions/3' });
    expect(JSON.parse(message.value)).toMatchObject({
      specversion: '1.0',
      id: message.id,
      source: '/driftline/test',
      type: 'io.driftline.monitor.records_lost.v1',
      subject: 'ml.predictions/3',
      time: '2026-03-02T12:00:00.000Z',
      severitytext: 'critical',
      data: { stream: 'predictions', partition: 3, from: 4711, to: 5000, records: 289 },
    } satisfies Partial<Omit<MonitorEvent, 'data'>> & { data: Partial<MonitorEvent['data']> });
  });

  test('has the same id when the same loss is noticed again, later, and another for another loss', () => {
    expect(recordsLostEvent(loss, '/driftline/test', now + 60_000).id).toBe(message.id);
    const others = [
      recordsLostEvent({ ...loss, shard: 4 }, '/driftline/test', now),
      recordsLostEvent({ ...loss, to: 5001 }, '/driftline/test', now),
      recordsLostEvent(loss, '/driftline/other', now),
    ];
    expect(new Set([message.id, ...others.map(({ id }) => id)]).size).toBe(4);
  });
});

describe('the event of a standstill', () => {
  const still = { reason: 'reading', subject: 'shard/3', mark: '4711/12', since: now - 120_000 } as const;
  const announced = stalledEvent(still, '/driftline/test', now);

  test('says what does not move, since when, and where it stands', () => {
    expect(announced).toMatchObject({ topic: 'alerts', key: 'shard/3' });
    expect(JSON.parse(announced.value)).toMatchObject({
      type: 'io.driftline.monitor.stalled.v1',
      subject: 'shard/3',
      time: '2026-03-02T12:00:00.000Z',
      data: { reason: 'reading', since: '2026-03-02T11:58:00.000Z', mark: '4711/12' },
    });
  });

  test('has the same id from every process that sees it, and another when it stands elsewhere', () => {
    expect(stalledEvent({ ...still, since: now }, '/driftline/test', now + 1).id).toBe(announced.id);
    expect(stalledEvent({ ...still, mark: '4712/12' }, '/driftline/test', now).id).not.toBe(announced.id);
  });
});

test('events about the monitor are what the published schema describes', async () => {
  const stall = stalledEvent({ reason: 'store', subject: 'redis', mark: '1', since: now }, '/driftline', now);
  for (const { value } of [message, stall])
    expect(violations(monitorEventSchema, JSON.parse(value))).toEqual([]);
  const published = publishedSchema('monitor-event', monitorEventSchema);
  await expect(published).toMatchFileSnapshot(schemaPath('monitor-event'));
});
