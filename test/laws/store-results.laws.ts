// The laws of a ResultStore: leases, one atomic commit with a compare, pending roll-ups, and the outbox.
import { expect, test } from 'vitest';
import {
  commitOf,
  everyByte,
  fiveMinutesMs,
  headAfter,
  hourMs,
  message,
  type OpenEmptyStores,
  oddNames,
  window,
} from './store-samples.ts';

export function resultStoreLaws(open: OpenEmptyStores): void {
  leaseLaws(open);
  commitLaws(open);
  pendingLaws(open);
  outboxLaws(open);
}

function leaseLaws(open: OpenEmptyStores): void {
  test('a lease excludes other tokens, is prolonged by its own, and can be given back', async () => {
    const { results } = await open();
    expect(await results.lease('m', 'a', hourMs)).toBe(true);
    expect(await results.lease('m', 'b', hourMs)).toBe(false);
    expect(await results.lease('m', 'a', hourMs)).toBe(true);
    expect(await results.lease('other', 'b', hourMs)).toBe(true);
    await results.release('m', 'b');
    expect(await results.lease('m', 'b', hourMs)).toBe(false);
    await results.release('m', 'a');
    expect(await results.lease('m', 'b', hourMs)).toBe(true);
  });

  test('a lease expires, and a prolonged one later', async () => {
    const { results, passTime } = await open();
    expect(await results.lease('m', 'a', 50)).toBe(true);
    expect(await results.lease('prolonged', 'a', 50)).toBe(true);
    expect(await results.lease('prolonged', 'a', hourMs)).toBe(true);
    await passTime(60);
    expect(await results.lease('m', 'b', hourMs)).toBe(true);
    expect(await results.lease('prolonged', 'b', hourMs)).toBe(false);
  });
}

function commitLaws(open: OpenEmptyStores): void {
  test('a model without commits has no head and nothing else', async () => {
    const { results } = await open();
    expect(await results.state('m')).toEqual({ head: '', incidents: undefined, pending: [] });
    expect(await results.result('m', window(0))).toBeUndefined();
    expect(await results.profiles('m', fiveMinutesMs, -Infinity, Infinity)).toEqual([]);
    expect(await results.latest('m')).toEqual([]);
    expect(await results.starts('m', fiveMinutesMs)).toEqual([]);
    expect(await results.outbox('m', 10)).toEqual([]);
    expect(await results.heads([])).toEqual([]);
  });

  test('a commit that expects another head writes nothing', async () => {
    const { results } = await open();
    const first = commitOf(0, window(0), {
      incidents: 'one',
      outbox: [message('1')],
      pending: [{ size: hourMs, start: 0 }],
    });
    expect(await results.commit('m', first)).toBe(true);
    const stale = commitOf(0, window(0), {
      head: 'stale',
      result: { ...first.result, revision: 'stale', revisions: 9 },
      profiles: [{ version: '1', segment: 'all', bytes: everyByte }],
      incidents: 'two',
      outbox: [message('2')],
      pending: [{ size: hourMs, start: hourMs }],
    });
    expect(await results.commit('m', stale)).toBe(false);
    expect(await results.commit('m', { ...stale, expected: headAfter(2) })).toBe(false);
    expect(await results.state('m')).toEqual({
      head: headAfter(1),
      incidents: 'one',
      pending: [{ size: hourMs, start: 0 }],
    });
    expect(await results.result('m', window(0))).toEqual(first.result);
    expect((await results.profiles('m', fiveMinutesMs, 0, 1))[0]!.profiles).toEqual([]);
    expect((await results.outbox('m', 10)).map((row) => row.message)).toEqual([message('1')]);
  });

  test('incidents are kept when a commit brings none, and replaced when it does, also by empty text', async () => {
    const { results } = await open();
    await results.commit('m', commitOf(0, window(0), { incidents: 'größe 🙂\n{"a":[]}' }));
    await results.commit('m', commitOf(1, window(0)));
    expect((await results.state('m')).incidents).toBe('größe 🙂\n{"a":[]}');
    await results.commit('m', commitOf(2, window(0), { incidents: '' }));
    expect(await results.state('m')).toEqual({ head: headAfter(3), incidents: '', pending: [] });
  });

  test('detectors are kept when a commit brings none, replaced when it does, and not written by a stale commit', async () => {
    const { results } = await open();
    await results.commit('m', commitOf(0, window(0), { detectors: 'größe 🙂\n{"a":[]}' }));
    await results.commit('m', commitOf(1, window(0), { incidents: 'one' }));
    expect(await results.state('m')).toEqual({
      head: headAfter(2),
      incidents: 'one',
      detectors: 'größe 🙂\n{"a":[]}',
      pending: [],
    });
    expect(await results.commit('m', commitOf(1, window(0), { head: 'stale', detectors: 'stale' }))).toBe(
      false,
    );
    const all = {
      incidents: 'two',
      detectors: '',
      outbox: [message('1')],
      pending: [{ size: hourMs, start: 0 }],
    };
    expect(await results.commit('m', commitOf(2, window(0), all))).toBe(true);
    expect(await results.state('m')).toEqual({
      head: headAfter(3),
      incidents: 'two',
      detectors: '',
      pending: [{ size: hourMs, start: 0 }],
    });
    expect((await results.outbox('m', 10)).map((row) => row.message)).toEqual([message('1')]);
  });

  test('the head changes with every commit of its model and of no other', async () => {
    const { results } = await open();
    const models = ['m', ...oddNames];
    const before = await results.heads(models);
    for (const [i, model] of models.entries()) {
      expect(await results.commit(model, commitOf(0, window(i), { incidents: `of ${i}` }))).toBe(true);
      const now = await results.heads(models);
      expect(now.map((head, j) => head !== before[j])).toEqual(models.map((_, j) => j <= i));
    }
    for (const [i, model] of models.entries()) {
      expect((await results.state(model)).incidents).toBe(`of ${i}`);
      expect((await results.latest(model)).map(({ key }) => key)).toEqual([window(i)]);
    }
  });

  test('the starts of a size are those of its results, each once, ascending', async () => {
    const { results } = await open();
    const keys = [window(hourMs), window(-hourMs), window(hourMs), { size: hourMs, start: 0 }];
    for (const [i, key] of keys.entries()) expect(await results.commit('m', commitOf(i, key))).toBe(true);
    expect(await results.starts('m', fiveMinutesMs)).toEqual([-hourMs, hourMs]);
    expect(await results.starts('m', hourMs)).toEqual([0]);
    expect(await results.starts('other', fiveMinutesMs)).toEqual([]);
  });

  test('of writers that race, each head is followed by one, and no winner is lost', async () => {
    const { results } = await open();
    const write = async (writer: number): Promise<number> => {
      for (let won = 0, tries = 0; ; tries += 1) {
        if (won === 5 || tries > 500) return won;
        const { head, incidents } = await results.state('m');
        const commit = commitOf(0, window(head.length), {
          expected: head,
          head: `${head}${writer}`,
          incidents: `${incidents ?? ''}${writer}`,
          outbox: [message(head)],
        });
        if (await results.commit('m', commit)) won += 1;
      }
    };
    expect(await Promise.all([0, 1, 2, 3].map(write))).toEqual([5, 5, 5, 5]);
    const { head, incidents } = await results.state('m');
    expect([...head].sort().join('')).toBe('00000111112222233333');
    expect(incidents).toBe(head);
    const sent = (await results.outbox('m', 100)).map((row) => row.message.id);
    expect(sent).toEqual(Array.from(head, (_, i) => head.slice(0, i)));
  });

  test('a commit made of what was rolled back since does not match, however many were made then and now', async () => {
    const { results, snapshot } = await open();
    const rollBack = await snapshot();
    await results.commit('m', commitOf(0, window(0), { head: 'lost' }));
    await rollBack();
    await results.commit('m', commitOf(0, window(0), { head: 'kept', incidents: 'kept' }));
    const stale = commitOf(0, window(1), { expected: 'lost', head: 'stale', incidents: 'stale' });
    expect(await results.commit('m', stale)).toBe(false);
    expect(await results.state('m')).toEqual({ head: 'kept', incidents: 'kept', pending: [] });
  });

  test('a commit that is sent again because its answer was lost is true, and writes nothing twice', async () => {
    const { results } = await open();
    const commit = commitOf(0, window(0), { outbox: [message('1')] });
    expect(await results.commit('m', commit)).toBe(true);
    expect(await results.commit('m', commit)).toBe(true);
    expect(await results.outbox('m', 10)).toHaveLength(1);
    expect(await results.commit('m', commitOf(1, window(0)))).toBe(true);
    expect(await results.commit('m', commit)).toBe(false);
  });
}

function pendingLaws(open: OpenEmptyStores): void {
  const dayMs = 24 * hourMs;

  test('pending roll-ups are listed once each, in order of size, then start', async () => {
    const { results } = await open();
    const keys = [
      { size: dayMs, start: -dayMs },
      { size: hourMs, start: 10 * hourMs },
      { size: hourMs, start: 2 * hourMs },
    ];
    await results.commit('m', commitOf(0, window(0), { pending: keys }));
    await results.commit('m', commitOf(1, window(1), { pending: [keys[0]!, { size: dayMs, start: 0 }] }));
    expect((await results.state('m')).pending).toEqual([
      keys[2],
      keys[1],
      keys[0],
      { size: dayMs, start: 0 },
    ]);
  });

  test('a commit takes its own window off the pending ones', async () => {
    const { results } = await open();
    const [hour, day] = [
      { size: hourMs, start: 0 },
      { size: dayMs, start: 0 },
    ];
    await results.commit('m', commitOf(0, window(0), { pending: [hour] }));
    await results.commit('m', commitOf(1, hour, { pending: [day] }));
    expect((await results.state('m')).pending).toEqual([day]);
  });

  test('settle takes a window off the pending ones unless somebody has committed since', async () => {
    const { results } = await open();
    const hour = { size: hourMs, start: 0 };
    expect(await results.settle('m', headAfter(0), hour)).toBe(true);
    await results.commit('m', commitOf(0, window(0), { pending: [hour] }));
    expect(await results.settle('m', headAfter(0), hour)).toBe(false);
    expect((await results.state('m')).pending).toEqual([hour]);
    expect(await results.settle('m', headAfter(1), hour)).toBe(true);
    expect(await results.state('m')).toEqual({ head: headAfter(1), incidents: undefined, pending: [] });
  });
}

function outboxLaws(open: OpenEmptyStores): void {
  test('the outbox keeps the order of commits until messages are sent, and returns them as written', async () => {
    const { results } = await open();
    const messages = [
      message('1', {
        topic: 'alerts',
        value: JSON.stringify(oddNames),
        headers: { __proto__x: 'ü', 'ce-id': '' },
      }),
      message('2', { key: '', value: '' }),
      message('3', { topic: 'dead_letters', headers: {} }),
      message('2'),
    ];
    await results.commit('m', commitOf(0, window(0), { outbox: messages.slice(0, 3) }));
    await results.commit('m', commitOf(1, window(0), { outbox: messages.slice(3) }));
    const rows = await results.outbox('m', 100);
    expect(rows.map((row) => row.message)).toEqual(messages);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(4);
    expect(await results.outbox('m', 2)).toEqual(rows.slice(0, 2));
    await results.sent('m', [rows[0]!, rows[2]!]);
    await results.sent('m', [rows[0]!]);
    await results.sent('m', []);
    expect(await results.outbox('m', 100)).toEqual([rows[1], rows[3]]);
    expect(await results.outbox('other', 100)).toEqual([]);
  });

  test('a message is not taken for sent because another one was, before a roll-back', async () => {
    const { results, snapshot } = await open();
    const rollBack = await snapshot();
    await results.commit('m', commitOf(0, window(0), { outbox: [message('before')] }));
    const [before] = await results.outbox('m', 1);
    await rollBack();
    await results.commit('m', commitOf(0, window(0), { outbox: [message('after')] }));
    await results.sent('m', [before!]);
    expect((await results.outbox('m', 1)).map((row) => row.message.id)).toEqual(['after']);
  });
}
