// `driftline demo`: the main job on three million real flights, with one fault put in, on this machine alone.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { monitored } from '../app/models.ts';
import { pipelineSettings } from '../app/pipeline-settings.ts';
import { replayFiles } from '../app/replay.ts';
import { serveResults } from '../app/serve-results.ts';
import { encodeBaseline } from '../codec/baseline.ts';
import { parseSettings, type Settings } from '../config/settings.ts';
import { Fault } from '../fault.ts';
import { systemClock } from '../io/clock.ts';
import type { EventFile } from '../io/files/event-file.ts';
import { type FlightFiles, fault, writeFlightFiles } from '../io/files/flights.ts';
import { openEvents } from '../io/files/formats.ts';
import { jsonLog } from '../io/log.ts';
import { createNdjsonOutbound } from '../io/ndjson-outbound.ts';
import { createTally } from '../io/tally.ts';
import type { Models } from '../pipeline/model.ts';
import type { ResultStore } from '../ports.ts';
import type { Baseline } from '../profile/baseline.ts';
import { buildBaseline } from './baseline-build.ts';
import type { CliProcess } from './cli-process.ts';
import { createDriftTable } from './drift-table.ts';
import { createIncidentList } from './incident-list.ts';
import { writeJsonLine } from './output.ts';
import { progressLine } from './progress.ts';

interface DemoFlags {
  readonly out: string;
  readonly serve?: number | true;
  readonly json?: boolean;
}

const model = 'flight_delay';

/** `demo`. */
export function demoCommand(cli: CliProcess): Command {
  return new Command('demo')
    .description('watch a model of flight delays over three million real flights, with one fault put in')
    .option('--out <folder>', 'where event files, baseline, results and alerts go', 'driftline-demo')
    .option('--serve [port]', 'then serve /metrics/results until interrupted (default port: 9464)', portOf)
    .option('--json', 'print a summary as the last line, as JSON')
    .addHelpText('after', '\nExamples:\n  driftline demo\n  driftline demo --serve 9464')
    .action((flags: DemoFlags) => demoAction(flags, cli));
}

function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new InvalidArgumentError('It is a port.');
  return port;
}

async function demoAction(flags: DemoFlags, cli: CliProcess): Promise<void> {
  const started = systemClock.elapsed();
  const seconds = () => (systemClock.elapsed() - started) / 1000;
  const say = (text: string) => cli.stderr.write(`${text}\n`);
  const settings = demoSettings();
  say(
    `Model ${model}: predicts the delay of a flight by origin and hour of departure; features distance, origin, destination, hour.`,
  );
  say(
    `Put in: from ${fault.from} to 2001-05-07 the distance arrives in kilometres. Everything else is as it was.`,
  );
  const files = await writeFlightFiles(datasetPath(), flags.out);
  const baseline = await demoBaseline(files, cli);
  const baselinePath = join(flags.out, 'baseline.json');
  await writeFile(baselinePath, encodeBaseline(baseline));
  const policy = { ...settings.drift, columns: new Map() };
  const configured = {
    name: model,
    task: 'regression',
    baseline: baselinePath,
    features: null,
    plain: ['origin', 'destination'],
    distinct: [],
    importance: new Map(),
    labels: 'auto',
    drift: policy,
  } as const;
  const models: Models = new Map([[model, monitored(configured, baseline, settings, undefined)]]);
  const watched = await watch(files, models, settings, flags, cli);
  const took = seconds();
  const peakRssMb = Math.round(cli.peakMemoryBytes() / 1e6);
  cli.stdout.write(`${watched.table.text(10)}\n${watched.incidents.text()}`);
  say(
    `${files.flights.toLocaleString('en-US')} flights and ${watched.labels.toLocaleString('en-US')} labels in ${took.toFixed(1)} s (${Math.round(files.flights / took).toLocaleString('en-US')} flights/s), ${peakRssMb} MB at most.`,
  );
  say(
    `Written: ${[files.reference, files.predictions, files.labels, baselinePath, ...watched.paths].join(', ')}`,
  );
  if (flags.serve !== undefined)
    await serve(
      flags.serve === true ? settings.http.port : flags.serve,
      models,
      watched.results,
      settings,
      cli,
    );
  if (flags.json === true) {
    writeJsonLine(cli, {
      ...{
        events: files.flights,
        labels: watched.labels,
        seconds: took,
        events_per_second: Math.round(files.flights / took),
      },
      ...{ peak_rss_mb: peakRssMb, windows: watched.windows, incidents: watched.incidents.raised() },
      ...{ cleared: watched.incidents.cleared(), by_status: watched.table.windows() },
    });
  }
}

/** Daily windows. The flights of a day arrive in order, so that little disorder need be expected. */
function demoSettings(): Settings {
  const set = {
    'windows.size': '1d',
    'windows.rollups': '[]',
    'windows.out_of_orderness': '1m',
    'windows.revision_horizon': '2d',
    'retention.windows': '30d',
    'retention.results': '30d',
  };
  const flags = Object.entries(set).map(([path, text]) => ({ flag: path, path, text }));
  const parsed = parseSettings({ files: [], env: {}, flags });
  if (!parsed.ok) throw new Fault('BUG', parsed.problems.map(({ message }) => message).join('; '));
  return parsed.settings;
}

function datasetPath(): string {
  try {
    // The package exports its program alone; the data lie beside it.
    return fileURLToPath(new URL('../data/flights-3m.parquet', import.meta.resolve('vega-datasets')));
  } catch (cause) {
    throw new Fault('INPUT_MISSING', 'the flights are not here: npm install vega-datasets', { cause });
  }
}

async function demoBaseline(files: FlightFiles, cli: CliProcess): Promise<Baseline> {
  const reference = await openEvents(files.reference);
  const progress = progressLine(cli, 'events of the baseline');
  const started = systemClock.elapsed();
  try {
    const built = await buildBaseline([reference], {
      model,
      task: 'regression',
      kinds: new Map(),
      provenance: {
        source: files.reference,
        builtAt: new Date(systemClock.now()).toISOString(),
        builtBy: `driftline ${cli.version}`,
      },
      signal: cli.signal,
      progressed: (part, events) =>
        progress.update(events, Math.round(events / Math.max(part, 0.01)), systemClock.elapsed() - started),
    });
    if (built === undefined) throw new Fault('USAGE', 'interrupted');
    return built.baseline;
  } finally {
    progress.end();
    reference.close();
  }
}

async function watch(
  files: FlightFiles,
  models: Models,
  settings: Settings,
  flags: DemoFlags,
  cli: CliProcess,
) {
  const table = createDriftTable();
  const incidents = createIncidentList();
  let windows = 0;
  const outbound = await createNdjsonOutbound(flags.out, ({ topic, value }) => {
    if (topic === 'results') {
      windows += 1;
      table.add(value);
    } else if (topic === 'alerts') incidents.add(value);
  });
  const opened: EventFile[] = [];
  const progress = progressLine(cli, 'events');
  const started = systemClock.elapsed();
  try {
    opened.push(await openEvents(files.predictions), await openEvents(files.labels));
    const [predictions, labels] = opened;
    const replayed = await replayFiles({
      ...{ predictions: [predictions!], labels: [labels!], models, outbound, shards: 1 },
      ...{ settings: pipelineSettings(settings), meter: createTally().meter, signal: cli.signal },
      log: jsonLog({ write: (line) => cli.stderr.write(line) }, 'warn'),
      progressed: (part, events) =>
        progress.update(
          events,
          part > 0 ? Math.round(events / part) : undefined,
          systemClock.elapsed() - started,
        ),
    });
    return {
      table,
      incidents,
      windows,
      labels: replayed.labels,
      results: replayed.stores.results,
      paths: outbound.paths,
    };
  } finally {
    progress.end();
    for (const file of opened) file.close();
    await outbound.close();
  }
}

async function serve(
  port: number,
  models: Models,
  results: ResultStore,
  settings: Settings,
  cli: CliProcess,
): Promise<void> {
  const server = await serveResults({
    host: settings.http.host,
    port,
    models: [...models.keys()],
    results,
    maxSeries: settings.limits.resultSeries,
  });
  cli.stderr.write(`Results at ${server.address}/metrics/results until interrupted.\n`);
  await new Promise<void>((resolve) => cli.signal.addEventListener('abort', () => resolve(), { once: true }));
  await server.close();
}
