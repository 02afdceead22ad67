import { describe, expect, test } from 'vitest';
import { Fault } from '../../src/fault.ts';
import { run } from '../../src/pipeline/run.ts';
import { noon, openRig, prediction, type Rig } from './rig.ts';

/** Lets everything happen that can without time going by. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function pass(rig: Rig, ms: number): Promise<void> {
  rig.clock.advance(ms);
  await settled();
}

const gone = async (): Promise<never> => {
  throw new Fault('REDIS_FAILED', 'the store is gone');
};

describe('a running process', () => {
  test('saves and evaluates at its intervals', async () => {
    const rig = openRig();
    const ending = new AbortController();
    const running = run(rig.models, rig.settings, rig.ports, ending.signal);
    rig.reader.assign([0]);
    await settled();
    for (const time of [1, 2, 65_000]) rig.log.append('predictions', 0, prediction(time));
    await rig.reader.deliver('predictions', 0, 10);
    await pass(rig, 1_000);
    await pass(rig, 1_000);
    expect(rig.sent.map(({ id }) => id)).toEqual([expect.stringContaining(`fraud/all/60000/${noon}/`)]);
    ending.abort();
    await running;
  });

  test('saves what it holds when it is told to end', async () => {
    const rig = openRig();
    const ending = new AbortController();
    const running = run(rig.models, rig.settings, rig.ports, ending.signal);
    rig.reader.assign([0]);
    await settled();
    rig.log.append('predictions', 0, prediction(1));
    await rig.reader.deliver('predictions', 0, 10);
    ending.abort();
    await running;
    const { parts } = await rig.stores.shards.read(0, { model: 'fraud', start: noon });
    expect(parts).toMatchObject([{ version: 1 }]);
  });

  test('evaluates at once when event time has passed the end of a window', async () => {
    const rig = openRig(1, 'evaluation: { interval: 10s }');
    const ending = new AbortController();
    const running = run(rig.models, rig.settings, rig.ports, ending.signal);
    rig.reader.assign([0]);
    await settled();
    for (const time of [1, 62_000]) rig.log.append('predictions', 0, prediction(time));
    await rig.reader.deliver('predictions', 0, 10);
    await pass(rig, 1_000);
    rig.log.append('predictions', 0, prediction(65_000));
    await rig.reader.deliver('predictions', 0, 10);
    await settled();
    expect(rig.sent.map(({ id }) => id)).toEqual([expect.stringContaining(`fraud/all/60000/${noon}/`)]);
    ending.abort();
    await running;
  });

  test('folds nothing after its last checkpoint', async () => {
    const rig = openRig();
    const held = Promise.withResolvers<void>();
    const { shards } = rig.stores;
    const slow = {
      ...shards,
      checkpoint: async (...args: Parameters<typeof shards.checkpoint>) => {
        await held.promise;
        return shards.checkpoint(...args);
      },
    };
    const ending = new AbortController();
    const running = run(rig.models, rig.settings, { ...rig.ports, shards: slow }, ending.signal);
    rig.reader.assign([0]);
    await settled();
    for (const time of [1, 2]) rig.log.append('predictions', 0, prediction(time));
    await rig.reader.deliver('predictions', 0, 1);
    ending.abort();
    await settled();
    const delivered = rig.reader.deliver('predictions', 0, 1);
    held.resolve();
    await Promise.all([delivered, running]);
    expect(rig.tally.sum('driftline_events_total', { outcome: 'accepted' })).toBe(1);
    expect(await shards.progress(1)).toMatchObject([{ offsets: { predictions: 1 } }]);
  });

  test('ends with the fault of the store, although nothing is left to read', async () => {
    const rig = openRig();
    const shards = { ...rig.stores.shards, checkpoint: gone };
    const ports = { ...rig.ports, shards };
    const running = run(rig.models, rig.settings, ports, new AbortController().signal);
    const ended = expect(running).rejects.toMatchObject({ code: 'REDIS_FAILED' });
    rig.reader.assign([0]);
    await settled();
    rig.log.append('predictions', 0, prediction(1));
    await rig.reader.deliver('predictions', 0, 10);
    await pass(rig, 1_000);
    await ended;
  });

  test('ends with the fault of an evaluation, and saves what it holds', async () => {
    const rig = openRig();
    const ports = { ...rig.ports, results: { ...rig.stores.results, lease: gone } };
    const running = run(rig.models, rig.settings, ports, new AbortController().signal);
    const ended = expect(running).rejects.toMatchObject({ code: 'REDIS_FAILED' });
    rig.reader.assign([0]);
    await settled();
    rig.log.append('predictions', 0, prediction(1));
    await rig.reader.deliver('predictions', 0, 10);
    await pass(rig, 500);
    await ended;
    const { parts } = await rig.stores.shards.read(0, { model: 'fraud', start: noon });
    expect(parts).toMatchObject([{ version: 1 }]);
  });

  test('ends with the fault of a claim', async () => {
    const rig = openRig();
    rig.log.append('predictions', 0, prediction(1));
    rig.log.committed.set(0, { predictions: 1, labels: 0 });
    const running = run(rig.models, rig.settings, rig.ports, new AbortController().signal);
    const ended = expect(running).rejects.toMatchObject({ code: 'STATE_LOST' });
    rig.reader.assign([0]);
    await ended;
  });
});
