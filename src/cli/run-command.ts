// `driftline run`: watches the models of a configuration until it is told to stop.
import { Command } from 'commander';
import { readCredentials } from '../app/credentials.ts';
import { runLive } from '../app/live.ts';
import { jsonLog } from '../io/log.ts';
import type { CliProcess } from './cli-process.ts';
import { loadSettings, type SettingsOptions, withSettingsOptions } from './settings-option.ts';

/** `run`: one worker; start as many as there are shards, and the group shares the work. */
export function runCommand(cli: CliProcess): Command {
  return withSettingsOptions(new Command('run'))
    .description(
      'watch the configured models: read events from Kafka, keep state in Redis, publish results and alerts',
    )
    .addHelpText('after', '\nExample:\n  driftline run -c driftline.yaml')
    .action(async (options: SettingsOptions) => {
      const settings = await loadSettings(options, cli);
      const credentials = await readCredentials(settings);
      const log = jsonLog(cli.stdout, settings.log.level);
      log.info(
        { version: cli.version, group: settings.group, models: settings.models.map(({ name }) => name) },
        'starting',
      );
      await runLive({ settings, credentials, log, version: cli.version, signal: cli.signal });
      log.info({}, 'stopped');
    });
}
