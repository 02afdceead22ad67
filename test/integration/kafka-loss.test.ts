// Retention that overtakes the reader: what it has not read is lost, and that is counted and announced to the record.
import { describe, expect, test } from 'vitest';
import { redisAddress } from '../../deploy/local/ports.ts';
import { type MonitorEvent, monitorEventSchema } from '../../src/codec/monitor-event.ts';
import { connectRedis } from '../../src/io/redis/client.ts';
import { deleteUpTo, quiet, readTopic, until, withProducer } from './kafka-rig.ts';
import { type LiveWorker, newSite, prediction, type Site, stoppedAfterEach } from './worker-rig.ts';

const worker = stoppedAfterEach();

async function produce({ topics }: Site, from: number, to: number, padding = 0): Promise<void> {
  const ids = Array.from({ length: to - from }, (_, i) => `p${from + i}`);
  await withProducer((producer) =>
    producer.sendRecords(
      topics.predictions,
      ids.map((id) => prediction(id, padding)),
    ),
  );
}

/** The announcements on the alerts topic, the first `count` of them. */
async function announced(site: Site, count: number): Promise<MonitorEvent['data'][]> {
  const messages = await readTopic(site.topics.alerts, count);
  return messages.map(({ value }) => monitorEventSchema.parse(JSON.parse(String(value))).data);
}

function losses({ said }: LiveWorker): unknown[] {
  return said.filter(({ level }) => level === 'error').map(({ fields }) => fields.lost);
}

describe('retention that overtakes', () => {
  test('a worker that is down is a counted loss when it comes back, and the rest is counted', async () => {
    const site = await newSite(1);
    await produce(site, 0, 20);
    const first = await worker(site);
    await until(async () => expect(await first.rows()).toBe(20));
    await first.stop();
    await produce(site, 20, 100);
    await deleteUpTo(site.topics.predictions, 57);
    const second = await worker(site);
    await until(async () => expect(await second.rows()).toBe(20 + 43));
    expect(second.tally.sum('driftline_lost_records_total', { stream: 'predictions' })).toBe(37);
    expect(second.tally.sum('driftline_lost_records_total', { stream: 'labels' })).toBe(0);
    expect(losses(second)).toEqual([37]);
    const topic = site.topics.predictions;
    const loss = { stream: 'predictions', topic, partition: 0, from: 20, to: 57, records: 37 };
    expect(await announced(site, 1)).toEqual([loss]);
  });

  test('a worker that reads is a counted loss, and not one record more or less is counted', async () => {
    const site = await newSite(1);
    await produce(site, 0, 10);
    // Whoever saves after every batch reads no further while Redis keeps it waiting.
    const slow = await worker(site, 'checkpoint: { events: 1 }');
    await until(async () => expect(await slow.rows()).toBe(10));
    const accepted = () => slow.tally.sum('driftline_events_total', { outcome: 'accepted' });
    await whileRedisWaits(async () => {
      // More than one answer to a fetch can hold.
      await produce(site, 10, 310, 20_000);
      await until(() => expect(accepted()).toBeGreaterThan(10));
      await deleteUpTo(site.topics.predictions, 250);
    });
    await until(() => expect(accepted() + lost()).toBe(310));
    await until(async () => expect(await slow.rows()).toBe(accepted()));
    function lost(): number {
      return slow.tally.sum('driftline_lost_records_total', { stream: 'predictions' });
    }
    expect(lost()).toBeGreaterThan(0);
    expect(accepted()).toBeGreaterThan(10 + 60);
    expect(losses(slow)).toEqual([lost()]);
    expect(await announced(site, 1)).toMatchObject([{ from: 250 - lost(), to: 250, records: lost() }]);
  });
});

/** Holds back all writes to Redis meanwhile. */
async function whileRedisWaits(work: () => Promise<void>): Promise<void> {
  const settings = { url: `redis://${redisAddress}`, connectTimeoutMs: 5_000, commandTimeoutMs: 5_000 };
  const redis = await connectRedis(settings, quiet);
  await redis.call('CLIENT', ['PAUSE', '20000', 'WRITE']);
  try {
    await work();
  } finally {
    await redis.call('CLIENT', ['UNPAUSE']);
    await redis.close();
  }
}
