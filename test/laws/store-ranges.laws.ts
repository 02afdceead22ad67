// The laws of a model's published windows: merged profiles by range, and the newest results.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MergedProfile } from '../../src/ports.ts';
import {
  commitOf,
  everyByte,
  fiveMinutesMs,
  hourMs,
  message,
  type OpenEmptyStores,
  oddNames,
  window,
} from './store-samples.ts';

export function rangeLaws(open: OpenEmptyStores): void {
  const merged = (...names: string[]): MergedProfile[] =>
    names.map((version) => ({ version, segment: 'all', bytes: everyByte.slice() }));

  test('merged profiles come back as written, whatever their names and bytes, those of the last revision only', async () => {
    const { results } = await open();
    const written = oddNames
      .flatMap((name) => [
        { version: name, segment: 'all', bytes: everyByte },
        { version: 'v', segment: name, bytes: new Uint8Array(0) },
      ])
      .sort((a, b) =>
        a.version === b.version ? (a.segment < b.segment ? -1 : 1) : a.version < b.version ? -1 : 1,
      );
    await results.commit('m', commitOf(0, window(0), { profiles: merged('gone') }));
    await results.commit('m', commitOf(1, window(0), { profiles: written }));
    expect(await results.profiles('m', fiveMinutesMs, 0, 1)).toEqual([
      { key: window(0), revision: 'revision 1', profiles: written },
    ]);
  });

  test('profiles are those of one size with from ≤ start < to, in order of start', async () => {
    const starts = fc.uniqueArray(fc.integer({ min: -50, max: 50 }), { maxLength: 12 });
    const bound = fc.integer({ min: -60, max: 60 });
    await fc.assert(
      fc.asyncProperty(starts, bound, bound, async (starts, from, to) => {
        const { results } = await open();
        for (const [i, start] of starts.entries()) {
          await results.commit('m', commitOf(2 * i, window(start), { profiles: merged('1') }));
          await results.commit('m', commitOf(2 * i + 1, { size: hourMs, start }));
        }
        const found = await results.profiles('m', fiveMinutesMs, from, to);
        const expected = starts.filter((start) => from <= start && start < to).sort((a, b) => a - b);
        expect(found.map(({ key }) => key)).toEqual(expected.map(window));
        expect(found.every(({ profiles }) => profiles.length === 1)).toBe(true);
        expect(await results.profiles('m', fiveMinutesMs, -Infinity, Infinity)).toHaveLength(starts.length);
      }),
      { numRuns: 20 },
    );
  });

  test('latest returns the newest result of every size, smallest size first', async () => {
    const { results } = await open();
    const newest = commitOf(0, window(7));
    await results.commit('m', newest);
    await results.commit('m', commitOf(1, window(-3)));
    const hour = commitOf(2, { size: hourMs, start: 0 });
    await results.commit('m', hour);
    expect(await results.latest('m')).toEqual([newest.result, hour.result]);
    const revised = commitOf(3, window(7), {
      result: { ...newest.result, revision: 'ä', revisions: 4, document: '{"ä":"🙂"}' },
    });
    await results.commit('m', revised);
    expect(await results.latest('m')).toEqual([revised.result, hour.result]);
  });

  test('what is stored cannot be changed through what was read', async () => {
    const { results } = await open();
    await results.commit(
      'm',
      commitOf(0, window(0), { profiles: merged('1'), outbox: [message('1', { headers: { a: 'b' } })] }),
    );
    const [profiles] = await results.profiles('m', fiveMinutesMs, 0, 1);
    profiles!.profiles[0]!.bytes.fill(0);
    Object.assign((await results.outbox('m', 1))[0]!.message.headers!, { a: 'changed' });
    Object.assign((await results.latest('m'))[0]!.key, { start: 9 });
    expect((await results.profiles('m', fiveMinutesMs, 0, 1))[0]!.profiles).toEqual(merged('1'));
    expect((await results.outbox('m', 1))[0]!.message.headers).toEqual({ a: 'b' });
    expect((await results.latest('m'))[0]!.key).toEqual(window(0));
  });
}
