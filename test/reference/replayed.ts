// One reference data set through the whole pipeline: its baseline built, its predictions replayed, its results read back.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { monitored } from '../../src/app/models.ts';
import { pipelineSettings } from '../../src/app/pipeline-settings.ts';
import { replayFiles } from '../../src/app/replay.ts';
import { buildBaseline } from '../../src/cli/baseline-build.ts';
import { parseReferenceSchema } from '../../src/codec/reference-schema.ts';
import { decodeResult, type ResultDocument } from '../../src/codec/result.ts';
import { parseSettings, type Settings } from '../../src/config/settings.ts';
import type { EventFile, EventPayload } from '../../src/io/files/event-file.ts';
import { openEvents } from '../../src/io/files/formats.ts';
import { createNdjsonOutbound } from '../../src/io/ndjson-outbound.ts';
import { createTally } from '../../src/io/tally.ts';
import type { Models } from '../../src/pipeline/model.ts';
import type { Baseline } from '../../src/profile/baseline.ts';
import { referenceFile } from '../reference-file.ts';

export interface Replayed {
  readonly baselines: ReadonlyMap<string, Baseline>;
  /** The last revision of every window, in order of model and start. */
  readonly results: readonly ResultDocument[];
}

const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
const never = new AbortController().signal;

/** Daily or longer windows of the data set's own length, over as many shards as asked. */
export function referenceSettings(windowMs: number): Settings {
  const flags = Object.entries({
    'windows.size': `${windowMs / 60_000}m`,
    'windows.rollups': '[]',
    'labels.horizon': '365d',
    'retention.windows': '400d',
    'retention.results': '400d',
  }).map(([path, text]) => ({ flag: path, path, text }));
  const parsed = parseSettings({ files: [], env: {}, flags });
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('; '));
  return parsed.settings;
}

/** Builds the baseline of one model of a data set from its reference rows. */
export async function referenceBaseline(dataSet: string, model: string): Promise<Baseline> {
  const schemaPath = referenceFile(dataSet, 'schema.json');
  const schema = parseReferenceSchema(readFileSync(schemaPath, 'utf8'), schemaPath);
  const path = referenceFile(dataSet, 'baseline.ndjson.gz');
  const file = await openEvents(path);
  try {
    const built = await buildBaseline([file], {
      ...{ model, kinds: schema.features, features: [...schema.features.keys()], signal: never },
      ...(schema.task === undefined ? {} : { task: schema.task }),
      provenance: { source: path, builtAt: '1970-01-01T00:00:00.000Z', builtBy: 'reference' },
      progressed: () => undefined,
    });
    return built!.baseline;
  } finally {
    file.close();
  }
}

/**
 * Replays a data set over `shards` shards; every category name is plain. Labels that are older than `labelAgeMs` when they come
 * are left out.
 */
export async function replayed(dataSet: string, shards: number, labelAgeMs = Infinity): Promise<Replayed> {
  const schema = JSON.parse(readFileSync(referenceFile(dataSet, 'schema.json'), 'utf8')) as {
    readonly models: readonly string[];
    readonly window_ms: number;
    readonly features: Readonly<Record<string, string>>;
  };
  const settings = referenceSettings(schema.window_ms);
  const baselines = new Map<string, Baseline>();
  for (const model of schema.models) baselines.set(model, await referenceBaseline(dataSet, model));
  const models: Models = new Map(
    [...baselines].map(([name, baseline]) => {
      const plain = [...Object.keys(schema.features), '@prediction'];
      const drift = { ...settings.drift, columns: new Map() };
      const numeric = baseline.schema.columns.filter(({ kind }) => kind === 'numeric');
      const configured = {
        ...{ name, plain, drift, features: null, distinct: numeric.map((column) => column.name) },
        importance: new Map(),
        task: baseline.schema.task,
        baseline: null,
        labels: 'auto' as const,
      };
      return [name, monitored(configured, baseline, settings, undefined)];
    }),
  );
  const latest = new Map<string, ResultDocument>();
  const outbound = await createNdjsonOutbound(undefined, ({ topic, value }) => {
    if (topic !== 'results') return;
    const document = decodeResult(value);
    latest.set(`${document.model} ${document.window_start_time}`, document);
  });
  const predictions = [await openEvents(referenceFile(dataSet, 'predictions.ndjson.gz'))];
  const labels = [
    withinAge(dataSet, await openEvents(referenceFile(dataSet, 'labels.ndjson.gz')), labelAgeMs),
  ];
  try {
    await replayFiles({
      ...{ predictions, labels, models, shards, outbound, signal: never },
      ...{ settings: pipelineSettings(settings), meter: createTally().meter, log: silent },
      progressed: () => undefined,
    });
  } finally {
    for (const file of [...predictions, ...labels]) file.close();
  }
  return { baselines, results: [...latest.values()] };
}

/** A file of labels without those that came later than so long after their prediction. */
function withinAge(dataSet: string, file: EventFile, ageMs: number): EventFile {
  if (ageMs === Infinity) return file;
  const path = referenceFile(dataSet, 'predictions.ndjson.gz');
  const predicted = new Map(
    linesOf(gunzipSync(readFileSync(path))).map((row) => [row.prediction_id, Date.parse(row.timestamp)]),
  );
  const isWithin = (payload: EventPayload): boolean => {
    const [{ prediction_id: id, timestamp }] = linesOf(payload as Uint8Array) as [TimedRow];
    return Date.parse(timestamp) - (predicted.get(id) ?? Number.NaN) <= ageMs;
  };
  return {
    ...file,
    async *batches() {
      for await (const payloads of file.batches()) yield payloads.filter(isWithin);
    },
  };
}

interface TimedRow {
  readonly prediction_id: string;
  readonly timestamp: string;
}

function linesOf(bytes: Uint8Array): TimedRow[] {
  const lines = Buffer.from(bytes).toString().split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as TimedRow);
}
