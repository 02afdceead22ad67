// `driftline config`: checks the configuration, prints what holds and where it came from, and prints its schema.
import { access, constants } from 'node:fs/promises';
import { Command } from 'commander';
import { effectiveYaml, redacted } from '../config/effective.ts';
import { type Problem, problemAt, problemText } from '../config/problem.ts';
import { referencedFiles } from '../config/referenced-files.ts';
import { settingsSchema } from '../config/schema-node.ts';
import type { ParsedSettings } from '../config/settings.ts';
import { originText, plainValue } from '../config/source-tree.ts';
import type { CliProcess } from './cli-process.ts';
import { exitCodes } from './exit-code.ts';
import { faultLine } from './fault-report.ts';
import { writeJson } from './output.ts';
import { printable } from './printable.ts';
import {
  loadParsed,
  loadSound,
  type SettingsOptions,
  withSetOption,
  withSettingsOptions,
} from './settings-option.ts';

type SoundSettings = Extract<ParsedSettings, { ok: true }>;

/** `config check`, `config print` and `config schema`. */
export function configCommand(cli: CliProcess): Command {
  return new Command('config')
    .description('check, print and document the configuration')
    .addCommand(checkCommand(cli))
    .addCommand(printCommand(cli))
    .addCommand(schemaCommand(cli));
}

function checkCommand(cli: CliProcess): Command {
  return withSetOption(new Command('check'))
    .description('find everything that is wrong with a configuration; exits with 2 when something is')
    .argument('[files...]', 'configuration files, later ones win (default: driftline.yaml)')
    .option('--json', 'print the findings as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  driftline config check driftline.yaml\n  driftline config check base.yaml production.yaml --json',
    )
    .action(async (files: string[], options: SettingsOptions & { json?: boolean }) => {
      const sources = files.length === 0 ? options : { ...options, config: files };
      const parsed = await loadParsed(sources, cli);
      const problems = parsed.ok ? await missingFiles(parsed) : parsed.problems;
      const models = parsed.ok ? parsed.settings.models.map((model) => model.name) : [];
      if (options.json === true) writeJson(cli, { ok: problems.length === 0, problems, models });
      else if (problems.length > 0)
        cli.stderr.write(problems.map((problem) => `${printable(problemText(problem))}\n`).join(''));
      else cli.stdout.write(`ok: ${models.length} ${models.length === 1 ? 'model' : 'models'}\n`);
      if (problems.length === 0) return;
      const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
      cli.stderr.write(faultLine('CONFIG_INVALID', `the configuration has ${count}`));
      cli.setExitCode(exitCodes.usage);
    });
}

async function missingFiles(parsed: SoundSettings): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const { path, file } of referencedFiles(parsed.settings)) {
    try {
      await access(file, constants.R_OK);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const origin = parsed.origins.get(path) ?? { kind: 'default' as const };
      problems.push({ ...problemAt(origin, [], `${file} cannot be read (${code})`), path });
    }
  }
  return problems;
}

function printCommand(cli: CliProcess): Command {
  return withSettingsOptions(new Command('print'))
    .description('print every setting as it holds, defaults included; secrets are never shown')
    .option('--origin', 'say where each value came from')
    .option('--json', 'print JSON; with --origin a list of {path, origin}')
    .addHelpText(
      'after',
      '\nExamples:\n  driftline config print --origin\n  driftline config print -c driftline.yaml --set windows.size=1m',
    )
    .action(async (options: SettingsOptions & { origin?: boolean; json?: boolean }) => {
      const parsed = await loadSound(options, cli);
      const isOriginShown = options.origin === true;
      if (options.json !== true) cli.stdout.write(effectiveYaml(parsed.effective, isOriginShown));
      else if (isOriginShown) writeJson(cli, originList(parsed));
      else writeJson(cli, plainValue(redacted(parsed.effective)));
    });
}

function originList(parsed: SoundSettings) {
  return [...parsed.origins].map(([path, origin]) => ({ path, origin: originText(origin) }));
}

function schemaCommand(cli: CliProcess): Command {
  return new Command('schema')
    .description('print the JSON Schema (draft 7) of a configuration file')
    .addHelpText('after', '\nExample:\n  driftline config schema > driftline.schema.json')
    .action(() => writeJson(cli, settingsSchema));
}
