import { describe, expect, test } from 'vitest';
import type { MonitorEvent } from '../../src/codec/monitor-event.ts';
import { type RunPorts, run } from '../../src/pipeline/run.ts';
import { createStallWatch } from '../../src/pipeline/stall.ts';
import type { OutboundMessage } from '../../src/ports.ts';
import { noon, openRig, prediction, type Rig } from './rig.ts';

/** Two minutes of standstill are announced; the rig's shards are idle after half a minute. */
const stalledAfterMs = 120_000;

/** Lets everything happen that can without time going by. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function pass(rig: Rig, ms: number): Promise<void> {
  for (let gone = 0; gone < ms; gone += 1_000) {
    rig.clock.advance(1_000);
    await settled();
  }
}

function stallsIn(sent: readonly OutboundMessage[]): { reason: unknown; subject: string }[] {
  return sent
    .filter(({ topic }) => topic === 'alerts')
    .map(({ value }) => JSON.parse(value) as MonitorEvent)
    .filter(({ type }) => type === 'io.driftline.monitor.stalled.v1')
    .map(({ subject, data }) => ({ subject, reason: 'reason' in data ? data.reason : undefined }));
}

interface Running {
  readonly rig: Rig;
  /** Why nothing moves as of the last look. */
  readonly reasons: () => readonly string[];
  stop(): Promise<void>;
}

/** A process with shard 0 that has read one event, on ports of which some are changed. */
async function start(shards: number, changed: (rig: Rig) => Partial<RunPorts>): Promise<Running> {
  const rig = openRig(shards);
  const ending = new AbortController();
  let seen: readonly string[] = [];
  const stalled = (reasons: ReadonlySet<string>): void => {
    seen = [...reasons];
  };
  const ports = { ...rig.ports, stalled, ...changed(rig) };
  const running = run(rig.models, rig.settings, ports, ending.signal);
  rig.reader.assign([0]);
  await settled();
  rig.log.append('predictions', 0, prediction(1));
  await rig.reader.deliver('predictions', 0, 10);
  return {
    rig,
    reasons: () => seen,
    async stop() {
      ending.abort();
      await running;
    },
  };
}

describe('a standstill is announced once, counted, and shown until it is over', () => {
  test('where no checkpoint passes the records of a shard', async () => {
    const held = Promise.withResolvers<void>();
    const { rig, reasons, stop } = await start(1, ({ stores }) => ({
      shards: {
        ...stores.shards,
        checkpoint: async (...args) => held.promise.then(() => stores.shards.checkpoint(...args)),
      },
    }));
    await pass(rig, stalledAfterMs - 30_000);
    expect(stallsIn(rig.sent)).toEqual([]);
    await pass(rig, stalledAfterMs);
    expect(stallsIn(rig.sent)).toEqual([{ reason: 'reading', subject: 'shard/0' }]);
    expect(rig.tally.sum('driftline_stalls_total', { reason: 'reading' })).toBe(1);
    expect(reasons()).toEqual(['reading']);
    held.resolve();
    await pass(rig, 30_000);
    expect(reasons()).toEqual([]);
    await stop();
  });

  test('where windows wait for a shard that nobody reads', async () => {
    const { rig, reasons, stop } = await start(2, () => ({}));
    await pass(rig, stalledAfterMs + 60_000);
    expect(stallsIn(rig.sent)).toEqual([{ reason: 'event_time', subject: 'shard/1' }]);
    expect(reasons()).toEqual(['event_time']);
    rig.reader.assign([0, 1]);
    await pass(rig, 60_000);
    expect(reasons()).toEqual([]);
    expect(await rig.stores.results.result('fraud', { size: 60_000, start: noon })).toBeDefined();
    await stop();
  });

  test('where a due window does not get its first result', async () => {
    let refuses = true;
    const { rig, reasons, stop } = await start(1, ({ stores: { results } }) => ({
      results: {
        ...results,
        commit: async (...args) => (refuses ? false : results.commit(...args)),
      },
    }));
    await pass(rig, stalledAfterMs + 120_000);
    expect(stallsIn(rig.sent)).toEqual([{ reason: 'results', subject: 'model/fraud' }]);
    refuses = false;
    await pass(rig, 30_000);
    expect(reasons()).toEqual([]);
    await stop();
  });

  test('where the store takes no commands', async () => {
    let since: number | undefined = noon;
    const { rig, reasons, stop } = await start(1, () => ({ storeWaits: () => since }));
    await pass(rig, stalledAfterMs + 60_000);
    expect(stallsIn(rig.sent)).toEqual([{ reason: 'store', subject: 'redis' }]);
    since = undefined;
    await pass(rig, 30_000);
    expect(reasons()).toEqual([]);
    await stop();
  });
});

test('nothing is announced where everything has come to rest', async () => {
  const { rig, stop } = await start(1, () => ({}));
  await pass(rig, 3 * stalledAfterMs);
  expect(stallsIn(rig.sent)).toEqual([]);
  await stop();
});

describe('a watch', () => {
  const one = (mark: string) => [{ reason: 'reading', subject: 'shard/0', mark }] as const;

  test('begins anew with every step that is made', async () => {
    const rig = openRig();
    const watch = createStallWatch(10_000, '/driftline', rig.ports);
    for (let step = 0; step < 10; step++) {
      await watch.look(one(String(step)));
      rig.clock.advance(9_000);
    }
    expect(rig.sent).toEqual([]);
  });

  test('that could not announce what it found does so again, under the same id', async () => {
    const rig = openRig();
    const tried: string[] = [];
    let gone = true;
    const send = async (messages: readonly OutboundMessage[]): Promise<void> => {
      tried.push(...messages.map(({ id }) => id));
      if (gone) throw new Error('the broker is gone');
    };
    const watch = createStallWatch(10_000, '/driftline', { ...rig.ports, outbound: { send } });
    await watch.look(one('7'));
    rig.clock.advance(10_000);
    await expect(watch.look(one('7'))).rejects.toThrow('gone');
    expect(rig.tally.sum('driftline_stalls_total')).toBe(0);
    gone = false;
    await watch.look(one('7'));
    await watch.look(one('7'));
    expect(tried).toHaveLength(2);
    expect(new Set(tried).size).toBe(1);
    expect(rig.tally.sum('driftline_stalls_total')).toBe(1);
  });
});
