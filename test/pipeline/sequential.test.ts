import { describe, expect, test } from 'vitest';
import { monitored } from '../../src/app/models.ts';
import { pipelineSettings } from '../../src/app/pipeline-settings.ts';
import { replayFiles } from '../../src/app/replay.ts';
import { decodeResult, type ResultDocument } from '../../src/codec/result.ts';
import { parseSettings, type Settings } from '../../src/config/settings.ts';
import type { EventFile, EventPayload } from '../../src/io/files/event-file.ts';
import { createNdjsonOutbound } from '../../src/io/ndjson-outbound.ts';
import { createTally } from '../../src/io/tally.ts';
import { baselineOf, rows } from '../drift/build.ts';
import { normal, uniform } from '../drift/random.ts';

const windowMs = 300_000;
const rowsPerWindow = 3000;
const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

function settingsWith(values: Readonly<Record<string, string>>): Settings {
  const flags = Object.entries(values).map(([path, text]) => ({ flag: path, path, text }));
  const parsed = parseSettings({ files: [], env: {}, flags });
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('; '));
  return parsed.settings;
}

const random = uniform(11);
const baseline = baselineOf(
  rows(50_000, () => ({ x: normal(random), '@prediction': random() < 0.3 ? '1' : '0', '@score': random() })),
  [
    ['x', 'numeric'],
    ['@prediction', 'categorical'],
    ['@score', 'numeric'],
  ],
);

/** Window by window; `shifts` are how far `x` has moved in each. */
function events(shifts: readonly number[]): object[] {
  const draw = uniform(12);
  return shifts.flatMap((shift, window) =>
    Array.from({ length: rowsPerWindow }, (_, row) => ({
      prediction_id: `${window}-${row}`,
      model: 'model',
      model_version: '1',
      timestamp: window * windowMs + Math.floor((row * windowMs) / rowsPerWindow),
      features: { x: shift + normal(draw) },
      prediction: draw() < 0.3 ? '1' : '0',
      score: draw(),
    })),
  );
}

function fileOf(payloads: readonly EventPayload[]): EventFile {
  return {
    format: 'ndjson',
    skipped: [],
    hasTime: true,
    async *batches() {
      for (let at = 0; at < payloads.length; at += 500) yield payloads.slice(at, at + 500);
    },
    progress: () => 1,
    close: () => undefined,
  };
}

async function replayed(payloads: readonly EventPayload[], values: Readonly<Record<string, string>>) {
  const settings = settingsWith({ 'windows.rollups': '["1h"]', 'checkpoint.events': '1500', ...values });
  const drift = { ...settings.drift, columns: new Map() };
  const configured = {
    name: 'model',
    task: 'binary',
    baseline: null,
    features: null,
    plain: [],
    distinct: [],
    importance: new Map(),
    labels: 'auto',
    drift,
  } as const;
  const documents: ResultDocument[] = [];
  const alerts: { type: string; data: { columns: readonly object[]; window: { start: string } } }[] = [];
  const outbound = await createNdjsonOutbound(undefined, ({ topic, value }) => {
    if (topic === 'results') documents.push(decodeResult(value));
    if (topic === 'alerts') alerts.push(JSON.parse(value));
  });
  const { stores } = await replayFiles({
    predictions: [fileOf(payloads)],
    labels: [],
    models: new Map([['model', monitored(configured, baseline, settings, undefined)]]),
    settings: pipelineSettings(settings),
    shards: 2,
    outbound,
    meter: createTally().meter,
    log: silent,
    signal: new AbortController().signal,
    progressed: () => undefined,
  });
  return { documents, alerts, state: await stores.results.state('model') };
}

function evidenceOf(documents: readonly ResultDocument[], window: number, revisions = 0) {
  const start = new Date(window * windowMs).toISOString();
  return documents
    .find(
      (document) =>
        document.window_start_time === start &&
        document.window_seconds === 300 &&
        document.revisions === revisions,
    )
    ?.columns.find(({ feature_name: name }) => name === 'x')?.sequential;
}

const enabled = { 'drift.sequential.enabled': 'true' };
const shifts = [...Array<number>(6).fill(0), ...Array<number>(6).fill(0.25)];

describe('the sequential detector in the pipeline', () => {
  test('is an alarm within 3 windows of a shift that no window alone raises, and raises an incident', async () => {
    const { documents, alerts, state } = await replayed(events(shifts), enabled);
    const alarms = shifts.map((_, window) => evidenceOf(documents, window)!.alarm);
    expect(alarms.slice(0, 6)).toEqual(Array(6).fill(false));
    expect(alarms.slice(6, 9)).toContain(true);
    expect(documents.filter(({ drifted_features: drifted }) => drifted > 0)).toEqual([]);
    expect(alerts.map(({ type }) => type)).toEqual(['io.driftline.drift.raised.v1']);
    expect(alerts[0]!.data.columns).toEqual([
      expect.objectContaining({ feature_name: 'x', sequential_alarm: true }),
    ]);
    expect(state.detectors).toContain('driftline.detectors/1');
  });

  test('says nothing, stores nothing and raises nothing where it is off, and in roll-ups', async () => {
    const off = await replayed(events(shifts), {});
    expect(
      off.documents.flatMap(({ columns }) => columns).filter((column) => 'sequential' in column),
    ).toEqual([]);
    expect(off.alerts).toEqual([]);
    expect(off.state.detectors).toBeUndefined();
    const on = await replayed(events(shifts), enabled);
    const hours = on.documents.filter(({ window_seconds: seconds }) => seconds === 3600);
    expect(hours.length).toBeGreaterThan(0);
    expect(hours.flatMap(({ columns }) => columns).filter((column) => 'sequential' in column)).toEqual([]);
  });

  test('lets a revised older window keep its evidence, and takes the newest one anew', async () => {
    const stream = events(shifts.slice(0, 9));
    const late = (window: number, id: string) => ({
      ...(stream[window * rowsPerWindow] as object),
      prediction_id: id,
    });
    // Two of an older window, then one of the newest that has been published, and the watermark moves on.
    const disturbed = [
      ...stream.slice(0, 25_500),
      late(6, 'late-1'),
      late(7, 'late-2'),
      ...stream.slice(25_500),
    ];
    const immediately = { ...enabled, 'windows.revise_every': '0s' };
    const { documents, state } = await replayed(disturbed, immediately);
    expect(evidenceOf(documents, 6, 1)).toEqual(evidenceOf(documents, 6, 0));
    expect(evidenceOf(documents, 7, 1)!.log_e).not.toBe(evidenceOf(documents, 7, 0)!.log_e);
    const ordered = [...stream.slice(0, 24_000), late(7, 'late-2'), ...stream.slice(24_000)];
    const inOrder = await replayed(ordered, immediately);
    expect(evidenceOf(documents, 8)).toEqual(evidenceOf(inOrder.documents, 8));
    expect(state.detectors).toBe(inOrder.state.detectors);
  });
});
