// `driftline alerts`: see what the alerts topic holds, try the webhook, and forward alerts to it.
import { Command, InvalidArgumentError } from 'commander';
import { runForward, tailAlerts, testWebhook } from '../app/forward.ts';
import { quiet } from '../app/quiet-log.ts';
import type { AlertEvent } from '../codec/alert-schema.ts';
import { jsonLog } from '../io/log.ts';
import type { CliProcess } from './cli-process.ts';
import { exitCodes } from './exit-code.ts';
import { printable } from './printable.ts';
import { loadSettings, type SettingsOptions, withSettingsOptions } from './settings-option.ts';

interface TailFlags extends SettingsOptions {
  readonly fromBeginning?: boolean;
  readonly limit?: number;
  readonly json?: boolean;
}

/** `alerts tail|test|forward`. */
export function alertsCommand(cli: CliProcess): Command {
  return new Command('alerts')
    .description('see alerts, try the webhook, and forward alerts to it')
    .addCommand(tailCommand(cli))
    .addCommand(testCommand(cli))
    .addCommand(forwardCommand(cli));
}

function tailCommand(cli: CliProcess): Command {
  return withSettingsOptions(new Command('tail'))
    .description('print alerts as they come, one line each')
    .option('--from-beginning', 'begin with the oldest one that the topic holds')
    .option('--limit <count>', 'end after so many', positive)
    .option('--json', 'print the events as they are, one JSON document a line')
    .action(async (flags: TailFlags) => {
      const settings = await loadSettings(flags, cli);
      let left = flags.limit ?? Infinity;
      const from = flags.fromBeginning === true ? 'beginning' : 'end';
      await tailAlerts(settings, quiet, from, cli.signal, (value) => {
        cli.stdout.write(`${flags.json === true ? value : alertLine(value)}\n`);
        left -= 1;
        return left > 0;
      });
    });
}

function testCommand(cli: CliProcess): Command {
  return withSettingsOptions(new Command('test'))
    .description('send the webhook one event of the type io.driftline.test.v1, and say what it answers')
    .action(async (flags: SettingsOptions) => {
      const settings = await loadSettings(flags, cli);
      const { kind, reason } = await testWebhook(settings, cli.version);
      cli.stdout.write(`${kind}: ${reason}\n`);
      if (kind !== 'accepted') cli.setExitCode(exitCodes.failed);
    });
}

function forwardCommand(cli: CliProcess): Command {
  return withSettingsOptions(new Command('forward'))
    .description('send alerts to the webhook of `forward.url`, each once, until told to stop')
    .option(
      '--group <name>',
      'consumer group (default: the monitor’s own with -forward); a new one begins at the oldest alert',
    )
    .addHelpText(
      'after',
      '\nWebhooks follow the Standard Webhooks specification. What was delivered is remembered in Redis, so that a topic that is\n' +
        'read again starts nothing twice.\n\nExamples:\n  driftline alerts forward -c driftline.yaml --set forward.url=https://jobs.example/hook',
    )
    .action(async (flags: SettingsOptions & { readonly group?: string }) => {
      const settings = await loadSettings(flags, cli);
      const log = jsonLog(cli.stdout, settings.log.level);
      await runForward({ settings, version: cli.version, log, signal: cli.signal, group: flags.group });
    });
}

function positive(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('It is a number from 1.');
  return count;
}

/** Time, what, which model, and why or which columns; a stranger's value is shown as it is. */
export function alertLine(value: string): string {
  let event: Partial<AlertEvent>;
  try {
    event = JSON.parse(value);
  } catch {
    return printable(value);
  }
  const { time = '', type = '', subject = '', silenced, data } = event ?? {};
  const { triggers = [], gates = [] } = data?.retrain ?? {};
  const columns = (data?.columns ?? []).map(({ feature_name }) => feature_name);
  const shown = columns.slice(0, 5).join(', ');
  const total = data?.columns_total ?? columns.length;
  const words = [
    ...[time, type.replace(/^io\.driftline\.|\.v1$/g, ''), subject],
    ...(triggers.length === 0 ? [] : [`for ${triggers.join(', ')}`]),
    ...(gates.length === 0 ? [] : [`kept back by ${gates.join(', ')}`]),
    ...(columns.length === 0 ? [] : [total > 5 ? `${shown} and ${total - 5} more` : shown]),
    ...(silenced === true ? ['(silenced)'] : []),
  ];
  return printable(words.join('  '));
}
