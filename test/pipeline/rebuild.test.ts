import { afterEach, describe, expect, test } from 'vitest';
import { newEvaluator } from '../../src/pipeline/due.ts';
import { evaluateDue } from '../../src/pipeline/evaluate.ts';
import { refuseNeedlessRebuild } from '../../src/pipeline/rebuild.ts';
import { createWorker, type Worker } from '../../src/pipeline/worker.ts';
import { noon, openRig, prediction, type Rig } from './rig.ts';

const minuteMs = 60_000;
/** Of the rig: how much later than its own time an event may have been stored, the other way round. */
const skewMs = 5 * minuteMs;
const started: Rig[] = [];

afterEach(async () => {
  for (const { reader } of started.splice(0)) await reader.stop();
});

/** A log in which an event of every minute was stored at its time, and of which the group had read something once. */
function openLostRig(minutes: number, changes = '{}'): Rig {
  const rig = openRig(1, changes);
  for (let minute = 0; minute < minutes; minute++) {
    rig.log.append('predictions', 0, prediction(minute * minuteMs), 0, noon + minute * minuteMs);
  }
  rig.log.committed.set(0, { predictions: minutes, labels: 0 });
  rig.clock.advance(minutes * minuteMs);
  return rig;
}

/** A worker that rebuilds from a time, has been assigned the shard, and has read all. */
async function rebuild(rig: Rig, from: number): Promise<Worker> {
  const worker = createWorker(rig.models, { ...rig.settings.ingest, rebuildFrom: from }, rig.ports);
  rig.reader.run(worker.handlers).catch(() => undefined);
  started.push(rig);
  rig.reader.assign([0]);
  await settled();
  await worker.tick();
  while (await rig.reader.deliver('predictions', 0, 7));
  await worker.tick();
  return worker;
}

/** Until a claim, which nobody awaits, is done. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function rowsByMinute(rig: Rig, minutes: number): Promise<readonly number[]> {
  const windows = await Promise.all(
    Array.from({ length: minutes }, (_, minute) =>
      rig.stores.shards.read(0, { model: 'fraud', start: noon + minute * minuteMs }),
    ),
  );
  return windows.map(({ parts }) => parts.length);
}

async function evaluate(rig: Rig): Promise<void> {
  const round = { whenIdle: Infinity, final: true };
  await evaluateDue(newEvaluator(), rig.models, rig.settings.evaluation, rig.ports, round);
}

describe('a worker that rebuilds what the store has lost', () => {
  test('reads from where events of that time can have been stored, and counts the windows from then on', async () => {
    const rig = openLostRig(20);
    await rebuild(rig, noon + 10 * minuteMs);
    expect(await rowsByMinute(rig, 20)).toEqual([...Array(10).fill(0), ...Array(10).fill(1)]);
    expect(await rig.stores.shards.claim(0, 'next')).toMatchObject({
      offsets: { predictions: 20 },
      completeFrom: noon + 10 * minuteMs,
    });
    const refused = rig.sent.filter(({ topic }) => topic === 'dead_letters');
    expect(refused.map(({ value }) => JSON.parse(value).reason)).toEqual(
      Array(skewMs / minuteMs).fill('not_rebuilt'),
    );
  });

  test('says per size which windows are the first to be complete', async () => {
    const rig = openLostRig(20, 'windows: { rollups: [5m, 1h] }');
    await rebuild(rig, noon + 10 * minuteMs + 1);
    expect(rig.said.find(({ fields }) => 'firstComplete' in fields)).toMatchObject({
      level: 'warn',
      fields: {
        shard: 0,
        firstComplete: {
          60000: '2026-03-02T12:11:00.000Z',
          300000: '2026-03-02T12:15:00.000Z',
          3600000: '2026-03-02T13:00:00.000Z',
        },
      },
    });
  });

  test('counts everything again from the beginning of a log that is whole', async () => {
    const rig = openLostRig(4);
    await rebuild(rig, -Infinity);
    expect(await rowsByMinute(rig, 4)).toEqual([1, 1, 1, 1]);
    expect((await rig.stores.shards.claim(0, 'next'))?.completeFrom).toBe(-Infinity);
  });

  test.each([-Infinity, noon])(
    'begins later than asked for (%d) where retention has deleted what it would need',
    async (from) => {
      const rig = openLostRig(20);
      rig.log.trim('predictions', 0, 4);
      await rebuild(rig, from);
      const completeFrom = noon + 4 * minuteMs + skewMs;
      expect((await rig.stores.shards.claim(0, 'next'))?.completeFrom).toBe(completeFrom);
      expect(await rowsByMinute(rig, 20)).toEqual([...Array(9).fill(0), ...Array(11).fill(1)]);
    },
  );

  test('writes down at once what it has decided, also where there is nothing to read', async () => {
    const rig = openLostRig(3);
    const from = noon + 60 * minuteMs;
    await rebuild(rig, from);
    const worker = createWorker(rig.models, rig.settings.ingest, rig.ports);
    worker.handlers.assigned([0]);
    await settled();
    await worker.tick();
    expect(await rig.stores.shards.claim(0, 'next')).toMatchObject({ completeFrom: from });
  });

  test('goes on where there is state, whatever it was asked for', async () => {
    const rig = openLostRig(4);
    await rebuild(rig, -Infinity);
    await rebuild(rig, noon + 3 * minuteMs);
    expect((await rig.stores.shards.claim(0, 'next'))?.completeFrom).toBe(-Infinity);
    expect(await rowsByMinute(rig, 4)).toEqual([1, 1, 1, 1]);
  });

  test('publishes no window and no roll-up that started earlier, even where another shard has rows of it', async () => {
    const rig = openLostRig(12, 'windows: { rollups: [5m] }');
    await rebuild(rig, noon + 6 * minuteMs);
    const early = noon + 2 * minuteMs;
    const stored = await rig.stores.shards.claim(0, 'other');
    await rig.stores.shards.checkpoint(0, {
      ...{ token: 'other', expected: stored!.offsets, retentionMs: 1e9, meta: { ...stored!, idle: true } },
      profiles: (await rig.stores.shards.read(0, { model: 'fraud', start: noon + 7 * minuteMs })).parts.map(
        (part) => ({ ...part, key: { ...part.key, start: early } }),
      ),
    });
    await evaluate(rig);
    const published = rig.sent
      .filter(({ topic }) => topic === 'results')
      .map(({ value }) => JSON.parse(value) as { window_seconds: number; window_start_time: string })
      .map((result) => `${result.window_seconds} ${result.window_start_time.slice(11, 16)}`);
    expect(published).toEqual([
      ...['06', '07', '08', '09', '10', '11'].map((minute) => `60 12:${minute}`),
      '300 12:10',
    ]);
    expect((await rig.stores.shards.progress(1))[0]!.changed).toEqual([]);
    expect((await rig.stores.results.state('fraud')).pending).toEqual([]);
  });
});

test('a rebuild is refused where no shard has lost its state', async () => {
  const rig = openRig(2);
  const lost = await rig.stores.shards.progress(2);
  expect(() => refuseNeedlessRebuild(lost)).not.toThrow();
  const whole = lost.map((shard) => ({ ...shard, offsets: { predictions: 0, labels: 0 } }));
  expect(() => refuseNeedlessRebuild([whole[0]!, lost[1]!])).not.toThrow();
  expect(() => refuseNeedlessRebuild(whole)).toThrow(expect.objectContaining({ code: 'STATE_EXISTS' }));
});
