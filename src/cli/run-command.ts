// `driftline run`: watches the models of a configuration until it is told to stop.
import { Command } from 'commander';
import { readCredentials } from '../app/credentials.ts';
import { runLive } from '../app/live.ts';
import { parseTimestamp } from '../codec/timestamp.ts';
import { Fault } from '../fault.ts';
import { jsonLog } from '../io/log.ts';
import type { CliProcess } from './cli-process.ts';
import { loadSettings, type SettingsOptions, withSettingsOptions } from './settings-option.ts';

/** `run`: one worker; start as many as there are shards, and the group shares the work. */
export function runCommand(cli: CliProcess): Command {
  return withSettingsOptions(new Command('run'))
    .description(
      'watch the configured models: read events from Kafka, keep state in Redis, publish results and alerts',
    )
    .option(
      '--rebuild-from <time>',
      'where Redis has lost the state of a shard, count its windows again that start at this time (ISO-8601) or later, or `beginning`: all that Kafka still holds',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  driftline run -c driftline.yaml\n  driftline run -c driftline.yaml --rebuild-from 2026-03-02T00:00:00Z',
    )
    .action(async (options: SettingsOptions & { readonly rebuildFrom?: string }) => {
      const rebuildFrom = timeOf(options.rebuildFrom);
      const settings = await loadSettings(options, cli);
      const credentials = await readCredentials(settings);
      const log = jsonLog(cli.stdout, settings.log.level);
      log.info(
        { version: cli.version, group: settings.group, models: settings.models.map(({ name }) => name) },
        'starting',
      );
      await runLive({ settings, credentials, log, version: cli.version, rebuildFrom, signal: cli.signal });
      log.info({}, 'stopped');
    });
}

/** Epoch milliseconds; -Infinity for `beginning`. Throws USAGE. */
function timeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (text === 'beginning') return -Infinity;
  const time = parseTimestamp(text);
  if (!Number.isNaN(time)) return time;
  throw new Fault(
    'USAGE',
    `--rebuild-from ${text}: expected a time such as 2026-03-02T00:00:00Z, or beginning`,
  );
}
