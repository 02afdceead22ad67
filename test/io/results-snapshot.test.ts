import { describe, expect, test } from 'vitest';
import { advance } from '../../src/alert/history.ts';
import { encodeIncidents } from '../../src/codec/incident-history.ts';
import { categoryNames, encodeResult } from '../../src/codec/result.ts';
import type { WindowResult } from '../../src/drift/result.ts';
import { createMemoryStores } from '../../src/io/memory.ts';
import { resultsSnapshot } from '../../src/io/results-snapshot.ts';
import type { Clock, Log, ResultStore } from '../../src/ports.ts';
import { column, policy, windowResult } from '../alert/sample-results.ts';

const model = 'hotel_cancellation';

function stage(live: boolean) {
  const first = windowResult(0, []).end;
  let now = first + 1000;
  const clock: Clock = { now: () => now, elapsed: () => now, sleep: async () => {} };
  const warnings: string[] = [];
  const silent = () => {};
  const log: Log = {
    debug: silent,
    info: silent,
    warn: (_, message) => warnings.push(message),
    error: silent,
  };
  const { results } = createMemoryStores(clock);
  let loads = 0;
  let broken = false;
  const store: Pick<ResultStore, 'heads' | 'latest' | 'state'> = {
    heads: (models) => (broken ? Promise.reject(new Error('gone')) : results.heads(models)),
    latest: (name) => {
      loads += 1;
      return results.latest(name);
    },
    state: (name) => results.state(name),
  };
  const snapshot = resultsSnapshot({
    ...{ store, models: [model], clock, log, live },
    exposeForWindows: 3,
    maxSeries: 1000,
  });
  async function publish(result: WindowResult): Promise<void> {
    const { head } = await results.state(model);
    const committed = await results.commit(model, {
      expected: head,
      head: `after ${head}`,
      result: {
        key: { size: result.end - result.start, start: result.start },
        revision: '',
        revisions: 0,
        inputs: '',
        publishedAt: now,
        document: encodeResult(result, { position: 0n, revisions: 0 }, categoryNames(new Set(), undefined))
          .document,
      },
      profiles: [],
      incidents: encodeIncidents(advance(undefined, result, policy).history),
      detectors: undefined,
      outbox: [],
      pending: [],
      retentionMs: 1e9,
    });
    expect(committed).toBe(true);
  }
  return {
    snapshot,
    publish,
    warnings,
    loads: () => loads,
    advanceTo: (time: number) => {
      now = time;
    },
    breakStore: () => {
      broken = true;
    },
  };
}

describe('the snapshot of results', () => {
  test('is loaded and rendered once per change', async () => {
    const { snapshot, publish, loads } = stage(true);
    await publish(windowResult(0, [column('adr', 0.5)]));
    const [one, same] = await Promise.all([snapshot.page(), snapshot.page()]);
    expect(same).toBe(one);
    expect(await snapshot.page()).toBe(one);
    expect(loads()).toBe(1);
    await publish(windowResult(1, [column('adr', 0.6)]));
    expect((await snapshot.page()).text).toContain('statistic="psi"} 0.6\n');
    expect(loads()).toBe(2);
  });

  test('lets a window expire although nothing changed', async () => {
    const { snapshot, publish, loads, advanceTo } = stage(true);
    const result = windowResult(0, [column('adr', 0.5)]);
    await publish(result);
    expect((await snapshot.page()).text).toContain('driftline_feature_drift_score{');
    advanceTo(result.end + 900_000);
    expect((await snapshot.page()).text).not.toContain('driftline_feature_drift_score{');
    expect(loads()).toBe(1);
  });

  test('of a replay shows history as if it were now', async () => {
    const { snapshot, publish, advanceTo } = stage(false);
    await publish(windowResult(0, [column('adr', 0.5)]));
    advanceTo(Number.MAX_SAFE_INTEGER);
    expect((await snapshot.page()).text).toContain('driftline_feature_drift_score{');
  });

  test('outlives the store, and says so', async () => {
    const { snapshot, publish, breakStore, warnings } = stage(true);
    await publish(windowResult(0, [column('adr', 0.5)]));
    const before = await snapshot.page();
    breakStore();
    expect(await snapshot.page()).toBe(before);
    expect(warnings).toHaveLength(1);
  });

  test('that was never loaded is a failure, not an empty page', async () => {
    const { snapshot, breakStore } = stage(true);
    breakStore();
    expect(snapshot.loaded()).toBe(false);
    await expect(snapshot.page()).rejects.toThrow('gone');
  });
});
