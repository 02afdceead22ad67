import { describe, expect, test } from 'vitest';
import { type MonitorEvent, monitorEventSchema, recordsLostEvent } from '../../src/codec/monitor-event.ts';
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

  test('is what the published schema describes', async () => {
    expect(violations(monitorEventSchema, JSON.parse(message.value))).toEqual([]);
    const published = publishedSchema('monitor-event', monitorEventSchema);
    await expect(published).toMatchFileSnapshot(schemaPath('monitor-event'));
  });
});
