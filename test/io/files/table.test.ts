import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodePrediction } from '../../../src/codec/event.ts';
import { Fault } from '../../../src/fault.ts';
import type { EventPayload } from '../../../src/io/files/event-file.ts';
import { type EventFileOptions, openEvents } from '../../../src/io/files/formats.ts';

const folder = mkdtempSync(join(tmpdir(), 'driftline-table-'));
const limits = { eventBytes: 1 << 20, featuresPerEvent: 1000, nameLength: 256 };
const path = (name: string) => join(folder, name);

const rows = 5000;
const start = Date.UTC(2024, 0, 1);

beforeAll(async () => {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  await connection.run(`CREATE TABLE events AS SELECT
      9007199254740993 + i AS prediction_id,
      TIMESTAMP '2024-01-01' + to_milliseconds(i) AS "timestamp",
      'churn' AS model,
      2 AS model_version,
      CASE WHEN i % 2 = 0 THEN 'yes' ELSE 'no' END AS prediction,
      i / 10000 AS score,
      i AS amount,
      CASE WHEN i % 10 = 3 THEN NULL ELSE (i / 4)::DECIMAL(10, 2) END AS price,
      i % 3 = 0 AS loyal,
      CASE WHEN i % 7 = 0 THEN NULL ELSE 'c' || i % 5 END AS "class ""x"",y",
      i % 5 = 1 AS label
    FROM range(${rows}) t(i)`);
  for (const name of ['events.parquet', 'events.csv', 'events.csv.gz']) {
    await connection.run(`COPY (SELECT * FROM events ORDER BY prediction_id) TO '${path(name)}'`);
  }
  await connection.run(`COPY (SELECT
      DATE '2024-01-01' + i::INTEGER AS day, (i + 0.5)::FLOAT AS id, TIMESTAMPTZ '2024-01-01 02:00:00+02' AS zoned,
      'infinity'::TIMESTAMP AS forever, [1, 2] AS list, {'a': 1} AS structure, 'x'::BLOB AS bytes,
      'NaN'::DOUBLE AS nan, i::HUGEINT AS huge, 1 AS "__proto__", 2 AS constructor, 'small'::ENUM('small', 'big') AS size
    FROM range(3) t(i)) TO '${path('types.parquet')}'`);
  connection.closeSync();
  instance.closeSync();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function read(name: string, options?: EventFileOptions): Promise<EventPayload[]> {
  const file = await openEvents(path(name), options);
  try {
    const payloads: EventPayload[] = [];
    for await (const batch of file.batches()) payloads.push(...batch);
    expect(file.progress()).toBe(1);
    return payloads;
  } finally {
    file.close();
  }
}

function csv(name: string, content: string): string {
  writeFileSync(path(name), content);
  return name;
}

async function faultOf(work: Promise<unknown>): Promise<Fault> {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(outcome instanceof Fault)) throw new Error(`no Fault but ${outcome}`);
  return outcome;
}

describe('a table of events', () => {
  test.each(['events.parquet', 'events.csv', 'events.csv.gz'])(
    '%s is read row by row in its order',
    async (name) => {
      const payloads = await read(name);
      expect(payloads).toHaveLength(rows);
      const event = decodePrediction(payloads[4003]!, limits);
      expect(event).toEqual({
        kind: 'prediction',
        // Beyond 2^53: exact, because ids are read as text.
        predictionId: '9007199254744996',
        model: 'churn',
        modelVersion: '2',
        timestamp: start + 4003,
        features: { amount: 4003, price: null, loyal: false, 'class "x",y': 'c3' },
        prediction: 'no',
        score: 0.4003,
        scores: undefined,
        label: false,
      });
      payloads.forEach((payload, i) => {
        const decoded = decodePrediction(payload, limits);
        if (decoded.kind === 'reject') throw new Error(decoded.reason);
        expect(decoded.timestamp).toBe(start + i);
        expect(decoded.features).toEqual({
          amount: i,
          price: i % 10 === 3 ? null : Math.round(i * 25) / 100,
          loyal: i % 3 === 0,
          'class "x",y': i % 7 === 0 ? null : `c${i % 5}`,
        });
      });
    },
  );

  test('carries its labels beside its predictions', async () => {
    const [first, second] = (await read('events.parquet')) as { label: unknown }[];
    expect([first?.label, second?.label]).toEqual([false, true]);
  });

  test('maps its columns, takes constants for what it lacks, and numbers rows without an id', async () => {
    const payloads = await read('events.parquet', {
      columns: { fields: { timestamp: 'timestamp', prediction: 'loyal' }, features: ['price', 'score'] },
      defaults: { model: 'constant' },
    });
    expect(decodePrediction(payloads[0]!, limits)).toMatchObject({
      model: 'churn',
      prediction: true,
      features: { price: 0, score: 0 },
    });
    const flights = await read(csv('plain.csv', 'when,x\n2024-01-01,1\n2024-01-02,2\n'), {
      columns: { fields: { timestamp: 'when' } },
      defaults: { model: 'flights' },
    });
    expect(flights).toEqual([
      { prediction_id: '1', model: 'flights', timestamp: start, features: { x: 1 } },
      { prediction_id: '2', model: 'flights', timestamp: start + 86_400_000, features: { x: 2 } },
    ]);
  });

  test('may do without a time where the caller gives one, and says so', async () => {
    const file = await openEvents(path(csv('untimed.csv', 'a\n1\n')), {
      defaults: { model: 'm', timestamp: 0 },
    });
    expect(file.hasTime).toBe(false);
    file.close();
    const timed = await openEvents(path('events.csv'));
    expect(timed.hasTime).toBe(true);
    timed.close();
  });

  test('of every Parquet type gives numbers, texts, booleans and milliseconds, and says what it skips', async () => {
    const file = await openEvents(path('types.parquet'), {
      columns: { fields: { timestamp: 'day', prediction_id: 'id' } },
      defaults: { model: 'm' },
    });
    expect(file.skipped).toEqual(['list', 'structure', 'bytes']);
    const payloads: EventPayload[] = [];
    for await (const batch of file.batches()) payloads.push(...batch);
    file.close();
    const event = decodePrediction(payloads[1]!, limits);
    if (event.kind === 'reject') throw new Error(event.reason);
    expect([event.predictionId, event.timestamp]).toEqual(['1.5', start + 86_400_000]);
    expect(Object.entries(event.features)).toEqual([
      ['zoned', start],
      ['forever', null],
      ['nan', NaN],
      ['huge', 1],
      ['__proto__', 1],
      ['constructor', 2],
      ['size', 'small'],
    ]);
    expect(Object.getPrototypeOf(event.features)).toBe(Object.prototype);
  });
});

describe('a CSV file', () => {
  test('keeps text that its first rows did not announce', async () => {
    const lines = Array.from(
      { length: 30_000 },
      (_, i) => `${i},2024-01-01T00:00:00Z,${i / 2},${i % 2 === 0}`,
    );
    const name = csv(
      'surprise.csv',
      `prediction_id,timestamp,x,flag\n${lines.join('\n')}\nlast,never,UNK,perhaps\n`,
    );
    const payloads = await read(name, { defaults: { model: 'm' } });
    expect(payloads.slice(-2)).toEqual([
      { prediction_id: '29999', model: 'm', timestamp: start, features: { x: 14999.5, flag: false } },
      { prediction_id: 'last', model: 'm', timestamp: 'never', features: { x: 'UNK', flag: 'perhaps' } },
    ]);
    expect(decodePrediction(payloads.at(-1)!, limits)).toMatchObject({ reason: 'bad_timestamp' });
  });

  test('gives its malformed lines out last, as bytes that no decoder takes', async () => {
    const good = Array.from({ length: 100 }, (_, i) => `${i},0,1`).join('\n');
    const name = csv('malformed.csv', `prediction_id,timestamp,x\n${good}\nshort\n1,2,3,4,5\n100,0,1\n`);
    const payloads = await read(name, { defaults: { model: 'm' } });
    expect(payloads).toHaveLength(103);
    const outcomes = payloads.map((payload) => decodePrediction(payload, limits));
    expect(outcomes.filter(({ kind }) => kind === 'prediction')).toHaveLength(101);
    expect(outcomes.slice(-2)).toEqual([
      { kind: 'reject', reason: 'undecodable' },
      { kind: 'reject', reason: 'undecodable' },
    ]);
    expect(payloads.slice(-2).map(String)).toEqual(['short', '1,2,3,4,5']);
    expect(await read(name, { defaults: { model: 'm' } })).toEqual(payloads);
  });

  test('counts malformed lines anew in every pass', async () => {
    const file = await openEvents(path(csv('twice.csv', 'timestamp,x\n0,1\n0,1\n0,1\nbad\n')), {
      defaults: { model: 'm' },
    });
    for (let pass = 0; pass < 2; pass++) {
      const payloads: EventPayload[] = [];
      for await (const batch of file.batches()) payloads.push(...batch);
      expect(payloads).toHaveLength(4);
    }
    file.close();
  });

  test('may quote fields, leave them empty, and write its dates as people do', async () => {
    const content =
      'timestamp,city,x\n31/12/2023 23:00:00,"Porto, PT",1\n01/01/2024 00:00:00,"said ""hi""",\n';
    expect(await read(csv('quoted.csv', content), { defaults: { model: 'm' } })).toEqual([
      { prediction_id: '1', model: 'm', timestamp: start - 3_600_000, features: { city: 'Porto, PT', x: 1 } },
      { prediction_id: '2', model: 'm', timestamp: start, features: { city: 'said "hi"', x: null } },
    ]);
  });

  test('may hold epoch milliseconds', async () => {
    expect(await read(csv('epoch.csv', `timestamp,x\n${start},1\n`), { defaults: { model: 'm' } })).toEqual([
      { prediction_id: '1', model: 'm', timestamp: start, features: { x: 1 } },
    ]);
  });
});

describe('a column that is not there', () => {
  test('is INPUT_UNSUPPORTED with the columns that are', async () => {
    const options: EventFileOptions[] = [
      { columns: { fields: { score: 'probability' } } },
      { columns: { features: ['probability'] } },
    ];
    for (const option of options) {
      const fault = await faultOf(openEvents(path('events.parquet'), option));
      expect(fault.code).toBe('INPUT_UNSUPPORTED');
      expect(fault.message).toContain('"probability"');
      expect(fault.message).toContain('prediction_id, timestamp, model');
    }
  });

  test('is INPUT_UNSUPPORTED for the timestamp and the model, unless a default stands in', async () => {
    const name = csv('bare.csv', 'x\n1\n');
    expect((await faultOf(openEvents(path(name)))).message).toContain('"timestamp"');
    expect((await faultOf(openEvents(path(name), { defaults: { timestamp: 0 } }))).message).toContain(
      '"model"',
    );
  });
});

test('a file name or a column name is never SQL', async () => {
  const name = csv(`it's; DROP TABLE x --.csv`, `timestamp,"a""; SELECT 1 --"\n0,1\n`);
  expect(await read(name, { defaults: { model: 'm' } })).toEqual([
    { prediction_id: '1', model: 'm', timestamp: 0, features: { 'a"; SELECT 1 --': 1 } },
  ]);
});
