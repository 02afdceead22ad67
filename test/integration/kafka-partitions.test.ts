// Topics that get more partitions while workers run: noticed by every one of them, and nothing is counted wrongly.
import { afterEach, describe, expect, test } from 'vitest';
import { addPartitions, until, withProducer } from './kafka-rig.ts';
import { type LiveWorker, newSite, prediction, type Site, startWorker } from './worker-rig.ts';

const workers: LiveWorker[] = [];

afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()));
});

async function worker(site: Site): Promise<LiveWorker> {
  const started = await startWorker(site);
  workers.push(started);
  return started;
}

async function produce({ topics }: Site, from: number, to: number): Promise<void> {
  const ids = Array.from({ length: to - from }, (_, i) => `p${from + i}`);
  await withProducer((producer) =>
    producer.sendRecords(
      topics.predictions,
      ids.map((id) => prediction(id)),
    ),
  );
}

describe('more partitions', () => {
  test('end every worker with the reason, also those whose shards stay theirs; started anew they count everything once', async () => {
    const site = await newSite(2);
    await produce(site, 0, 200);
    // The third of three has no shard, and gets the only new one.
    const running = [await worker(site), await worker(site), await worker(site)];
    await until(async () => expect(await running[0]!.rows()).toBe(200));
    await addPartitions(site.topics.labels, 3);
    await addPartitions(site.topics.predictions, 3);
    await produce(site, 200, 500);
    for (const { done } of running) {
      expect(await done).toMatchObject({
        code: expect.stringMatching(/^(PARTITIONS_CHANGED|TOPICS_NOT_COPARTITIONED)$/),
        message: expect.stringMatching(/now have 3 partitions, and 2 when|has 2 partitions and .* has 3/),
      });
    }
    const grown = await worker({ ...site, shards: 3 });
    await until(async () => expect(await grown.rows()).toBe(500));
    await until(async () => expect(await grown.isIdle()).toBe(true));
    expect(await grown.rows()).toBe(500);
    expect(grown.tally.sum('driftline_lost_records_total')).toBe(0);
  });

  test('of one topic alone end it with both numbers', async () => {
    const site = await newSite(2);
    const running = await worker(site);
    await until(async () => expect(await running.isIdle()).toBe(true));
    await addPartitions(site.topics.labels, 4);
    expect(await running.done).toMatchObject({
      code: 'TOPICS_NOT_COPARTITIONED',
      message: expect.stringMatching(/predictions.* has 2 partitions and .*labels.* has 4/),
    });
  });
});
