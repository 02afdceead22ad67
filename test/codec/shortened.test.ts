import { describe, expect, test } from 'vitest';
import { advance } from '../../src/alert/history.ts';
import { alertSchema } from '../../src/codec/alert-schema.ts';
import { alertEvent } from '../../src/codec/cloud-event.ts';
import { deadLetter, deadLetterSchema } from '../../src/codec/dead-letter.ts';
import { recordsLostEvent } from '../../src/codec/monitor-event.ts';
import { encodeResult, type ResultDocument, resultSchema } from '../../src/codec/result.ts';
import { shortened, shortestBytesMax } from '../../src/codec/shortened.ts';
import { column, columnOfVote, policy, resultsOfVotes, windowResult } from '../alert/sample-results.ts';
import { violations } from './published-schema.ts';

const names = () => undefined;
/** What a name may have at most, of the characters that JSON makes longest. */
const longName = '\u0001'.repeat(256);

/** A value and everything that it is shortened to, one after the other. */
function steps(topic: 'results' | 'alerts' | 'dead_letters', value: string): string[] {
  const all = [value];
  for (;;) {
    const next = shortened(topic, all.at(-1)!);
    if (next === undefined) return all;
    expect(next.length).toBeLessThan(all.at(-1)!.length);
    all.push(next);
  }
}

describe('a result', () => {
  const rows = { baselineRows: 100, windowRows: 400, baselineShare: 0.1, windowShare: 0.4 };
  const moved = [{ kind: 'missing' as const, ...rows, contribution: 0.3 }];
  const wide = {
    ...windowResult(0, [
      ...columnOfVote('a', 'c'),
      ...columnOfVote('b', 's').map((drifted) => ({ ...drifted, moved })),
      ...columnOfVote('c', 'w'),
      column('d', 0.01),
    ]),
    versions: Array.from({ length: 33 }, (_, i) => ({ version: `${longName}${i}`.slice(-256), rows: i })),
  };
  const all = steps('results', encodeResult(wide, { position: 0n, revisions: 3 }, names).document).map(
    (text) => JSON.parse(text) as ResultDocument,
  );

  test('loses what moved first, then the columns that drifted least, in their order, and says how many', () => {
    const columnsOf = ({ columns }: ResultDocument) => columns.map(({ feature_name: name }) => name);
    const shapes = all.map((document) => [columnsOf(document).join(''), document.columns_omitted ?? 0]);
    const wideNames = columnsOf(all[0]!);
    expect(shapes[0]).toEqual([wideNames.join(''), 0]);
    expect(all[1]!.columns.some(({ moved }) => moved !== undefined)).toBe(false);
    expect(columnsOf(all[1]!)).toEqual(wideNames);
    expect(shapes.slice(2)).toEqual([
      ['bc', wideNames.length - 2],
      ['b', wideNames.length - 1],
      ['', wideNames.length],
      ['', wideNames.length],
    ]);
  });

  test('still says what was found, and is what the published schema describes', () => {
    for (const document of all) {
      expect(violations(resultSchema, document)).toEqual([]);
      expect(document).toMatchObject({
        revisions: 3,
        rows: wide.rows,
        drifted_features: wide.driftedColumns,
      });
    }
  });

  test('comes below what every topic must take', () => {
    const bytes = all.map((document) => Buffer.byteLength(JSON.stringify(document)));
    expect(bytes[0]).toBeGreaterThan(shortestBytesMax);
    expect(bytes.at(-1)).toBeLessThan(shortestBytesMax / 4);
  });
});

describe('an alert', () => {
  const { transitions } = resultsOfVotes({ adr: 'www', lead_time: 'www', meal: 'www' }).reduce(
    (step, result) => advance(step.history, result, policy),
    { history: undefined, transitions: [] } as unknown as ReturnType<typeof advance>,
  );
  const { value } = alertEvent(transitions[0]!, { source: 's', policy, nameOf: names });

  test('loses its columns, the last ones first, and keeps their number', () => {
    const all = steps('alerts', value).map((text) => JSON.parse(text));
    const [first] = all;
    expect(all.map(({ data }) => data.columns.length)).toEqual([3, 1, 0]);
    expect(all[1].data.columns).toEqual([first.data.columns[0]]);
    for (const event of all) {
      expect(event).toMatchObject({ id: first.id, data: { columns_total: 3 } });
      expect(violations(alertSchema, event)).toEqual([]);
    }
  });

  test('about the monitor has nothing that may go', () => {
    const loss = { stream: 'labels', topic: 't', shard: 0, from: 0, to: 1 } as const;
    expect(shortened('alerts', recordsLostEvent(loss, 's', 0).value)).toBeUndefined();
  });
});

describe('a dead letter', () => {
  const origin = { stream: 'predictions', topic: 'p', shard: 1, offset: 2 } as const;
  const reject = { kind: 'reject', reason: 'bad_field', path: longName } as const;

  test('loses its payload, and says how long it was', () => {
    const { value } = deadLetter(origin, reject, Buffer.alloc(100_000), 'raw');
    const [, bare, ...more] = steps('dead_letters', value);
    expect(more).toEqual([]);
    expect(JSON.parse(bare!)).toMatchObject({ offset: 2, payload_bytes: 100_000, payload_truncated: true });
    expect(violations(deadLetterSchema, JSON.parse(bare!))).toEqual([]);
    expect(Buffer.byteLength(bare!)).toBeLessThan(shortestBytesMax / 4);
  });
});
