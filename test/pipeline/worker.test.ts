import { afterEach, describe, expect, test } from 'vitest';
import { createWorker, type Worker, type WorkerPorts } from '../../src/pipeline/worker.ts';
import type { Checkpoint, ShardStore } from '../../src/ports.ts';
import { noon, openRig, prediction, type Rig } from './rig.ts';

const started: Rig[] = [];

afterEach(async () => {
  for (const { reader } of started.splice(0)) await reader.stop();
});

/** A worker on the rig's reader; a claim that fails shows in `failed`. */
function startWorker(rig: Rig, ports: Partial<WorkerPorts> = {}): Worker {
  const worker = createWorker(rig.models, rig.settings.ingest, { ...rig.ports, ...ports });
  rig.reader.run(worker.handlers).catch(() => undefined);
  started.push(rig);
  return worker;
}

async function rowsOf({ stores }: Rig, start = noon): Promise<unknown> {
  const { parts } = await stores.shards.read(0, { model: 'fraud', start });
  return parts.map(({ version }) => version);
}

describe('a worker that is assigned a shard', () => {
  test('reads it from where the store says, whatever Kafka says', async () => {
    const rig = openRig();
    for (let i = 0; i < 5; i++) rig.log.append('predictions', 0, prediction(i));
    await rig.stores.shards.claim(0, 'former');
    const meta = {
      watermark: 0,
      maxEventTime: 0,
      passedAt: 0,
      idle: false,
      labels: 0,
      completeFrom: -Infinity,
    };
    const former: Checkpoint = {
      ...{ token: 'former', expected: { predictions: 0, labels: 0 } },
      meta: { ...meta, offsets: { predictions: 3, labels: 0 } },
      ...{ profiles: [], retentionMs: 1 },
    };
    await rig.stores.shards.checkpoint(0, former);
    rig.log.committed.set(0, { predictions: 5, labels: 0 });
    const worker = startWorker(rig);
    rig.reader.assign([0]);
    await worker.tick();
    expect(await rig.reader.deliver('predictions', 0, 10)).toBe(true);
    await worker.tick();
    expect(rig.tally.sum('driftline_events_total', { outcome: 'accepted' })).toBe(2);
  });

  test('refuses to start from nothing where the group has committed', async () => {
    const rig = openRig();
    rig.log.append('predictions', 0, prediction(0));
    rig.log.committed.set(0, { predictions: 1, labels: 0 });
    const worker = startWorker(rig);
    rig.reader.assign([0]);
    await expect(worker.failed).rejects.toMatchObject({
      code: 'STATE_LOST',
      message: expect.stringContaining('driftline run --rebuild-from'),
    });
    expect(rig.reader.waiting()).toEqual([]);
  });

  test('starts from nothing where all that was committed has been deleted since, and never was more', async () => {
    const rig = openRig();
    rig.log.append('predictions', 0, prediction(0));
    rig.log.trim('predictions', 0, 1);
    rig.log.append('predictions', 0, prediction(1));
    rig.log.committed.set(0, { predictions: 1, labels: 0 });
    const worker = startWorker(rig);
    rig.reader.assign([0]);
    await worker.tick();
    expect(rig.reader.waiting()).toEqual([{ stream: 'predictions', shard: 0, next: 1 }]);
    expect(rig.tally.sum('driftline_lost_records_total')).toBe(0);
  });

  test('counts and announces what retention has deleted before it was read', async () => {
    const rig = openRig();
    rig.log.append('predictions', 0, prediction(0));
    const worker = startWorker(rig);
    rig.reader.assign([0]);
    await worker.tick();
    await rig.reader.deliver('predictions', 0, 10);
    await worker.tick();
    for (let i = 1; i < 8; i++) rig.log.append('predictions', 0, prediction(i));
    rig.log.trim('predictions', 0, 5);
    rig.reader.assign([0]);
    await worker.tick();
    expect(rig.tally.sum('driftline_lost_records_total', { stream: 'predictions' })).toBe(4);
    expect(rig.said.filter(({ level }) => level === 'error')).toMatchObject([
      { fields: { shard: 0, stream: 'predictions', from: 1, to: 5, lost: 4 } },
    ]);
    await rig.reader.deliver('predictions', 0, 10);
    expect(rig.tally.sum('driftline_events_total', { outcome: 'accepted' })).toBe(4);
  });

  test('announces a loss before the checkpoint that passes it, and once for all', async () => {
    const rig = openRig();
    const worker = startWorker(rig);
    rig.reader.assign([0]);
    await worker.tick();
    rig.clock.advance(10_000);
    await worker.tick();
    for (let i = 0; i < 3; i++) rig.log.append('labels', 0, null);
    rig.log.trim('labels', 0, 3);
    rig.reader.assign([0]);
    await worker.tick();
    await worker.tick();
    expect(rig.sent.map(({ topic, value }) => ({ sentTo: topic, ...JSON.parse(value).data }))).toMatchObject([
      { sentTo: 'alerts', topic: 'labels', partition: 0, from: 0, records: 3 },
    ]);
    // Nobody has to read a record for the loss to be behind: another owner begins after it.
    rig.reader.assign([0]);
    await worker.tick();
    expect(rig.sent).toHaveLength(1);
  });

  test('counts what retention deletes while it reads, and not what was compacted', async () => {
    const rig = openRig();
    rig.log.append('predictions', 0, prediction(0));
    const worker = startWorker(rig);
    rig.reader.assign([0]);
    await worker.tick();
    await rig.reader.deliver('predictions', 0, 10);
    rig.log.append('predictions', 0, prediction(1), 3);
    await rig.reader.deliver('predictions', 0, 10);
    expect(rig.tally.sum('driftline_lost_records_total')).toBe(0);
    for (let i = 2; i < 6; i++) rig.log.append('predictions', 0, prediction(i));
    rig.log.trim('predictions', 0, 7);
    await rig.reader.deliver('predictions', 0, 10);
    expect(rig.tally.sum('driftline_lost_records_total', { stream: 'predictions' })).toBe(2);
  });

  test('saves at the bound of events without waiting for a tick', async () => {
    const rig = openRig(1, 'checkpoint: { events: 3 }');
    for (let i = 0; i < 3; i++) rig.log.append('predictions', 0, prediction(i));
    const worker = startWorker(rig);
    rig.reader.assign([0]);
    await worker.tick();
    await rig.reader.deliver('predictions', 0, 2);
    expect(await rowsOf(rig)).toEqual([]);
    await rig.reader.deliver('predictions', 0, 2);
    expect(await rowsOf(rig)).toEqual([3]);
  });
});

describe('a worker whose checkpoint is refused', () => {
  test('reads again from the store that was rolled back', async () => {
    const rig = openRig();
    const worker = startWorker(rig);
    rig.reader.assign([0]);
    await worker.tick();
    rig.log.append('predictions', 0, prediction(0));
    await rig.reader.deliver('predictions', 0, 10);
    await worker.tick();
    const restore = rig.stores.snapshot();
    rig.log.append('predictions', 0, prediction(1));
    await rig.reader.deliver('predictions', 0, 10);
    await worker.tick();
    restore();
    expect(await rowsOf(rig)).toEqual([1]);
    rig.log.append('predictions', 0, prediction(2));
    await rig.reader.deliver('predictions', 0, 10);
    await worker.tick();
    await rig.reader.deliver('predictions', 0, 10);
    await worker.tick();
    expect(await rowsOf(rig)).toEqual([3]);
  });

  test('notices a roll-back although no record comes any more', async () => {
    const rig = openRig();
    const worker = startWorker(rig);
    rig.reader.assign([0]);
    await worker.tick();
    rig.log.append('predictions', 0, prediction(0));
    await rig.reader.deliver('predictions', 0, 10);
    await worker.tick();
    const restore = rig.stores.snapshot();
    rig.log.append('predictions', 0, prediction(1));
    await rig.reader.deliver('predictions', 0, 10);
    await worker.tick();
    restore();
    rig.clock.advance(10_000);
    await worker.tick();
    await rig.reader.deliver('predictions', 0, 10);
    await worker.tick();
    expect(await rowsOf(rig)).toEqual([2]);
  });

  test('drops the batch that waited while its shard was claimed again', async () => {
    const rig = openRig();
    const held = Promise.withResolvers<void>();
    const worker = startWorker(rig, { shards: delayed(rig.stores.shards, held.promise) });
    rig.reader.assign([0]);
    await worker.tick();
    for (let i = 0; i < 4; i++) rig.log.append('predictions', 0, prediction(i));
    await rig.reader.deliver('predictions', 0, 2);
    // The tick's checkpoint is under way and will be fenced; the batch after it is in hand already.
    const ticked = worker.tick();
    const delivered = rig.reader.deliver('predictions', 0, 2);
    await rig.stores.shards.claim(0, 'thief');
    held.resolve();
    await Promise.all([ticked, delivered]);
    while (await rig.reader.deliver('predictions', 0, 10));
    await worker.tick();
    const { parts } = await rig.stores.shards.read(0, { model: 'fraud', start: noon });
    expect(parts).toMatchObject([{ version: 4 }]);
    const rows = rig.tally.sum('driftline_events_total', { outcome: 'accepted' });
    expect(rows).toBe(6);
  });

  test('does not claim again what a new generation has given to somebody else', async () => {
    const rig = openRig(2);
    const held = Promise.withResolvers<void>();
    const worker = startWorker(rig, { shards: delayed(rig.stores.shards, held.promise) });
    rig.reader.assign([0, 1]);
    await worker.tick();
    rig.log.append('predictions', 0, prediction(0));
    await rig.reader.deliver('predictions', 0, 10);
    const ticked = worker.tick();
    await new Promise((resolve) => setImmediate(resolve));
    rig.reader.assign([1]);
    await rig.stores.shards.claim(0, 'rightful');
    held.resolve();
    await ticked;
    await worker.tick();
    const written = await rig.stores.shards.checkpoint(0, {
      ...{ token: 'rightful', expected: { predictions: 0, labels: 0 }, profiles: [], retentionMs: 1 },
      meta: {
        ...{ offsets: { predictions: 0, labels: 0 }, watermark: 0, maxEventTime: 0 },
        ...{ passedAt: 0, idle: true, labels: 0, completeFrom: -Infinity },
      },
    });
    expect(written).toEqual({ kind: 'written' });
  });
});

/** A store whose first checkpoint with anything in it waits. */
function delayed(shards: ShardStore, until: Promise<void>): ShardStore {
  return {
    ...shards,
    checkpoint: async (shard, checkpoint) => {
      if (checkpoint.profiles.length > 0) await until;
      return shards.checkpoint(shard, checkpoint);
    },
  };
}

const label = Buffer.from(JSON.stringify({ prediction_id: 'p', model: 'fraud', label: 1, timestamp: noon }));

describe('a shard that has gone quiet', () => {
  test('is idle once it has read everything', async () => {
    const rig = openRig();
    const worker = startWorker(rig);
    rig.reader.assign([0]);
    await worker.tick();
    rig.clock.advance(29_999);
    await worker.tick();
    expect(await rig.stores.shards.progress(1)).toMatchObject([{ idle: false }]);
    rig.clock.advance(1);
    await worker.tick();
    expect(await rig.stores.shards.progress(1)).toMatchObject([{ idle: true }]);
  });

  test('is slow, not idle, while records wait', async () => {
    const rig = openRig();
    const worker = startWorker(rig);
    rig.reader.assign([0]);
    await worker.tick();
    rig.log.append('predictions', 0, prediction(0));
    rig.clock.advance(60_000);
    await worker.tick();
    expect(await rig.stores.shards.progress(1)).toMatchObject([{ idle: false }]);
    await rig.reader.deliver('predictions', 0, 10);
    rig.clock.advance(30_000);
    await worker.tick();
    expect(await rig.stores.shards.progress(1)).toMatchObject([{ idle: true }]);
  });

  test('is idle once it has read what was there when it was found quiet, although rejects and labels go on coming', async () => {
    const rig = openRig();
    const worker = startWorker(rig);
    rig.reader.assign([0]);
    await worker.tick();
    rig.log.append('predictions', 0, prediction(0));
    await rig.reader.deliver('predictions', 0, 10);
    const more = () => {
      rig.log.append('predictions', 0, Buffer.from('not json'));
      rig.log.append('labels', 0, label);
    };
    more();
    rig.clock.advance(30_000);
    await worker.tick();
    expect(await rig.stores.shards.progress(1)).toMatchObject([{ idle: false }]);
    await rig.reader.deliver('predictions', 0, 1);
    await rig.reader.deliver('labels', 0, 1);
    more();
    await worker.tick();
    expect(await rig.stores.shards.progress(1)).toMatchObject([
      { idle: true, passedAt: rig.clock.now(), offsets: { predictions: 2, labels: 1 } },
    ]);
    rig.log.append('predictions', 0, prediction(1));
    await rig.reader.deliver('predictions', 0, 10);
    await worker.tick();
    expect(await rig.stores.shards.progress(1)).toMatchObject([{ idle: false }]);
  });

  test('commits to Kafka what the store holds, for lag tools', async () => {
    const rig = openRig();
    const worker = startWorker(rig);
    rig.reader.assign([0]);
    await worker.tick();
    rig.log.append('predictions', 0, prediction(0));
    await rig.reader.deliver('predictions', 0, 10);
    rig.clock.advance(5_000);
    await worker.tick();
    expect(rig.log.committed.get(0)).toEqual({ predictions: 1, labels: 0 });
  });
});
